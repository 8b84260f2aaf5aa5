"""The headline of the report, and the figures beside it."""

from dataclasses import dataclass
from typing import Any

from project_echo.core.labels import NONE
from project_echo.core.text import count
from project_echo.report.accuracies import headline_accuracy, study_accuracy
from project_echo.report.phrases import number, number_range, share, share_range


@dataclass(frozen=True)
class Headline:
    """A figure that stands by itself."""

    title: str
    value: str
    note: str


def headline(crossval: dict[str, Any]) -> Headline:
    """The one sentence that the study comes down to, with its interval.

    It is of the rule that the kept classifier applies: a label is named if it reaches its threshold. Without thresholds
    it is of the most probable label, and says so.

    Parameters
    ----------
    crossval : dict
        metrics/crossval.json.

    Returns
    -------
    Headline
        `value` is the share in percent.
    """
    accuracy = headline_accuracy(crossval)
    value = share(accuracy["value"])
    right = "names the right animal"
    if NONE in crossval["recall"]:  # there is a single animal
        right = "notices the animal" if crossval.get("decided") else "says rightly whether the animal is there"
    draws = (
        f"On other recordings of this kind it would probably be right {share_range(accuracy)} of the time (95% "
        f"interval). The {value} is the mean of {count(crossval['draws'], 'draw')}, each of which picks other sources "
        f"to learn from and to test on, out of {crossval['sources']}."
    )
    if crossval.get("decided"):
        draws += " Where it is not sure enough it gives no name, and that counts as wrong here."
    else:
        rule = "The more probable of both counts" if NONE in crossval["recall"] else "It always gives a name"
        draws += f" {rule}, as it has no thresholds: this is {study_accuracy(crossval['recall'])}."
    return Headline(f"On recordings it never trained on, it {right} {value} of the time.", value, draws)


def headline_figures(
    crossval: dict[str, Any],
    field: dict[str, Any],
    infer: dict[str, Any],
    runs: tuple[str, float, float] | None,
) -> list[Headline]:
    """The figures beside the headline: the study's accuracy, false positives, long recordings, runs, unseen recordings.

    Parameters
    ----------
    crossval, field, infer : dict
        metrics/crossval.json, metrics/field.json and metrics/infer.json.
    runs : tuple of str and two float, optional
        Name of an accuracy, and its values of the first run and of the rerun.

    Returns
    -------
    list of Headline
        Those of which there are results.
    """
    study, figures = study_accuracy(crossval["recall"]), []
    if crossval.get("decided"):
        accuracy = crossval["accuracy"]
        note = f"if it has to pick one; 95% interval {share_range(accuracy)}"
        figures.append(Headline(study.capitalize(), share(accuracy["value"]), note))
    if rejection := crossval.get("rejection"):
        rate = rejection["false_positive_rate"]
        note = f"of clips without one; 95% interval {share_range(rate)}"
        figures.append(Headline("Other sounds taken for an animal", share(rate["value"]), note))
    events = field.get("events") or {}
    if recall := events.get("recall"):
        note = f"in long recordings; 95% interval {share_range(recall)}"
        figures.append(Headline("Calls found", share(recall["value"]), note))
    if false_events := events.get("false_events_per_hour"):
        note = f"in an hour of such recordings; 95% interval {number_range(false_events)}"
        figures.append(Headline("False alarms", number(false_events["value"]), note))
    if runs:
        measure, before, after = runs
        figures.append(Headline("First run to rerun", f"{share(before)} → {share(after)}", measure))
    if infer["with_truth"]:
        value = f"{infer['correct']} of {infer['with_truth']}"
        figures.append(Headline("Unseen recordings", value, "named correctly"))
    return figures


def columns(figures: int) -> int:
    """Columns of a grid of tiles on a wide page: at most four, and in no row a single tile by itself."""
    return -(-figures // -(-figures // 4)) if figures else 1

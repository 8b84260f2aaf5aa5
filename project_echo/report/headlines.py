"""Headline figures of the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from project_echo.core.text import count
from project_echo.report.accuracies import headline_accuracy, study_accuracy
from project_echo.report.comparison import AFTER, BEFORE


@dataclass(frozen=True)
class Headline:
    """A headline figure."""

    title: str
    value: str
    note: str


def headline_figures(
    crossval: dict[str, Any],
    infer: dict[str, Any],
    clips: int,
    labels: int,
    sources: int,
    difference: dict[str, Any] | None,
) -> list[Headline]:
    """Headline figures: data, scores with their intervals, improvement over the baseline, unseen recordings.

    Parameters
    ----------
    crossval, infer : dict
        metrics/crossval.json and metrics/infer.json.
    clips, labels, sources : int
        How many there are, of animals.
    difference : dict or None
        What `crossval.paired_difference` returns for baseline and rerun, or None without these experiments.

    Returns
    -------
    list of Headline
    """
    study = study_accuracy(crossval["recall"])
    accuracy, f1 = headline_accuracy(crossval), crossval["macro_f1"]
    figures = [
        Headline("Data", count(clips, "clip"), f"{count(labels, 'label')}, {count(sources, 'source')}"),
        Headline("Accuracy", f"{accuracy['value']:.3f}", _interval(accuracy)),
    ]
    if crossval.get("decided"):
        note = f"whatever the thresholds; {_interval(crossval['accuracy'])}"
        figures.append(Headline(study.capitalize(), f"{crossval['accuracy']['value']:.3f}", note))
    figures.append(Headline(study.replace("accuracy", "Macro F1"), f"{f1['value']:.3f}", _interval(f1)))
    if difference:
        change = difference["accuracy"]
        note = f"difference in {study}, paired; {_interval(change, '+')}"
        figures.append(Headline(f"{AFTER.capitalize()} vs. {BEFORE}", f"{change['value']:+.3f}", note))
    if infer["with_truth"]:
        value = f"{infer['correct']} of {infer['with_truth']}"
        figures.append(Headline("Unseen recordings", value, "correctly classified"))
    return figures


def _interval(bounds: Mapping[str, float], sign: str = "") -> str:
    return f"95% confidence interval {bounds['low']:{sign}.3f} to {bounds['high']:{sign}.3f}"

"""The last screen of a training: how good the classifier is, what would help most, and where everything lies."""

import textwrap
from pathlib import Path
from typing import Any

from project_echo.core import files
from project_echo.core.labels import NONE, display_name
from project_echo.core.tables import read_table
from project_echo.core.text import count, join_words
from project_echo.models.card import Card, read_card
from project_echo.report.accuracies import headline_accuracy, label_accuracies, study_accuracy
from project_echo.report.corpus import Corpus, describe_corpus, read_origin
from project_echo.report.next_steps import next_steps
from project_echo.report.phrases import number, number_range, share, share_range
from project_echo.report.ranking import shares_of
from project_echo.studies.versions import CLASSIFIER

SKIPPED = Path("data/audio/skipped.csv")  # in a study: recordings that could not be decoded, and all others
WIDTH, HEIGHT = 80, 24  # of a terminal
LISTED = 6  # labels; of more, those of which most is missed
Row = tuple[str, str, str]
_NAME = 24  # characters of a label, and of what a figure is of


def outcome_lines(study: Path, model: Path, corpus: str, *, above: int = 0, earlier: Path | None = None) -> list[str]:
    """The last screen, of at most HEIGHT lines with those above it unless one advice needs more.

    Parameters
    ----------
    study : Path
        Whose pipeline has run to the end.
    model : Path
        Where the classifier is.
    corpus : str
        The folder of recordings.
    above : int
        Lines that are shown before.
    earlier : Path, optional
        Where the classifier before this one is kept, whose results a screening does not mix with those of this one.

    Returns
    -------
    list of str
    """
    crossval, field = (files.read_json(study / "metrics" / f"{name}.json") for name in ("crossval", "field"))
    card = read_card(study / CLASSIFIER)
    recorded = read_corpus(study, corpus, card)
    lines = ["How good it is, on recordings that it has not learned from:"]
    lines += figure_lines(crossval, field)
    lines += _labels(study, field, card, recorded)
    skipped = study / SKIPPED
    end = [f"Not used: {count(recorded.skipped, 'recording')}, for the reasons in {skipped}"] * bool(recorded.skipped)
    end += [f"Model:   {model}"]
    end += [f"Before:  {earlier}"] * bool(earlier)
    end += [
        f"Report:  {study / 'report' / 'index.html'}",
        f"Next:    project-echo predict RECORDINGS --model {_quoted(model)}" + " --output NEW_FOLDER" * bool(earlier),
    ]
    steps = _steps(study, crossval, field, recorded)
    room = HEIGHT - above - len(lines) - len(end)
    if steps:
        lines.append("What would help most:")
        lines += _fitting(steps, room - 1)
    return lines + end


def _fitting(steps: list[str], room: int) -> list[str]:
    """The first of some sentences, wrapped, as far as there is room; the first one in any case."""
    lines: list[str] = []
    for step in steps:
        wrapped = textwrap.wrap(step, WIDTH - 1, initial_indent="  - ", subsequent_indent="    ")
        if lines and len(lines) + len(wrapped) > room:
            break
        lines += wrapped
    return lines


def figure_rows(crossval: dict[str, Any], field: dict[str, Any]) -> list[Row]:
    """Accuracy, false positives, and what is confused: what it is, its value, and a note such as its interval.

    Parameters
    ----------
    crossval, field : dict
        metrics/crossval.json and metrics/field.json.

    Returns
    -------
    list of (str, str, str)
    """
    accuracy = headline_accuracy(crossval)
    of_most, of_all = crossval["accuracy"], study_accuracy(crossval["recall"])
    name = "names the right animal"
    if NONE in crossval["recall"]:  # there is a single animal
        name = "notices the animal" if crossval.get("decided") else of_all
    rows = [(name, share(accuracy["value"]), f"95% interval {share_range(accuracy)}")]
    if crossval.get("decided"):
        rows.append((of_all, share(of_most["value"]), f"{share_range(of_most)}; if it has to pick"))
    if rejection := crossval.get("rejection"):
        rate = rejection["false_positive_rate"]
        rows.append(("false positives", share(rate["value"]), f"{share_range(rate)}; of other sounds"))
    events = field.get("events") or {}
    if (found := events.get("recall")) and (false := events.get("false_events_per_hour")):
        rows.append(("finds in long recordings", share(found["value"]), f"{share_range(found)}; of the calls"))
        rows.append(("false alarms in an hour", number(false["value"]), number_range(false)))
    confused = crossval["most_confused"]
    if confused["pair"]:
        pair = join_words(["other sounds" if label == NONE else display_name(label) for label in confused["pair"]])
        rows.append(("mixes up most", share(confused["rate"]), f"of {pair}"))
    return rows


def figure_lines(crossval: dict[str, Any], field: dict[str, Any]) -> list[str]:
    """`figure_rows` as lines of a terminal."""
    return [_cut(f"  {name:{_NAME + 6}}  {value:>5}  {note}") for name, value, note in figure_rows(crossval, field)]


def _labels(study: Path, field: dict[str, Any], card: Card, corpus: Corpus) -> list[str]:
    """A table of labels: sources, share found, threshold."""
    per_label = (field.get("events") or {}).get("per_label") or {}
    found = {label: of["recall"]["value"] for label, of in per_label.items() if of["recall"]}
    title = "found in long"
    if not found:
        shares = _shares(study, card)
        found, title = {label: shares[label]["value"] for label in shares}, "right"
    thresholds = {label: of.value for label, of in zip(card.labels, card.thresholds or (), strict=False)}
    sources = {amount.label: amount.sources for amount in corpus.animals}
    ordered = sorted(card.labels, key=lambda label: (found.get(label, 1.0), label))
    lines = [f"  {'label':{_NAME}}  {'sources':>8}  {title:>14}  {'threshold':>10}"]
    for label in ordered[:LISTED]:
        name = display_name(label)
        value = share(found[label]) if label in found else ""
        threshold = f"{thresholds[label]:.2f}" if label in thresholds else ""
        lines.append(f"  {name[:_NAME]:{_NAME}}  {sources.get(name, 0):8d}  {value:>14}  {threshold:>10}")
    if len(ordered) > LISTED:
        lines.append(f"  and {count(len(ordered) - LISTED, 'other')}, of which less is missed")
    return lines


def _steps(study: Path, crossval: dict[str, Any], field: dict[str, Any], corpus: Corpus) -> list[str]:
    """What would help most, as the report says it; screening is the next command anyway."""
    curve = read_table(study / "plots/crossval/curve.csv")
    card = read_card(study / CLASSIFIER)
    statements = next_steps(crossval, _shares(study, card), field, curve, corpus, screenings=1)
    return [statement.text for statement in statements]


def _shares(study: Path, card: Card) -> dict[str, Any]:
    pooled = read_table(study / "plots/crossval/predictions.csv")
    labels = [label for label in (*card.labels, NONE) if label in set(pooled["truth"])]
    return shares_of(label_accuracies(pooled, labels, ""))


def read_corpus(study: Path, corpus: str, card: Card) -> Corpus:
    """The recordings that a study has learned from, whose folder (or description) is `corpus`."""
    data = study / "data"
    return describe_corpus(
        read_origin(corpus),
        read_table(data / "corpus/recordings.csv"),
        read_table(data / "audio/audio.csv"),
        read_table(data / "clips/clips.csv"),
        card.labels,
        len(read_table(study / SKIPPED)),
    )


def _cut(line: str) -> str:
    """A line that fits on the screen."""
    return line if len(line) < WIDTH else f"{line[: WIDTH - 4]}..."


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text

"""The report page: headline figures, and the template filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from project_echo.core.text import count
from project_echo.report.comparison import AFTER, BEFORE
from project_echo.web.render import render


@dataclass(frozen=True)
class Card:
    """A headline figure."""

    title: str
    value: str
    note: str


def headline(
    crossval: dict[str, Any],
    infer: dict[str, Any],
    clips: int,
    labels: int,
    sources: int,
    difference: dict[str, Any] | None,
) -> list[Card]:
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
    list of Card
    """
    accuracy, f1 = crossval["accuracy"], crossval["macro_f1"]
    cards = [
        Card("Data", count(clips, "clip"), f"{count(labels, 'label')}, {count(sources, 'source')}"),
        Card("Accuracy", f"{accuracy['value']:.3f}", _interval(accuracy)),
        Card("Macro F1", f"{f1['value']:.3f}", _interval(f1)),
    ]
    if difference:
        change = difference["accuracy"]
        note = f"difference in accuracy, paired; {_interval(change, '+')}"
        cards.append(Card(f"{AFTER.capitalize()} vs. {BEFORE}", f"{change['value']:+.3f}", note))
    if infer["with_truth"]:
        value = f"{infer['correct']} of {infer['with_truth']}"
        cards.append(Card("Unseen recordings", value, "correctly classified"))
    return cards


def _interval(bounds: Mapping[str, float], sign: str = "") -> str:
    return f"95% confidence interval {bounds['low']:{sign}.3f} to {bounds['high']:{sign}.3f}"


def page(**values: Any) -> str:
    """The report as HTML; plotly's script is part of the page, so it needs no network."""
    return render("report/report.html", plotly=Markup(get_plotlyjs()), number=_Numbers(), **values)


class _Numbers:
    """Consecutive numbers for the figures of a page."""

    current = 0

    def next(self) -> int:
        self.current += 1
        return self.current

"""The report as a page: what the other modules found, put into the template."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from project_echo.report.experiments import AFTER, BEFORE
from project_echo.report.findings import count
from project_echo.web.render import render


@dataclass(frozen=True)
class Card:
    """A figure of the headline."""

    what: str
    value: str
    note: str


def headline(
    crossval: dict[str, Any],
    clips: int,
    labels: int,
    sources: int,
    difference: dict[str, Any] | None,
    told: dict[str, Any],
) -> list[Card]:
    """What a reader sees first: data, scores with their intervals, what improved, the unseen check."""
    accuracy, f1 = crossval["accuracy"], crossval["macro_f1"]
    cards = [
        Card("Data", f"{clips} clips", f"{labels} labels, {count(sources, 'source')}"),
        Card("Accuracy", f"{accuracy['mean']:.3f}", _interval(accuracy)),
        Card("Macro F1", f"{f1['pooled']:.3f}", _interval(f1)),
    ]
    if difference:
        change = difference["accuracy"]
        cards.append(
            Card(
                f"{AFTER.capitalize()} against {BEFORE}",
                f"{change['after'] - change['before']:+.3f}",
                f"accuracy, {_interval(change, '+')}, paired",
            )
        )
    if told["known"]:
        cards.append(Card("Unseen recordings", f"{told['right']} of {told['known']}", "named rightly"))
    return cards


def _interval(bounds: dict[str, float], sign: str = "") -> str:
    return f"95\u00a0% interval {bounds['low']:{sign}.3f} to {bounds['high']:{sign}.3f}"


def page(**values: Any) -> str:
    """The page; plotly's script stands inside, so that it needs no network."""
    return render("report/report.html", plotly=Markup(get_plotlyjs()), number=_Numbers(), **values)


class _Numbers:
    """Numbers for the figures of a page, one after the other."""

    current = 0

    def next(self) -> int:
        self.current += 1
        return self.current

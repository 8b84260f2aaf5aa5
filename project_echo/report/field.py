"""What a user gets in long recordings, from metrics/field.json, in words."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from project_echo.core.labels import display_name
from project_echo.core.text import count, join_words
from project_echo.evaluation.field_events import CLEAR_DB
from project_echo.report.charts import Chart
from project_echo.report.field_charts import field_charts, known_recalls, level_text
from project_echo.report.headlines import Headline, columns
from project_echo.report.phrases import duration, number, number_range, share, share_range
from project_echo.report.ranking import rank

OFTEN = 0.3  # share of the calls of another animal that give a false alarm: worth naming it


@dataclass(frozen=True)
class Field:
    """The section on long recordings."""

    calls: str  # their number, and how loud they are against the background
    figures: list[Headline]
    findings: list[str]
    charts: list[Chart]

    @property
    def columns(self) -> int:
        """Columns of the grid of figures on a wide page."""
        return columns(len(self.figures))


def describe_field(metrics: dict[str, Any], precision_recall: pd.DataFrame) -> Field | None:
    """Put the scores in long recordings into words.

    Parameters
    ----------
    metrics : dict
        metrics/field.json.
    precision_recall : pd.DataFrame
        precision_recall.csv of plots/field.

    Returns
    -------
    Field or None
        None if the classifier was not tested in long recordings.
    """
    events = metrics.get("events")
    if not events or not events["calls"] or not events["recall"]:
        return None
    return Field(
        " ".join(filter(None, [count(events["calls"], "call"), _loudness(events["recall_by_snr"])])),
        _figures(metrics, events),
        _findings(metrics, events),
        field_charts(metrics, precision_recall),
    )


def _figures(metrics: dict[str, Any], events: dict[str, Any]) -> list[Headline]:
    recall, precision, false_events = events["recall"], events["precision"], events["false_events_per_hour"]
    figures = [Headline("Calls found", share(recall["value"]), f"95% interval {share_range(recall)}")]
    if precision:
        note = f"95% interval {share_range(precision)}"
        figures.append(Headline("Reports that are right", share(precision["value"]), note))
    if false_events:
        note = f"95% interval {number_range(false_events)}"
        figures.append(Headline("False alarms in an hour", number(false_events["value"]), note))
    if mean := metrics["map"]:
        note = f"mean average precision (mAP), 1 at best; 95% interval {mean['low']:.2f} to {mean['high']:.2f}"
        figures.append(Headline("Ranking of windows", f"{mean['value']:.2f}", note))
    return figures


def _findings(metrics: dict[str, Any], events: dict[str, Any]) -> list[str]:
    sentences = []
    if clear := events["recall_clear"]:
        sentences.append(
            f"Of clear calls, at least {CLEAR_DB:g} dB above the background, it finds {share(clear['value'])} (95% "
            f"interval {share_range(clear)})."
        )
    by_loudness = known_recalls(events["recall_by_snr"])
    faintest = min(by_loudness, key=float, default=None)
    if faintest is not None and float(faintest) < CLEAR_DB:
        found = share(by_loudness[faintest]["value"])
        sentences.append(f"Of the faintest, {level_text(float(faintest))} the background, it finds {found}.")
    if (false_s := events["false_seconds_per_hour"]) and false_s["value"]:
        sentences.append(
            f"In an hour, it reports an animal for {duration(false_s['value'])} in which that animal does not call. "
            f"This includes the edges of right reports."
        )
    if both := metrics["both_found"]:
        sentences.append(f"Where two animals call at once, it names both in {share(both['value'])} of the windows.")
    recalls = {label: scores["recall"] for label, scores in events["per_label"].items() if scores["recall"]}
    ranking = rank(recalls)
    if ranking and ranking.apart:
        sentences.append(
            f"Calls of {join_words(ranking.highest)} are found more often ({share(ranking.most['value'])}) than calls "
            f"of {join_words(ranking.lowest)} ({share(ranking.least['value'])})."
        )
    return sentences + _distractors(events["distractors"])


def _distractors(kinds: dict[str, Any]) -> list[str]:
    """Which sounds that it has not learned from set off false alarms."""
    hits = {kind: scores["share_hit"] for kind, scores in kinds.items() if scores["share_hit"]}
    values = {kind: bounds["value"] for kind, bounds in hits.items() if bounds["value"] >= OFTEN}
    if not values:
        return []
    listed = join_words(
        [
            f"{share(values[kind])} of those of {display_name(kind)} (95% interval {share_range(hits[kind])})"
            for kind in sorted(values, key=lambda kind: (-values[kind], kind))
        ]
    )
    return [f"Sounds of kinds that it had never met set off false alarms: {listed}."]


def _loudness(by_loudness: dict[str, Any]) -> str:
    """From the faintest to the loudest calls: "from 5 dB below the background to 20 dB above it"; empty if unknown."""
    levels = sorted(map(float, by_loudness))
    if not levels:
        return ""
    if levels[0] == levels[-1]:
        return f"{level_text(levels[0])} the background"
    return f"from {level_text(levels[0])} the background to {level_text(levels[-1])} it"

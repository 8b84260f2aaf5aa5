"""Charts of long recordings: precision and recall of events, recall by loudness, and precision against recall."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import display_name
from project_echo.core.text import count
from project_echo.plots import marks
from project_echo.plots.palette import label_styles
from project_echo.plots.svg import new_figure, page_style, set_title, svg
from project_echo.report import charts, curves
from project_echo.report.accuracies import ALL
from project_echo.report.charts import BLUE, ORANGE, Chart, short_name
from project_echo.report.phrases import share

UNDEFINED = {"value": np.nan, "low": np.nan, "high": np.nan}
ROW = 17  # px, for a name beside curves


def field_charts(metrics: dict[str, Any], precision_recall: pd.DataFrame) -> list[Chart]:
    """Charts of the scores in long recordings, as far as they are defined.

    Parameters
    ----------
    metrics : dict
        metrics/field.json.
    precision_recall : pd.DataFrame
        plots/field/precision_recall.csv: columns label, recall, precision, of windows.

    Returns
    -------
    list of Chart
        Precision and recall of events, recall by signal-to-noise ratio, precision against recall of windows. Empty if
        the classifier was not tested in long recordings.
    """
    events = metrics.get("events")
    if not events:
        return []
    drawn = [event_scores(events)]
    if recalls := known_recalls(events["recall_by_snr"]):
        drawn.append(recall_by_snr(recalls))
    if len(precision_recall):
        precisions = {label: scores["average_precision"] for label, scores in metrics["per_label"].items()}
        drawn.append(precision_recall_curves(precision_recall, precisions))
    return drawn


def event_scores(events: dict[str, Any]) -> Chart:
    """Precision and recall of the events of each label, with intervals.

    Parameters
    ----------
    events : dict
        `events` of metrics/field.json.

    Returns
    -------
    Chart
    """
    colors = {"recall": BLUE, "precision": ORANGE}
    rows = [
        {"label": label, "series": measure, **(scores[measure] or UNDEFINED)}
        for label, scores in {ALL: events, **events["per_label"]}.items()
        for measure in colors
    ]
    summary = (
        f"Recall: the share of calls that are found, of {events['calls']}. Precision: the share of reported "
        f"events that are right, of {events['events']}. Bars are 95% confidence intervals."
    )
    return charts.scores(pd.DataFrame(rows), colors, "Events in long recordings", summary)


def recall_by_snr(recalls: dict[str, dict[str, Any]]) -> Chart:
    """Share of calls found at each signal-to-noise ratio, with intervals and numbers of calls.

    Parameters
    ----------
    recalls : dict of str to dict
        `known_recalls` of metrics/field.json: calls, value, low, high by dB.

    Returns
    -------
    Chart
    """
    levels = sorted(recalls, key=float)
    values = np.array([[recalls[level][name] for name in ("value", "low", "high")] for level in levels])
    ticks = [f"{level}\n{count(recalls[level]['calls'], 'call')}" for level in levels]
    names = "call above the background, dB", "calls found"
    drawing = curves.interval_curve(np.array(levels, float), values, ticks, names)
    first, last = (level_text(float(levels[end])) for end in (0, -1))
    loudest = f", and {share(values[-1, 0])} of the loudest, {last} it" if len(levels) > 1 else ""
    faintest = "the faintest calls," if loudest else "the calls"
    found = f"{share(values[0, 0])} of {faintest} {first} the background{loudest}"
    summary = f"It finds {found}. Bars are 95% confidence intervals."
    table = pd.DataFrame(values, columns=["recall", "low", "high"])
    table.insert(0, "dB", levels)
    table.insert(1, "calls", [recalls[level]["calls"] for level in levels])
    return Chart("Faint and loud calls", summary, drawing, table)


def known_recalls(by_snr: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The levels of `recall_by_snr` of metrics/field.json whose recall and interval are known."""
    return {
        level: scores
        for level, scores in by_snr.items()
        if all(scores.get(name) is not None for name in ("value", "low", "high"))
    }


def level_text(level_db: float) -> str:
    """How loud calls are: "5 dB below" or "20 dB above" the background, or "as loud as" it at 0."""
    return f"{abs(level_db):g} dB {'below' if level_db < 0 else 'above'}" if level_db else "as loud as"


@page_style()
def precision_recall_curves(table: pd.DataFrame, average_precision: dict[str, float | None]) -> Chart:
    """Precision against recall of windows; the name of a label and its average precision stand at the end of its curve.

    Parameters
    ----------
    table : pd.DataFrame
        Columns label, recall, precision.
    average_precision : dict of str to float or None
        By label.

    Returns
    -------
    Chart
    """
    labels = list(dict.fromkeys(table["label"]))
    styles = label_styles(list(average_precision))
    height = max(250, ROW * len(labels))
    figure = new_figure(height + 60)
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall")
    ends = {}
    for label in labels:
        curve, style = table[table["label"] == label], styles[label]
        (line,) = axes.plot(curve["recall"], curve["precision"], color=style.color, **marks.dashes(style.dashes))
        precision = average_precision[label]
        text = short_name(label) if precision is None else f"{short_name(label)} {precision:.2f}"
        set_title(line, text)
        ends[text] = float(curve["precision"].iloc[-1]), style.color, style.dashes
    marks.percentages(axes, "x")
    marks.percentages(axes, "y")
    marks.name_values(axes, "precision")
    marks.name_lines(axes, ends, ROW / height)
    summary = (
        "Of windows, from the most to the least probable: how many of those taken so far are right, against how many "
        "of all are taken. The numbers are average precisions, 1 at best."
    )
    shown = pd.DataFrame(
        {"label": map(display_name, labels), "average precision": [average_precision[label] for label in labels]}
    )
    return Chart("Precision against recall of windows", summary, svg(figure), shown)

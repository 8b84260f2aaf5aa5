"""Interactive charts of the report (plotly), each with a summary in words and a table for readers who do not see it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from project_echo.core.labels import display_name
from project_echo.core.text import count, join_words, percent
from project_echo.plots.palette import PALETTE, label_colors
from project_echo.report.findings import highest_and_lowest

LINE = "rgba(128, 128, 128, 0.3)"  # visible on light and on dark
AXIS = {"gridcolor": LINE, "linecolor": LINE, "zeroline": False, "automargin": True, "fixedrange": True}
LABELS = {**AXIS, "type": "category"}  # a label may look like a number
COLORBAR = {"thickness": 14, "outlinewidth": 0}
LAYOUT: dict[str, Any] = {
    "template": go.layout.Template(),  # plotly's default is large, and light
    "paper_bgcolor": "rgba(0, 0, 0, 0)",
    "plot_bgcolor": "rgba(0, 0, 0, 0)",
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "margin": {"l": 60, "r": 16, "t": 36, "b": 48},
    "height": 340,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    "dragmode": False,
}


@dataclass(frozen=True)
class Chart:
    """A chart: its title, a summary in words, its SVG, and the data as a table."""

    title: str
    summary: str
    svg: Markup
    table: pd.DataFrame
    figure: str = ""  # plotly's, as JSON, of a chart that has no SVG


def escape_markup(label: str) -> str:
    """The display name of a label, escaped: plotly reads text as markup."""
    return escape(display_name(label), quote=False)


def confusion(counts: np.ndarray, labels: Sequence[str], title: str) -> Chart:
    """Confusion matrix; the color is the share of the true label.

    Parameters
    ----------
    counts : np.ndarray of shape (labels, labels), int
        Rows are the truth, columns the prediction.
    labels : sequence of str
        In the order of `counts`.
    title : str
        Plain text.

    Returns
    -------
    Chart
    """
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    names = [escape_markup(label) for label in labels]
    heatmap = go.Heatmap(
        z=shares.tolist(),
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale="Blues",
        text=counts.astype(int).tolist(),
        texttemplate="%{text}",
        hovertemplate="true %{y}<br>predicted %{x}<br>%{text} predictions, %{z:.1%}<extra></extra>",
        colorbar={**COLORBAR, "title": {"text": "share of the true label", "side": "right"}},
    )
    layout = {
        "xaxis": {**LABELS, "title": "predicted"},
        "yaxis": {**LABELS, "title": {"text": "true", "standoff": 8}, "autorange": "reversed"},
    }
    table = pd.DataFrame(counts.astype(int), columns=[display_name(label) for label in labels])
    table.insert(0, "true", [display_name(label) for label in labels], allow_duplicates=True)
    correct = float(np.trace(counts) / max(1, counts.sum()))
    summary = f"{percent(correct)} of {count(int(counts.sum()), 'prediction')} are correct (on the diagonal)."
    return make_chart(title, summary, [heatmap], layout, table)


def f1_scores(scores: pd.DataFrame, title: str) -> Chart:
    """F1 of each label as bars.

    Parameters
    ----------
    scores : pd.DataFrame
        Columns label, f1, as `metrics.per_class` returns.
    title : str
        Plain text.

    Returns
    -------
    Chart
    """
    f1 = dict(zip(scores["label"], scores["f1"], strict=True))
    colors = label_colors(list(f1))
    bars = go.Bar(
        x=[escape_markup(label) for label in f1],
        y=list(f1.values()),
        marker={"color": [colors[label] for label in f1]},
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )
    layout = {"xaxis": LABELS, "yaxis": {**AXIS, "title": "F1", "range": [0, 1.02]}}
    highest, lowest = max(f1.values()), min(f1.values())
    best, worst = highest_and_lowest(f1)
    summary = (
        f"F1 is {highest:.3f} for every label."
        if math.isclose(highest, lowest)
        else f"F1 is highest for {join_words(best)} ({highest:.3f}) and lowest for {join_words(worst)} ({lowest:.3f})."
    )
    table = pd.DataFrame({"label": map(display_name, f1), "F1": f1.values()})
    return make_chart(title, summary, [bars], layout, table)


def learning_curve(curve: pd.DataFrame) -> Chart:
    """Learning curve: accuracy against training sources per label, with 95% confidence intervals.

    Parameters
    ----------
    curve : pd.DataFrame
        Columns train (sources per label), accuracy, low, high.

    Returns
    -------
    Chart
    """
    line = go.Scatter(
        x=list(curve["train"]),
        y=list(curve["accuracy"]),
        mode="lines+markers",
        marker={"size": 8},
        line={"color": PALETTE[5]},
        error_y={
            "array": list(curve["high"] - curve["accuracy"]),
            "arrayminus": list(curve["accuracy"] - curve["low"]),
            "color": PALETTE[5],
        },
        hovertemplate="%{x} sources: %{y:.3f}<extra></extra>",
    )
    layout = {
        "xaxis": {**AXIS, "title": "training sources per label", "tickvals": list(curve["train"])},
        "yaxis": {**AXIS, "title": "accuracy"},
    }
    first, last = curve.iloc[0], curve.iloc[-1]
    summary = (
        f"Accuracy is {first['accuracy']:.3f} with {count(int(first['train']), 'training source')} per label and "
        f"{last['accuracy']:.3f} with {count(int(last['train']), 'training source')}. Bars are 95% confidence "
        f"intervals."
    )
    return make_chart("Accuracy against training sources", summary, [line], layout, curve)


def draw_accuracies(table: pd.DataFrame, accuracy: Mapping[str, float]) -> Chart:
    """Histogram of the accuracies of single draws, with their mean and its 95% confidence interval.

    Parameters
    ----------
    table : pd.DataFrame
        Columns draw, accuracy.
    accuracy : mapping
        Accuracy of all draws together: value, low, high.

    Returns
    -------
    Chart
    """
    counts = table["accuracy"].round(6).value_counts().sort_index()
    bars = go.Bar(
        x=list(counts.index),
        y=list(counts),
        width=0.8 * float(np.diff(counts.index).min()) if len(counts) > 1 else 0.05,
        marker={"color": PALETTE[5]},
        hovertemplate="accuracy %{x:.3f}: %{y} draws<extra></extra>",
    )
    mean = accuracy["value"]
    band = {"type": "rect", "yref": "paper", "x0": accuracy["low"], "x1": accuracy["high"], "y0": 0, "y1": 1}
    line = {"type": "line", "yref": "paper", "x0": mean, "x1": mean, "y0": 0, "y1": 1}
    layout = {
        "xaxis": {**AXIS, "title": "accuracy of a single draw"},
        "yaxis": {**AXIS, "title": "draws"},
        "shapes": [
            {**band, "fillcolor": PALETTE[0], "opacity": 0.2, "line": {"width": 0}},
            {**line, "line": {"color": PALETTE[0], "width": 2}},
        ],
    }
    summary = (
        f"Accuracy of single draws ranges from {table['accuracy'].min():.3f} to {table['accuracy'].max():.3f}; a "
        f"study with a single test set reports one of these values. The line is their mean, {mean:.3f}, the band its "
        f"95% confidence interval."
    )
    return make_chart(
        "Accuracy of single draws", summary, [bars], layout, counts.rename_axis("accuracy").reset_index(name="draws")
    )


def training_history(history: pd.DataFrame, title: str) -> Chart:
    """Training and validation loss by epoch; a logistic regression has only its final loss.

    Parameters
    ----------
    history : pd.DataFrame
        Columns epoch, loss, val_loss, accuracy, val_accuracy.
    title : str
        Plain text.

    Returns
    -------
    Chart
    """
    lines = [
        go.Scatter(
            name=part,
            x=list(history["epoch"]),
            y=list(history[column]),
            mode="lines" if len(history) > 1 else "markers",
            line={"color": PALETTE[color]},
            marker={"size": 10},
            hovertemplate="epoch %{x}: %{y:.3f}<extra>" + part + "</extra>",
        )
        for part, column, color in (("training", "loss", 0), ("validation", "val_loss", 4))
    ]
    layout = {
        "xaxis": {**AXIS, "title": "epoch", "rangemode": "tozero", "dtick": -(-len(history) // 10)},
        "yaxis": {**AXIS, "title": "loss", "rangemode": "tozero"},
        "showlegend": True,
    }
    best = history.loc[history["val_loss"].idxmin()]
    losses = f"training loss {best['loss']:.3f}, validation loss {best['val_loss']:.3f}."
    summary = (
        f"Epoch {best['epoch']:.0f} of {len(history)} has the lowest validation loss and was kept: {losses}"
        if len(history) > 1
        else f"A logistic regression has no epochs; at its optimum: {losses}"
    )
    return make_chart(title, summary, lines, layout, history)


def make_chart(title: str, summary: str, traces: list[Any], layout: dict[str, Any], table: pd.DataFrame) -> Chart:
    """Make a chart in the style of the report.

    Parameters
    ----------
    title, summary : str
        Plain text.
    traces : list
        Traces of plotly.
    layout : dict
        Layout of plotly, in addition to LAYOUT.
    table : pd.DataFrame
        The data of the chart.

    Returns
    -------
    Chart
    """
    figure = go.Figure(traces, {**LAYOUT, **layout})
    # Through plotly's own JSON: NaN becomes null, and arrays become lists.
    return Chart(title, summary, Markup(), table, json.dumps(json.loads(figure.to_json()), sort_keys=True))

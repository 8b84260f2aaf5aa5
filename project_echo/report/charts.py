"""Charts of the report, drawn by plotly, each with its words and its table for those who do not see it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from project_echo.core.labels import display_name
from project_echo.plots.activity import MIN_RECORDED_S
from project_echo.plots.palette import PALETTE, colours
from project_echo.report.findings import count, extremes, listed, percent

MOST_DAYS = 366  # as rows of a map, those without recordings included
LINE = "rgba(128, 128, 128, 0.3)"  # seen on light and on dark
AXIS = {"gridcolor": LINE, "linecolor": LINE, "zeroline": False, "automargin": True, "fixedrange": True}
LABELS = {**AXIS, "type": "category"}  # a label may look like a number
LAYOUT: dict[str, Any] = {
    "template": go.layout.Template(),  # plotly's own is large, and light
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
    """A chart: what stands above it, what it says in words, plotly's figure as JSON, and the same as a table."""

    title: str
    says: str
    figure: str
    table: pd.DataFrame


def shown(text: str) -> str:
    """A name as plotly shows it: plotly takes text for markup, so <b> is written as such."""
    return escape(display_name(text), quote=False)


def confusion(counts: np.ndarray, labels: Sequence[str], title: str) -> Chart:
    """Confusion counts, shape (labels, labels): rows the truth, columns the prediction; the colour is a share."""
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    names = [shown(label) for label in labels]
    heatmap = go.Heatmap(
        z=shares.tolist(),
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale="Blues",
        text=counts.astype(int).tolist(),
        texttemplate="%{text}",
        hovertemplate="true %{y}<br>predicted %{x}<br>%{text} answers, %{z:.1%}<extra></extra>",
        colorbar={"title": {"text": "share of the truth", "side": "right"}, "thickness": 14, "outlinewidth": 0},
    )
    layout = {
        "xaxis": {**LABELS, "title": "predicted"},
        "yaxis": {**LABELS, "title": {"text": "true", "standoff": 8}, "autorange": "reversed"},
    }
    table = pd.DataFrame(counts.astype(int), columns=[display_name(label) for label in labels])
    table.insert(0, "true", [display_name(label) for label in labels], allow_duplicates=True)
    right = float(np.trace(counts) / max(1, counts.sum()))
    says = f"{percent(right)} of {count(int(counts.sum()), 'answer')} lie on the diagonal: they are right."
    return _chart(title, says, [heatmap], layout, table)


def f1(table: pd.DataFrame, title: str) -> Chart:
    """F1 of every label (scores.per_class), in the colours of the labels."""
    values = dict(zip(table["label"], table["f1"], strict=True))
    shades = colours(list(values))
    bars = go.Bar(
        x=[shown(label) for label in values],
        y=list(values.values()),
        marker={"color": [shades[label] for label in values]},
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )
    layout = {"xaxis": LABELS, "yaxis": {**AXIS, "title": "F1", "range": [0, 1.02]}}
    best, worst = max(values.values()), min(values.values())
    high, low = extremes(values)
    says = (
        f"F1 is {best:.3f} for every label."
        if math.isclose(best, worst)
        else f"F1 is highest for {listed(high)} ({best:.3f}) and lowest for {listed(low)} ({worst:.3f})."
    )
    return _chart(
        title, says, [bars], layout, pd.DataFrame({"label": map(display_name, values), "F1": values.values()})
    )


def curve(table: pd.DataFrame) -> Chart:
    """Accuracy against training sources per label: columns train, accuracy, low, high."""
    line = go.Scatter(
        x=list(table["train"]),
        y=list(table["accuracy"]),
        mode="lines+markers",
        marker={"size": 8},
        line={"color": PALETTE[5]},
        error_y={
            "array": list(table["high"] - table["accuracy"]),
            "arrayminus": list(table["accuracy"] - table["low"]),
            "color": PALETTE[5],
        },
        hovertemplate="%{x} sources: %{y:.3f}<extra></extra>",
    )
    layout = {
        "xaxis": {**AXIS, "title": "training sources per label", "tickvals": list(table["train"])},
        "yaxis": {**AXIS, "title": "accuracy"},
    }
    first, last = table.iloc[0], table.iloc[-1]
    says = (
        f"Accuracy is {first['accuracy']:.3f} with {count(int(first['train']), 'training source')} of each label and "
        f"{last['accuracy']:.3f} with {count(int(last['train']), 'training source')}. Bars are 95\u00a0% intervals."
    )
    return _chart("Accuracy against training sources", says, [line], layout, table)


def accuracies(table: pd.DataFrame, pooled: dict[str, float]) -> Chart:
    """How the accuracies of single draws spread: columns draw, accuracy; `pooled` is their mean and its interval."""
    counts = table["accuracy"].round(6).value_counts().sort_index()
    bars = go.Bar(
        x=list(counts.index),
        y=list(counts),
        width=0.8 * float(np.diff(counts.index).min()) if len(counts) > 1 else 0.05,
        marker={"color": PALETTE[5]},
        hovertemplate="accuracy %{x:.3f}: %{y} draws<extra></extra>",
    )
    band = {"type": "rect", "yref": "paper", "x0": pooled["low"], "x1": pooled["high"], "y0": 0, "y1": 1}
    line = {"type": "line", "yref": "paper", "x0": pooled["mean"], "x1": pooled["mean"], "y0": 0, "y1": 1}
    layout = {
        "xaxis": {**AXIS, "title": "accuracy of a single draw"},
        "yaxis": {**AXIS, "title": "draws"},
        "shapes": [
            {**band, "fillcolor": PALETTE[0], "opacity": 0.2, "line": {"width": 0}},
            {**line, "line": {"color": PALETTE[0], "width": 2}},
        ],
    }
    low, high = table["accuracy"].min(), table["accuracy"].max()
    says = (
        f"Single draws reach from {low:.3f} to {high:.3f}: a study with one test set has one of these. The line is "
        f"their mean, {pooled['mean']:.3f}, the band its 95\u00a0% interval."
    )
    table = counts.rename_axis("accuracy").reset_index(name="draws")
    return _chart("Accuracy of single draws", says, [bars], layout, table)


def history(table: pd.DataFrame, title: str) -> Chart:
    """Loss of training and validation clips over the epochs: columns epoch, loss, val_loss, accuracy, val_accuracy."""
    lines = [
        go.Scatter(
            name=which,
            x=list(table["epoch"]),
            y=list(table[column]),
            mode="lines" if len(table) > 1 else "markers",
            line={"color": PALETTE[colour]},
            marker={"size": 10},
            hovertemplate="epoch %{x}: %{y:.3f}<extra>" + which + "</extra>",
        )
        for which, column, colour in (("training", "loss", 0), ("validation", "val_loss", 4))
    ]
    layout = {
        "xaxis": {**AXIS, "title": "epoch", "rangemode": "tozero"},
        "yaxis": {**AXIS, "title": "loss", "rangemode": "tozero"},
        "showlegend": True,
    }
    kept = table.loc[table["val_loss"].idxmin()]
    says = (
        f"Of {len(table)} epochs number {kept['epoch']:.0f} was kept: training loss {kept['loss']:.3f}, "
        f"validation loss {kept['val_loss']:.3f}."
        if len(table) > 1
        else f"A regression has no epochs but an end: training loss {kept['loss']:.3f}, validation loss "
        f"{kept['val_loss']:.3f}."
    )
    return _chart(title, says, lines, layout, table)


def activity(table: pd.DataFrame, label: str) -> Chart:
    """Events of a label per recorded hour, by day and hour of the day, all sites together (activity.csv)."""
    some = table[table["label"] == label]
    hours = some.groupby(["date", "hour"], as_index=False)[["events", "recorded_s"]].sum()
    hours["events_per_h"] = hours["events"] / (hours["recorded_s"] / 3600)
    days = [str(day.date()) for day in pd.date_range(hours["date"].min(), hours["date"].max())]
    if len(days) > MOST_DAYS:  # years may lie between two deployments
        days = sorted(set(hours["date"]))
    grid = hours.pivot(index="date", columns="hour", values="events_per_h").reindex(index=days, columns=range(24))
    heatmap = go.Heatmap(
        z=grid.to_numpy().tolist(),
        x=list(range(24)),
        y=days,
        zmin=0,
        zmax=float(hours["events_per_h"].max()) or 1.0,
        colorscale="Cividis",
        hoverongaps=False,
        hovertemplate="%{y}, %{x} h: %{z:.1f} per hour<extra></extra>",
        colorbar={"title": {"text": "events per h", "side": "right"}, "thickness": 14, "outlinewidth": 0, "nticks": 4},
    )
    layout = {
        "xaxis": {**AXIS, "title": "hour of the day", "dtick": 3, "range": [-0.5, 23.5], "showgrid": False},
        "yaxis": {**AXIS, "type": "category", "autorange": "reversed", "showgrid": False},
        "plot_bgcolor": "rgba(128, 128, 128, 0.3)",  # where nothing was recorded
        "height": int(np.clip(150 + 22 * len(days), 200, 520)),
    }
    total = int(hours["events"].sum())
    if total:
        long = hours["recorded_s"] >= MIN_RECORDED_S
        most = hours.loc[hours.loc[long if long.any() else hours.index, "events_per_h"].idxmax()]
        says = (
            f"{count(total, 'event')}; most at {most['hour']:02.0f} h on {most['date']}, {most['events_per_h']:.1f} "
            f"per recorded hour."
        )
    else:
        says = "Not heard."
    return _chart(display_name(label), says, [heatmap], layout, hours[["date", "hour", "events", "events_per_h"]])


def _chart(title: str, says: str, data: list[Any], layout: dict[str, Any], table: pd.DataFrame) -> Chart:
    figure = go.Figure(data, {**LAYOUT, **layout})
    # Through plotly's own JSON: NaN is null there, and arrays are lists.
    return Chart(title, says, json.dumps(json.loads(figure.to_json()), sort_keys=True), table)

"""Curves of the report: accuracy by training sources, accuracy of single draws, and loss and accuracy by epoch."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from project_echo.core.text import count, percent
from project_echo.plots import marks
from project_echo.plots.svg import MUTED, new_figure, page_style, set_title, svg
from project_echo.report.charts import BLUE, ORANGE, Chart
from project_echo.report.phrases import share

ROUNDING = 1e-9  # of ticks
MAX_NUMBERED = 10  # bars with a number on each


def learning_curve(curve: pd.DataFrame, measure: str, title: str, note: str = "") -> Chart:
    """Learning curve: accuracy against training sources per label, with 95% confidence intervals.

    Parameters
    ----------
    curve : pd.DataFrame
        Columns train (sources per label), accuracy, low, high.
    measure : str
        Which accuracy it is (`accuracies.study_accuracy`).
    title : str
        Plain text.
    note : str
        A sentence before the summary.

    Returns
    -------
    Chart
    """
    first, last = curve.iloc[0], curve.iloc[-1]
    sizes = count(int(first["train"]), "training source")
    summary = (
        f"{measure.capitalize()} is {share(first['accuracy'])} with {sizes} per label"
        + (f" and {share(last['accuracy'])} with {last['train']:.0f}" if len(curve) > 1 else "")
        + ". Bars are 95% confidence intervals."
    )
    drawing = interval_curve(
        curve["train"].to_numpy(),
        curve[["accuracy", "low", "high"]].to_numpy(),
        [f"{train:g}" for train in curve["train"]],
        ("training sources per label", measure),
    )
    return Chart(title, " ".join(filter(None, [note, summary])), drawing, curve)


@page_style()
def interval_curve(x: np.ndarray, values: np.ndarray, ticks: list[str], names: tuple[str, str]) -> Markup:
    """Shares as a line, with their intervals.

    Parameters
    ----------
    x : np.ndarray of shape (points,)
    values : np.ndarray of shape (points, 3)
        Share, and low and high of its interval.
    ticks : list of str
        A text for each of `x`.
    names : tuple of two str
        Of the horizontal and of the vertical axis.

    Returns
    -------
    Markup
    """
    figure = new_figure(270 + 16 * (1 + max(tick.count("\n") for tick in ticks)))
    axes = figure.subplots()
    axes.plot(x, values[:, 0], color=BLUE)
    following = [*values[1:, 0], values[-1, 0]]
    for place, (value, low, high), tick, after in zip(x, values, ticks, following, strict=True):
        marks.interval(axes, [place, place], [low, high], BLUE)
        ends = f"{percent(low)} to {percent(high)}"
        name = tick.replace("\n", ", ")
        marks.point(axes, place, value, BLUE, f"{name}: {percent(value)}, 95% confidence interval {ends}")
        offset = (8, -15) if after >= value else (8, 6)  # beside the line
        axes.annotate(percent(value, 0), (place, value), offset, textcoords="offset points", annotation_clip=False)
    lowest = max(0.0, np.floor(10 * float(values.min()) - 1) / 10)
    axes.set(ylim=(lowest, 1.02), xlabel=names[0])
    axes.margins(x=0.1)
    axes.set_xticks(x, ticks)
    marks.percentages(axes, "y")
    marks.name_values(axes, names[1])
    return svg(figure)


@page_style()
def draw_accuracies(table: pd.DataFrame, accuracy: Mapping[str, float], measure: str) -> Chart:
    """Histogram of the accuracies of single draws, with their mean and its 95% confidence interval.

    Parameters
    ----------
    table : pd.DataFrame
        Columns draw, accuracy.
    accuracy : mapping
        Accuracy of all draws together: value, low, high.
    measure : str
        Which accuracy it is (`accuracies.study_accuracy`).

    Returns
    -------
    Chart
    """
    counts = table["accuracy"].round(6).value_counts().sort_index()
    values = counts.index.to_numpy()
    width = 0.8 * float(np.diff(values).min()) if len(counts) > 1 else 0.05
    figure = new_figure(290)
    axes = figure.subplots()
    for value, draws in counts.items():
        (bar,) = axes.bar([value], [draws], width, color=BLUE)
        set_title(bar, f"accuracy {percent(value)}: {count(int(draws), 'draw')}")
        if len(counts) <= MAX_NUMBERED:
            axes.annotate(f"{draws}", (value, draws), (0, 4), textcoords="offset points", ha="center")
    mean = accuracy["value"]
    left, right = min(values[0], accuracy["low"]) - width, max(values[-1], accuracy["high"]) + width
    axes.set(xlim=(left, right), ylim=(0, 1.22 * counts.max()), xlabel=f"{measure}, of a single draw")
    axes.axvspan(accuracy["low"], accuracy["high"], color=ORANGE, alpha=0.25, linewidth=0, zorder=0)
    axes.axvline(mean, color=ORANGE)
    beside, align = (-6, "right") if mean > (left + right) / 2 else (6, "left")
    name = f"mean {share(mean)}"
    axes.annotate(name, (mean, axes.get_ylim()[1]), (beside, -12), textcoords="offset points", ha=align)
    shown_ticks = MaxNLocator(5).tick_values(left, right)
    axes.set_xticks([tick for tick in shown_ticks if max(left, 0) <= tick <= min(right, 1 + ROUNDING)])
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    marks.percentages(axes, "x")
    marks.name_values(axes, "draws")
    summary = (
        f"{measure.capitalize()} ranges from {share(values[0])} to {share(values[-1])} in single draws; a study with a "
        f"single test set reports one of these values."
        if len(values) > 1
        else f"{measure.capitalize()} is {share(values[0])} in every draw."
    )
    summary += f" The line is the mean, {share(mean)}, the band its 95% confidence interval."
    shown = counts.rename_axis("accuracy").reset_index(name="draws")
    return Chart("One test set can mislead", summary, svg(figure), shown)


@page_style()
def training_history(history: pd.DataFrame, title: str) -> Chart:
    """Loss and accuracy by epoch, of training and validation.

    Parameters
    ----------
    history : pd.DataFrame
        A row per epoch, several: columns epoch, loss, val_loss, accuracy, val_accuracy.
    title : str
        Plain text.

    Returns
    -------
    Chart
    """
    figure = new_figure(420)
    panels = figure.subplots(2, 1, sharex=True)
    best = history.loc[history["val_loss"].idxmin()]
    for axes, measure in zip(panels, ("loss", "accuracy"), strict=True):
        ends = {}
        for part, column, color in (("training", measure, BLUE), ("validation", f"val_{measure}", ORANGE)):
            (line,) = axes.plot(history["epoch"], history[column], color=color)
            set_title(line, f"{part} {measure}")
            ends[part] = float(history[column].iloc[-1]), color, ()
        axes.axvline(best["epoch"], color=MUTED, linewidth=1.5, linestyle=(0, (1.5, 2.5)))
        highest = float(history[[measure, f"val_{measure}"]].to_numpy().max())
        axes.set_ylim(0, 1.04 if measure == "accuracy" else 1.05 * highest)
        marks.name_values(axes, measure)
        marks.name_lines(axes, ends, 0.14)
    marks.percentages(panels[1], "y")
    panels[0].annotate(
        "kept", (best["epoch"], panels[0].get_ylim()[1]), (6, -12), textcoords="offset points", color=MUTED
    )
    panels[1].set(xlabel="epoch", xlim=(history["epoch"].iloc[0], history["epoch"].iloc[-1]))
    panels[1].xaxis.set_major_locator(MaxNLocator(6, integer=True))
    summary = (
        f"Epoch {best['epoch']:.0f} of {len(history)} has the lowest validation loss and was kept: training loss "
        f"{best['loss']:.3f}, validation loss {best['val_loss']:.3f}. At the end, accuracy is "
        f"{share(history['accuracy'].iloc[-1])} on training clips and {share(history['val_accuracy'].iloc[-1])} on "
        f"validation clips."
    )
    return Chart(title, summary, svg(figure), history)

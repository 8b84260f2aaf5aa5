"""Figures of an evaluation: confusion matrix, scores per class, training history, predictions of single clips."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from project_echo.core.labels import display_name
from project_echo.plots.palette import PALETTE
from project_echo.plots.style import styled

PROBABILITY = LinearSegmentedColormap.from_list("probability", ["white", "#9ecae1", "#08519c"])  # 0 is as the paper
DARK = 0.6  # probability from which numbers on it are white
ROW_IN = 0.28  # height of a clip's row, inches
NUMBER_IN = 0.4  # width of a cell that holds a number, inches


@styled()
def confusion(counts: np.ndarray, labels: Sequence[str], title: str) -> Figure:
    """Confusion matrix: colors are shares of the true class, numbers are clips.

    Parameters
    ----------
    counts : np.ndarray of shape (labels, labels), int
        Rows are the truth, columns the prediction.
    labels : sequence of str
        Labels in the order of `counts`.
    title : str
        Title of the figure.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(2.6 + 0.9 * len(labels), 2.1 + 0.8 * len(labels)), layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), n in np.ndenumerate(counts):
        axes.text(column, row, n, ha="center", va="center", color="white" if shares[row, column] > 0.6 else "black")
    names = [display_name(label) for label in labels]
    axes.set_xticks(range(len(labels)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(labels)), names)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.8)
    return figure


@styled()
def per_class(table: pd.DataFrame) -> Figure:
    """Precision, recall and F1 of each label as bars.

    Parameters
    ----------
    table : pd.DataFrame
        Columns label, support (number of clips), precision, recall, f1, as `evaluation.metrics.per_class` returns.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    positions = np.arange(len(table))
    for shift, (measure, shade) in enumerate({"precision": "#9ecae1", "recall": "#4292c6", "f1": "#08519c"}.items()):
        bars = axes.bar(
            positions + 0.27 * (shift - 1), table[measure], width=0.25, color=shade, label=measure.replace("f1", "F1")
        )
        axes.bar_label(bars, fmt="%.2f", fontsize=8, padding=2)
    names = [f"{display_name(label)}\n{n} clips" for label, n in zip(table["label"], table["support"], strict=True)]
    axes.set_xticks(positions, names)
    axes.set(ylim=(0, 1.12), ylabel="score", title="Scores per class, test clips")
    axes.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


@styled()
def history(table: pd.DataFrame) -> Figure:
    """Loss and accuracy over the epochs, training against validation, with the epoch that was kept.

    Parameters
    ----------
    table : pd.DataFrame
        A row per epoch: columns epoch, loss, accuracy, val_loss, val_accuracy. A logistic regression has no epochs: its
        only row is drawn as bars.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(8.5, 3.4), layout="constrained")
    kept = table.loc[table["val_loss"].idxmin(), "epoch"]
    for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.set(title=measure.capitalize(), ylim=(0, 1.08 if measure == "accuracy" else None))
        values = {"train": table[measure], "validation": table[f"val_{measure}"]}
        if len(table) == 1:
            bars = axes.barh(list(values), [value.iloc[0] for value in values.values()], color=[PALETTE[0], PALETTE[4]])
            axes.bar_label(bars, fmt="%.3f", padding=3)
            axes.set(xlim=(0, axes.get_xlim()[1] * 1.1), ylim=(-0.8, 1.8))
            continue
        for color, (part, value) in zip((PALETTE[0], PALETTE[4]), values.items(), strict=True):
            axes.plot(table["epoch"], value, color=color, label=part)
        axes.axvline(kept, color="0.6", linestyle=":", label="kept")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(table) > 1:
        axes.legend(loc="lower right")
    return figure


@styled()
def predictions(table: pd.DataFrame, labels: Sequence[str]) -> Figure:
    """Probabilities of every test clip as a heat map, a cell for each label; wrong predictions are marked.

    Parameters
    ----------
    table : pd.DataFrame
        A row per clip: columns truth, prediction, and a probability for each of `labels`.
    labels : sequence of str
        Labels in the order of the columns.

    Returns
    -------
    Figure
        The cell of the prediction has a frame; none has one where no label was heard.
    """
    names = [display_name(label) for label in labels]
    width_in, cell_in = 8.5, min(1.2, 5.5 / len(labels))
    upright = cell_in < NUMBER_IN + 0.2  # names in a slant would run into each other
    names_in = (0.09 if upright else 0.05) * max(map(len, names))
    figure = Figure(figsize=(width_in, 1.2 + names_in + ROW_IN * len(table)), layout="constrained")
    axes = figure.subplots()
    probabilities = table[list(labels)].to_numpy()
    image = axes.imshow(probabilities, cmap=PROBABILITY, vmin=0, vmax=1, aspect=ROW_IN / cell_in)
    if cell_in >= NUMBER_IN:
        for (row, column), value in np.ndenumerate(probabilities):
            color = "white" if value > DARK else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=color, fontsize=8)
    for row, prediction in enumerate(table["prediction"]):
        if prediction in labels:
            corner = list(labels).index(prediction) - 0.5, row - 0.5
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="black", linewidth=1.5, clip_on=False))
    wrong = table["truth"] != table["prediction"]
    truths = [f"{display_name(truth)}{'  (wrong)' * mark}" for truth, mark in zip(table["truth"], wrong, strict=True)]
    axes.set_yticks(range(len(table)), truths, fontsize=9)
    for tick, mark in zip(axes.get_yticklabels(), wrong, strict=True):
        tick.set_fontweight("bold" if mark else "normal")
    slant = {"rotation": 90, "va": "center"} if upright else {"rotation": 30}
    axes.set_xticks(range(len(labels)), names, fontsize=9, ha="right", rotation_mode="anchor", **slant)
    axes.tick_params(length=0)
    axes.set(xlabel="label; a frame marks the prediction", ylabel="true label of the clip")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color("0.8")
    figure.colorbar(image, ax=axes, label="probability", shrink=0.8, pad=0.02)
    figure.suptitle("Predictions, test clips", x=0.01, ha="left", fontweight="bold")
    return figure

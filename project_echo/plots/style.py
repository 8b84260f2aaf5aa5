"""Every matplotlib figure, in one style: a colour per class, the same in all, that colour-blind readers tell apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from project_echo.core import files
from project_echo.core.labels import NONE, animal_labels, display_name

# Okabe and Ito, "Color Universal Design", 2008.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
GREY = "#B0B0B0"
DPI = 110

matplotlib.rcParams.update(
    {
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "legend.frameon": False,
        "text.parse_math": False,  # labels and file names are text, dollar signs included
    }
)


def colours(labels: Sequence[str]) -> dict[str, str]:
    """A colour for each label, by its place in the alphabet; none is grey."""
    animals = animal_labels(sorted(labels))
    return {NONE: GREY} | {label: PALETTE[place % len(PALETTE)] for place, label in enumerate(animals)}


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes on every run."""
    with files.atomic_path(path) as beside:
        figure.savefig(beside, dpi=DPI, metadata={"Software": None})


def confusion(counts: np.ndarray, labels: Sequence[str], title: str) -> Figure:
    """Confusion matrix, shape (labels, labels): colour by share of the true class, numbers are clips."""
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


def per_class(table: pd.DataFrame) -> Figure:
    """Precision, recall and F1 of each label, beside one another."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(table))
    for shift, (measure, shade) in enumerate({"precision": "#9ecae1", "recall": "#4292c6", "f1": "#08519c"}.items()):
        bars = axes.bar(
            places + 0.27 * (shift - 1), table[measure], width=0.25, color=shade, label=measure.replace("f1", "F1")
        )
        axes.bar_label(bars, fmt="%.2f", fontsize=8, padding=2)
    axes.set_xticks(
        places, [f"{display_name(label)}\n{n} clips" for label, n in zip(table["label"], table["support"], strict=True)]
    )
    axes.set(ylim=(0, 1.12), ylabel="score", title="Scores per class, test clips")
    axes.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def history(table: pd.DataFrame) -> Figure:
    """Loss and accuracy over the epochs, training against validation; the epoch that was kept is marked.

    A regression has no epochs but an end: its table has one row, drawn as bars.
    """
    figure = Figure(figsize=(8.5, 3.4), layout="constrained")
    kept = table.loc[table["val_loss"].idxmin(), "epoch"]
    for axes, measure in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.set(title=measure.capitalize(), ylim=(0, 1.08 if measure == "accuracy" else None))
        values = {"train": table[measure], "validation": table[f"val_{measure}"]}
        if len(table) == 1:
            ends = axes.barh(list(values), [value.iloc[0] for value in values.values()], color=[PALETTE[0], PALETTE[4]])
            axes.bar_label(ends, fmt="%.3f", padding=3)
            axes.set(xlim=(0, axes.get_xlim()[1] * 1.1), ylim=(-0.8, 1.8))
            continue
        for colour, (part, value) in zip((PALETTE[0], PALETTE[4]), values.items(), strict=True):
            axes.plot(table["epoch"], value, color=colour, label=part)
        axes.axvline(kept, color="0.6", linestyle=":", label="kept")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(table) > 1:
        axes.legend(loc="lower right")
    return figure


def predictions(table: pd.DataFrame, labels: Sequence[str]) -> Figure:
    """Every test clip's probabilities as one bar; wrong ones are marked."""
    figure = Figure(figsize=(8.5, 1.6 + 0.28 * len(table)), layout="constrained")
    axes = figure.subplots()
    table = table.iloc[::-1]
    _stacked(axes, np.arange(len(table)), table[list(labels)].to_numpy(), labels)
    rows = [
        f"{display_name(row.truth)}{'' if row.truth == row.prediction else '  (wrong)'}" for row in table.itertuples()
    ]
    axes.set_yticks(range(len(table)), rows, fontsize=9)
    for tick, wrong in zip(axes.get_yticklabels(), table["truth"] != table["prediction"], strict=True):
        tick.set_fontweight("bold" if wrong else "normal")
    axes.set(xlim=(0, 1), xlabel="probability", ylabel="true label of the clip")
    figure.suptitle("Predictions, test clips", x=0.01, ha="left", fontweight="bold")
    figure.legend(*axes.get_legend_handles_labels(), ncols=len(labels), loc="outside upper right")
    return figure


def _stacked(axes: Any, places: np.ndarray, probabilities: np.ndarray, labels: Sequence[str]) -> None:
    left = np.zeros(len(places))
    for label, share in zip(labels, probabilities.T, strict=True):
        axes.barh(places, share, left=left, color=colours(labels)[label], label=display_name(label), height=0.8)
        left += share


def timeline(windows: pd.DataFrame, answer: dict[str, Any]) -> Figure:
    """One recording: every window's probabilities over time in s, and beneath them the final ones.

    `windows` has the columns start_s, end_s and one per label.
    """
    figure = Figure(figsize=(8.5, 5), layout="constrained")
    labels = list(windows.columns[2:])
    over_time, final = figure.subplots(2, 1, height_ratios=(3, 1 + 0.25 * len(labels)))
    middle = (windows["start_s"] + windows["end_s"]) / 2
    for label in labels:
        over_time.plot(middle, windows[label], color=colours(labels)[label], label=display_name(label), marker=".")
    over_time.set(xlim=(0, windows["end_s"].max()), ylim=(-0.02, 1.02))
    over_time.set(xlabel="middle of the window, s", ylabel="probability")
    verdict = answer["verdict"] and f" ({answer['verdict']}, truth: {display_name(answer['truth'])})"
    over_time.set_title(f"{Path(answer['recording']).name}: {display_name(answer['label'])}{verdict}")
    figure.legend(*over_time.get_legend_handles_labels(), ncols=min(len(labels), 5), loc="outside lower right")
    mean = windows[labels].mean()
    bars = final.barh(
        [display_name(label) for label in labels], mean, color=[colours(labels)[label] for label in labels]
    )
    final.bar_label(bars, fmt="%.2f", padding=3)
    final.invert_yaxis()
    share = f"{answer['stability']:.0%} of them agree with the label"
    final.set(xlim=(0, 1.08), xlabel=f"mean of {len(windows)} windows; {share}")
    return figure

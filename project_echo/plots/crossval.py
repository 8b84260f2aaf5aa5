"""Figures of many draws: accuracies of single draws, learning curve, reliability diagram."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from project_echo.plots.palette import PALETTE
from project_echo.plots.style import styled


@styled()
def accuracies(table: pd.DataFrame, pooled: dict[str, float]) -> Figure:
    """Histogram of the accuracies of single draws, with their mean and its 95% confidence interval.

    Parameters
    ----------
    table : pd.DataFrame
        A row per draw, with `accuracy`.
    pooled : dict
        Accuracy of all draws together: value, and low and high of its interval.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    values, counts = np.unique(table["accuracy"].round(6), return_counts=True)
    width = 0.8 * np.diff(values).min() if len(values) > 1 else 0.05
    axes.bar(values, counts, width=width, color=PALETTE[5])
    axes.axvspan(
        pooled["low"], pooled["high"], color=PALETTE[0], alpha=0.2, label="95% confidence interval of the mean"
    )
    axes.axvline(pooled["value"], color=PALETTE[0], label=f"mean, {pooled['value']:.3f}")
    axes.set(xlabel="accuracy of a single draw", ylabel="draws", title=f"Accuracy, {len(table)} draws of sources")
    axes.set_xlim(min(0.5, values[0] - width), 1.02 + width / 2)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left")
    return figure


@styled()
def curve(table: pd.DataFrame) -> Figure:
    """Learning curve: accuracy against training sources per class, with 95% confidence intervals.

    Parameters
    ----------
    table : pd.DataFrame
        Columns train (sources per class), accuracy, low, high.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    errors = np.abs(table[["low", "high"]].to_numpy().T - table["accuracy"].to_numpy())
    axes.errorbar(table["train"], table["accuracy"], errors, color=PALETTE[0], marker="o", capsize=4)
    for row in table.itertuples():
        axes.annotate(
            f"{row.accuracy:.2f}", (row.train, row.accuracy), (6, -12), textcoords="offset points", fontsize=9
        )
    axes.set(xlabel="training sources per class", ylabel="accuracy", title="Accuracy against training sources")
    axes.set_xticks(table["train"])
    axes.set_ylim(top=1.02)
    return figure


@styled()
def reliability(table: pd.DataFrame, errors: dict[str, float]) -> Figure:
    """Reliability diagrams before and after calibration; points of more pairs of a clip and a label are larger.

    Parameters
    ----------
    table : pd.DataFrame
        A row per bin: columns confidence (mean probability of a label), accuracy (share of the pairs that hold), clips
        (pairs), as `reliability_bins` returns, and scaling, "before" or "after".
    errors : dict
        Expected calibration error, "before" and "after".

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(8.5, 4.2), layout="constrained")
    for axes, (when, points), color in zip(
        figure.subplots(1, 2, sharey=True), table.groupby("scaling", sort=False), (PALETTE[4], PALETTE[0]), strict=True
    ):
        axes.plot([0, 1], [0, 1], color="0.6", linestyle=":")
        axes.plot(points["confidence"], points["accuracy"], color=color, linewidth=1)
        shares = points["clips"] / points["clips"].sum()
        axes.scatter(points["confidence"], points["accuracy"], 10 + 300 * shares, color, clip_on=False)
        axes.set(xlim=(0, 1.03), ylim=(0, 1.03), xlabel="probability of a label", aspect="equal")
        axes.set_title(f"{str(when).capitalize()} calibration\nECE {errors[str(when)]:.3f}")
        if when == "before":
            axes.set_ylabel("share of clips with the label")
    return figure

"""Figures of an evaluation in the field: precision against recall, and recall by signal-to-noise ratio."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from project_echo.core.labels import display_name
from project_echo.plots.palette import PALETTE, label_styles
from project_echo.plots.spreading import spread
from project_echo.plots.style import styled

ROW_IN = 0.22  # height of a name beside the curves, inches


@styled()
def precision_recall(table: pd.DataFrame, average_precision: Mapping[str, float | None]) -> Figure:
    """Precision against recall of each label, whose name and average precision stand at the end of its curve.

    Parameters
    ----------
    table : pd.DataFrame
        Columns label, recall, precision, as `field_scores.precision_recall_curves` returns.
    average_precision : mapping of str to float or None
        By label. Labels without a curve are not drawn.

    Returns
    -------
    Figure
    """
    curves = {str(label): curve for label, curve in table.groupby("label", sort=False)}
    height_in = max(4.2, 1.2 + ROW_IN * len(curves))
    figure = Figure(figsize=(7.5, height_in), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axes.set_title("Precision and recall of windows, average precision of each label")
    styles = label_styles(list(average_precision))
    ends = {label: float(curve["precision"].iloc[-1]) for label, curve in curves.items()}
    places = spread(np.array(list(ends.values())), 1.1 * ROW_IN / (height_in - 1))
    for (label, curve), place in zip(curves.items(), places, strict=True):
        color, dashes = styles[label].color, styles[label].dashes or (None, None)
        axes.plot(curve["recall"], curve["precision"], color=color, dashes=dashes, linewidth=1.8)
        axes.plot([1, 1.04, 1.1], [ends[label], place, place], color=color, dashes=dashes, linewidth=1.2, clip_on=False)
        axes.text(1.11, place, f"{average_precision[label]:.2f}  {display_name(label)}", va="center", fontsize=10)
    return figure


@styled()
def recall_by_snr(table: pd.DataFrame) -> Figure:
    """Share of calls found at each signal-to-noise ratio, with 95% confidence intervals and numbers of calls.

    Parameters
    ----------
    table : pd.DataFrame
        Columns snr_db, calls, recall, low, high, as `field_events.recall_by_snr` returns.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    errors = np.abs(table[["low", "high"]].to_numpy().T - table["recall"].to_numpy())
    axes.errorbar(table["snr_db"], table["recall"], errors, color=PALETTE[0], marker="o", capsize=4)
    for row in table.itertuples():
        axes.annotate(f"{row.recall:.2f}", (row.snr_db, row.recall), (6, -12), textcoords="offset points", fontsize=9)
    names = [f"{row.snr_db:g}\n{row.calls} calls" for row in table.itertuples()]
    axes.set_xticks(table["snr_db"], names)
    axes.margins(x=0.08)
    axes.set(ylim=(0, 1.02), xlabel="call above background, dB", ylabel="calls found")
    axes.set_title("Recall of calls by signal-to-noise ratio")
    return figure

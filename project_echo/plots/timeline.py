"""Figure of an unseen recording: probabilities over time, and the final ones."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from project_echo.core.labels import display_name
from project_echo.core.text import percent, recording_title
from project_echo.plots.palette import label_colors
from project_echo.plots.style import styled


@styled()
def timeline(windows: pd.DataFrame, summary: dict[str, Any]) -> Figure:
    """Probabilities of every window of a recording over time, and below them their means.

    Parameters
    ----------
    windows : pd.DataFrame
        A row per window: columns start_s and end_s, then a probability for each label.
    summary : dict
        The recording's row of recordings.csv: recording, label, truth, verdict (empty if the truth is not known) and
        agreement.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(8.5, 5), layout="constrained")
    labels = list(windows.columns[2:])
    over_time, final = figure.subplots(2, 1, height_ratios=(3, 1 + 0.25 * len(labels)))
    middle = (windows["start_s"] + windows["end_s"]) / 2
    for label in labels:
        over_time.plot(middle, windows[label], color=label_colors(labels)[label], label=display_name(label), marker=".")
    over_time.set(xlim=(0, windows["end_s"].max()), ylim=(-0.02, 1.02))
    over_time.set(xlabel="middle of the window, s", ylabel="probability")
    over_time.set_title(recording_title(summary, display_name(summary["label"])))
    figure.legend(*over_time.get_legend_handles_labels(), ncols=min(len(labels), 5), loc="outside lower right")
    mean = windows[labels].mean()
    bars = final.barh(
        [display_name(label) for label in labels], mean, color=[label_colors(labels)[label] for label in labels]
    )
    final.bar_label(bars, fmt="%.2f", padding=3)
    final.invert_yaxis()
    agreement = f"{percent(summary['agreement'], 0)} of them agree with the label"
    final.set(xlim=(0, 1.08), xlabel=f"mean of {len(windows)} windows; {agreement}")
    return figure

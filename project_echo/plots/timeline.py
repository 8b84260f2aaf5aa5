"""Figure of an unseen recording: probabilities over time, and the final ones."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from project_echo.core.labels import display_name
from project_echo.core.text import count, percent, recording_title
from project_echo.plots.palette import PALETTE, label_styles
from project_echo.plots.style import legend_size, styled

MAX_SHOWN = len(PALETTE)  # animals in color; more lines cannot be followed
OTHERS = "0.85"  # gray


@styled()
def timeline(windows: pd.DataFrame, summary: dict[str, Any]) -> Figure:
    """Probabilities of every window of a recording over time, and below them their means.

    Parameters
    ----------
    windows : pd.DataFrame
        A row per window: columns start_s and end_s, then a probability for each label by itself.
    summary : dict
        The recording's row of recordings.csv: recording, label, truth, verdict (empty if the truth is not known) and
        agreement.

    Returns
    -------
    Figure
        Of more than MAX_SHOWN animals, those with the lowest maxima are thin gray lines, and of their means the highest
        is a bar.
    """
    labels = list(windows.columns[2:])
    shown = shown_labels(windows[labels], summary["label"])
    others = [label for label in labels if label not in shown]
    styles = label_styles(labels)
    n_bars = len(shown) + bool(others)
    width_in = 8.5
    columns, legend_in = legend_size([display_name(label) for label in shown], width_in)
    figure = Figure(figsize=(width_in, 4.75 + legend_in + 0.25 * max(0, n_bars - 5)), layout="constrained")
    over_time, final = figure.subplots(2, 1, height_ratios=(3, 1 + 0.25 * n_bars))
    middle = (windows["start_s"] + windows["end_s"]) / 2
    for label in others:
        over_time.plot(middle, windows[label], color=OTHERS, linewidth=0.8, label="_other")
    for label in shown:
        style = styles[label]
        over_time.plot(
            middle,
            windows[label],
            color=style.color,
            linestyle=(0, style.dashes) if style.dashes else "-",
            label=display_name(label),
            marker="" if style.dashes else ".",  # markers would hide the dashes
        )
    over_time.set(xlim=(0, windows["end_s"].max()), ylim=(-0.02, 1.02))
    over_time.set(xlabel="middle of the window, s", ylabel="probability")
    over_time.set_title(recording_title(summary, display_name(summary["label"])))
    figure.legend(*over_time.get_legend_handles_labels(), ncols=columns, handlelength=3, loc="outside lower right")
    mean = windows[shown].mean().to_numpy()
    bar_names, colors = [display_name(label) for label in shown], [styles[label].color for label in shown]
    if others:
        bar_names.append(f"{count(len(others), 'other label')}, at most")
        mean, colors = np.append(mean, windows[others].mean().max()), [*colors, OTHERS]
    bars = final.barh(bar_names, mean, color=colors)
    for bar, label in zip(bars, shown, strict=False):
        bar.set(hatch=styles[label].hatch, edgecolor="white", linewidth=0)
    final.bar_label(bars, fmt="%.2f", padding=3)
    final.invert_yaxis()
    agreement = f"{percent(summary['agreement'], 0)} of them agree with the label"
    final.set(xlim=(0, 1.08), xlabel=f"mean of {len(windows)} windows; {agreement}")
    return figure


def shown_labels(probabilities: pd.DataFrame, label: str) -> list[str]:
    """The labels that are drawn in color, at most MAX_SHOWN, in the order of the columns.

    Parameters
    ----------
    probabilities : pd.DataFrame of shape (windows, labels)
        Those with the highest maxima are shown.
    label : str
        Of the recording, or `none`: it is shown whatever its maximum.

    Returns
    -------
    list of str
    """
    maxima = probabilities.max()
    maxima[maxima.index == label] = np.inf
    highest = maxima.sort_values(ascending=False, kind="stable").index[:MAX_SHOWN]
    return [name for name in probabilities.columns if name in highest]

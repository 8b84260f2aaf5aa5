"""Figures of where the classifier looks: spectrograms with its attention over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from project_echo.features.config import Features
from project_echo.plots.mel_axis import draw

# Clear where nothing is looked at, so that the spectrogram stays grey there.
HEAT = LinearSegmentedColormap.from_list("heat", [(1, 0.75, 0, 0), (1, 0.55, 0, 0.45), (0.83, 0.2, 0, 0.8)])


@dataclass(frozen=True)
class Panel:
    """A spectrogram and where it speaks for one label."""

    title: str
    image: np.ndarray  # (n_mels, frames, 3), dB
    attention: np.ndarray  # (n_mels, frames), 0 to 1
    start_s: float = 0.0  # of the window in its recording, s


def overlays(rows: Sequence[Sequence[Panel]], features: Features, title: str) -> Figure:
    """Panels in a grid, `rows` of one length each, over Hz and s."""
    width = 8.5 if len(rows[0]) == 1 else 5.6 * len(rows[0])
    figure = Figure(figsize=(width, 1 + (3.4 if len(rows) == 1 else 2.7) * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for axes, panel in zip(grid.flat, (panel for row in rows for panel in row), strict=True):
        heat = _draw(axes, panel, features)
    for axes in grid[:, 0]:
        axes.set_ylabel("frequency, Hz")
    for axes in grid[-1]:
        axes.set_xlabel("time, s")
    figure.colorbar(heat, ax=grid, label="speaks for the label", ticks=[0, 1], shrink=0.8 / len(rows), pad=0.02)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return figure


def _draw(axes: Any, panel: Panel, features: Features) -> Any:
    decibels = panel.image.mean(axis=-1, dtype=np.float32)
    # What is no louder than usual stays white: in a noisy recording all would be dark otherwise.
    draw(axes, decibels, features, panel.start_s, cmap="gray_r", vmin=np.median(decibels) - 1, vmax=0)
    axes.set_title(panel.title, fontsize=10, fontweight="normal")
    return draw(axes, panel.attention, features, panel.start_s, cmap=HEAT, vmin=0, vmax=1)

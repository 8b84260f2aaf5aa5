"""Figures of Grad-CAM attention maps over spectrograms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from project_echo.features.config import Features
from project_echo.plots.mel_axis import draw, draw_spectrogram
from project_echo.plots.style import styled

# Transparent at 0, so that the spectrogram stays gray there.
HEAT = LinearSegmentedColormap.from_list("heat", [(1, 0.75, 0, 0), (1, 0.55, 0, 0.45), (0.83, 0.2, 0, 0.8)])


@dataclass(frozen=True)
class Panel:
    """A spectrogram and the evidence in it for one label."""

    title: str
    image: np.ndarray  # log-mel spectrogram, shape (n_mels, frames, 3), dB
    attention: np.ndarray | None  # Grad-CAM map, shape (n_mels, frames), 0 to 1
    start_s: float = 0.0  # of the window in its recording


@styled()
def overlays(rows: Sequence[Sequence[Panel]], features: Features, title: str) -> Figure:
    """Grid of spectrograms with attention maps over them, where there are any, on axes in Hz and s.

    Parameters
    ----------
    rows : sequence of sequences of Panel
        Panels by row of the grid; all rows have the same length.
    features : Features
        How the spectrograms were computed.
    title : str
        Title of the figure.

    Returns
    -------
    Figure
    """
    width = 8.5 if len(rows[0]) == 1 else 5.6 * len(rows[0])
    figure = Figure(figsize=(width, 1 + (3.4 if len(rows) == 1 else 2.7) * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for axes, panel in zip(grid.flat, (panel for row in rows for panel in row), strict=True):
        heat = _draw(axes, panel, features)
    for axes in grid[:, 0]:
        axes.set_ylabel("frequency, Hz")
    for axes in grid[-1]:
        axes.set_xlabel("time, s")
    if heat is not None:
        figure.colorbar(heat, ax=grid, label="evidence for the label", ticks=[0, 1], shrink=0.8 / len(rows), pad=0.02)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return figure


def _draw(axes: Axes, panel: Panel, features: Features) -> AxesImage | None:
    draw_spectrogram(axes, panel.image, features, panel.start_s, cmap="gray_r", margin_db=1)
    axes.set_title(panel.title, fontsize=10, fontweight="normal")
    if panel.attention is None:
        return None
    return draw(axes, panel.attention, features, panel.start_s, cmap=HEAT, vmin=0, vmax=1)

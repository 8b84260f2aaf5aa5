"""Marks of the figures in a page: points with intervals, cells of a heat map, and what axes have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter

from project_echo.plots.spreading import spread
from project_echo.plots.svg import CARD, MUTED, set_title

POINT = 9  # px across
LEGIBLE = 0.65  # opacity of a cell up to which a number on it can be read, in light and in dark
MAX_TITLES = 400  # cells of a heat map that have a text of their own
LEVELS = 20  # opacities of a heat map with more cells


def point(axes: Axes, x: float, y: float, color: str, title: str = "", size: float = POINT) -> None:
    """Draw a point, with a text for the mouse over it.

    Parameters
    ----------
    axes : Axes
    x, y : float
        Its center, in data coordinates.
    color : str
        One that a page has a variable for.
    title : str
        Plain text.
    size : float
        px across.
    """
    # A stroke without length and with round ends is much shorter in SVG than the outline of a circle.
    for width, shade in ((size + 3, CARD), (size, color)):
        (dot,) = axes.plot([x, x], [y, y], color=shade, linewidth=width, solid_capstyle="round", zorder=3)
    if title:
        set_title(dot, title)


def interval(axes: Axes, x: Sequence[float], y: Sequence[float], color: str) -> None:
    """Draw a confidence interval as a pale bar from one end to the other, in data coordinates."""
    axes.plot(x, y, color=color, linewidth=4, alpha=0.4, solid_capstyle="butt", zorder=2)


def cell(axes: Axes, x: float, y: float, color: str, opacity: float, title: str = "") -> None:
    """Draw a cell of a heat map, 1 by 1 around its center; an opacity of 0 has the color of the paper.

    Parameters
    ----------
    axes : Axes
    x, y : float
        Its center, in data coordinates.
    color : str
    opacity : float
        0 to 1.
    title : str
        Plain text for the mouse over it.
    """
    patch = Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color, alpha=round(opacity, 3), linewidth=0)
    axes.add_patch(patch)
    if title:
        set_title(patch, title)


def cells(axes: Axes, where: np.ndarray, color: str, alpha: float) -> None:
    """Draw many cells of one opacity as one shape.

    Parameters
    ----------
    axes : Axes
    where : np.ndarray of bool, shape (rows, columns)
        Which cells are drawn; the center of a cell is at its column and row.
    color : str
    alpha : float
        Opacity, 0 to 1.
    """
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
    centers = np.argwhere(where)[:, ::-1]
    if not len(centers):
        return
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
    path = Path((centers[:, np.newaxis] + corners).reshape(-1, 2), codes * len(centers))
    axes.add_patch(PathPatch(path, facecolor=color, alpha=alpha, linewidth=0))


def name_values(axes: Axes, name: str) -> None:
    """Name what the vertical axis shows, in level writing above it, and draw level grid lines."""
    axes.set_title(name, color=MUTED, fontweight="normal")
    axes.grid(axis="y")


def percentages(axes: Axes, axis: str) -> None:
    """Write the ticks of an axis, "x" or "y", as percentages."""
    (axes.xaxis if axis == "x" else axes.yaxis).set_major_formatter(
        FuncFormatter(lambda value, _: f"{100 * value:.4g}%")
    )


def legend(axes: Axes, colors: dict[str, str]) -> None:
    """Name the colors above the axes.

    Parameters
    ----------
    axes : Axes
    colors : dict of str to str
        By name.
    """
    handles = [
        axes.plot([], [], color=color, linewidth=POINT, solid_capstyle="round", label=name)[0]
        for name, color in colors.items()
    ]
    axes.legend(
        handles=handles,
        ncols=len(colors),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderpad=0,
        borderaxespad=0.3,
        handlelength=0.05,
        handletextpad=0.8,
        columnspacing=1.4,
    )


def name_lines(axes: Axes, ends: Mapping[str, tuple[float, str, Sequence[float]]], distance: float) -> None:
    """Name lines on the right of the axes, where they end, each after a stroke in its style.

    Parameters
    ----------
    axes : Axes
        Its limits are set.
    ends : mapping of str to tuple
        By name: the last value of the line, its color and its dashes.
    distance : float
        Least distance of two names, as a share of the height of the axes.
    """
    low, high = axes.get_ylim()
    places = spread(np.array([(value - low) / (high - low) for value, _, _ in ends.values()]), distance)
    for (name, (_, color, pattern)), place in zip(ends.items(), places, strict=True):
        ends_of_stroke = [1.02, 1.08], [place, place]
        axes.plot(*ends_of_stroke, color=color, transform=axes.transAxes, clip_on=False, **dashes(pattern))
        place_text: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate(name, (1.08, place), (6, 0), va="center_baseline", **place_text)


def dashes(pattern: Sequence[float]) -> dict[str, Any]:
    """The dashes of a line (`palette.LabelStyle`), as `Axes.plot` takes them."""
    return {"dashes": pattern, "dash_capstyle": "butt"} if pattern else {}

"""The style of all figures, and how a figure is saved."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from project_echo.core import files

STYLE = Path(__file__).with_name("echo.mplstyle")


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of echo.mplstyle: a context, or the decorator of a function that draws.

    Matplotlib reads some settings when a figure is made and others when it is saved, so both happen in this context.
    Outside it Matplotlib keeps the settings of the program that imports this library.
    """
    with matplotlib.rc_context(fname=STYLE):
        yield


def legend_size(names: Sequence[str], width_in: float) -> tuple[int, float]:
    """Columns and height of a legend that fits the width of a figure.

    In the font of the style a character takes about 0.08 in, a line or patch and the space around it 0.9 in, and a row
    0.24 in.

    Parameters
    ----------
    names : sequence of str
    width_in : float
        Width of the figure, inches.

    Returns
    -------
    columns : int
        Five at most.
    height_in : float
        Inches.
    """
    column_in = 0.9 + 0.08 * max(map(len, names))
    columns = max(1, min(len(names), 5, int(width_in / column_in)))
    return columns, 0.24 * math.ceil(len(names) / columns)


@styled()
def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes on every run."""
    with files.atomic_path(path) as temporary:
        figure.savefig(temporary, metadata={"Software": None})

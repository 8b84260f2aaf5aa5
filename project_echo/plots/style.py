"""The style of all figures, and how a figure is saved."""

from collections.abc import Iterator
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


@styled()
def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes on every run."""
    with files.atomic_path(path) as temporary:
        figure.savefig(temporary, metadata={"Software": None})

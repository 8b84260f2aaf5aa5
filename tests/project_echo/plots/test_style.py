"""All figures have one style, whatever Matplotlib's settings are, and leave the settings alone."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from project_echo import plots
from project_echo.plots import style
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import FIGURES

MODULES = [module.name for module in pkgutil.iter_modules(plots.__path__, f"{plots.__name__}.")]

Draw = Callable[[Sequence[str]], Figure]


@pytest.fixture(autouse=True)
def _default_settings() -> Iterator[None]:
    """Settings as in a fresh process, so that a figure cannot depend on what was imported or drawn before it."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def test_importing_the_figures_changes_no_setting() -> None:
    code = f"""
import importlib, matplotlib
before = dict(matplotlib.rcParams.copy())
for module in {MODULES}:
    importlib.import_module(module)
assert dict(matplotlib.rcParams.copy()) == before
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_figure_function_is_tested_here() -> None:
    public = {
        name
        for module in map(importlib.import_module, MODULES)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if inspect.signature(function).return_annotation is Figure and not name.startswith("_")
    }
    public.remove("new_figure")  # an empty one
    assert public <= {draw.__name__ for draw in FIGURES}


@pytest.mark.parametrize("draw", FIGURES)
def test_drawing_and_saving_changes_no_setting_and_other_settings_change_no_byte(draw: Draw, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams.copy())
    style.save(draw(figures.LABELS), tmp_path / "first.png")
    assert dict(matplotlib.rcParams.copy()) == before
    matplotlib.rcParams.update({"font.size": 20, "axes.facecolor": "red", "savefig.dpi": 30, "text.parse_math": True})
    style.save(draw(figures.LABELS), tmp_path / "second.png")
    first = (tmp_path / "first.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert first == (tmp_path / "second.png").read_bytes()


@pytest.mark.parametrize("draw", FIGURES)
def test_dollar_signs_of_a_label_are_text(draw: Draw) -> None:
    figure = draw(["a$b$c", "$x", r"$\frac{$"])
    with style.styled():
        figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and "$" in text.get_text()]
    assert not any(text.get_parse_math() for text in texts)

"""Figures of many draws: what they show, and the same bytes on every run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from project_echo.models import calibration
from project_echo.plots import crossval, style

SPREAD = pd.DataFrame({"accuracy": [0.75, 1.0, 0.875, 0.875, 0.3, 0.1 + 0.2]})
CURVE = pd.DataFrame({"train": [1, 5, 9], "accuracy": [0.5, 0.8, 0.9], "low": [0.4, 0.7, 0.85], "high": [0.6, 0.9, 1]})
POINTS = pd.DataFrame({"confidence": [0.4, 0.8], "accuracy": [0.5, 0.6], "clips": [10, 30]})


def accuracies(table: pd.DataFrame = SPREAD) -> Figure:
    return crossval.accuracies(table, {"mean": 0.7, "low": 0.6, "high": 0.8})


def curve(table: pd.DataFrame = CURVE) -> Figure:
    return crossval.curve(table)


def reliability() -> Figure:
    draw = np.random.default_rng(1)
    confidences, right = draw.random(50), draw.random(50) < 0.5
    table = calibration.reliability(confidences, right)
    scaled = pd.concat([POINTS.assign(scaling="before"), table.assign(scaling="after")])
    return crossval.reliability(scaled, {"before": 0.25, "after": 0.125})


@pytest.mark.parametrize("draw", [accuracies, curve, reliability])
def test_a_figure_is_the_same_bytes_twice(tmp_path: Path, draw: Callable[[], Figure]) -> None:
    for name in ("first.png", "second.png"):
        style.save(draw(), tmp_path / name)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_every_draw_is_in_the_bar_of_its_accuracy() -> None:
    axes = accuracies().axes[0]
    bars = {round(bar.get_x() + bar.get_width() / 2, 6): bar.get_height() for bar in axes.containers[0]}
    assert bars == {0.3: 2, 0.75: 1, 0.875: 2, 1.0: 1}
    low, high = axes.get_xlim()
    assert low < min(bars) < max(bars) < high


def test_draws_that_are_all_alike_make_one_bar(tmp_path: Path) -> None:
    figure = accuracies(SPREAD.assign(accuracy=0.2))
    style.save(figure, tmp_path / "figure.png")
    (bar,) = figure.axes[0].containers[0]
    assert bar.get_height() == len(SPREAD)
    assert figure.axes[0].get_xlim()[0] < bar.get_x()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_curve_goes_through_its_points_with_their_intervals(rows: int) -> None:
    table = CURVE[:rows]
    axes = curve(table).axes[0]
    line, _, (bars,) = axes.containers[0]
    np.testing.assert_allclose(line.get_xydata(), table[["train", "accuracy"]])
    ends = [segment[:, 1] for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, table[["low", "high"]])


def test_reliability_shows_before_and_after_side_by_side() -> None:
    before, after = reliability().axes
    assert [axes.get_title("left") for axes in (before, after)] == [
        "Before scaling\nECE 0.250",
        "After scaling\nECE 0.125",
    ]
    points = before.collections[0]
    np.testing.assert_allclose(points.get_offsets(), POINTS[["confidence", "accuracy"]])
    assert points.get_sizes()[1] > points.get_sizes()[0]

"""Figures of many draws show their tables."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from project_echo.plots import crossval
from tests.project_echo.plots import figures
from tests.project_echo.plots.figures import BINS, CURVE, SPREAD


def bars(figure: Figure) -> dict[float, float]:
    """Heights of the bars by their middle."""
    return {round(bar.get_x() + bar.get_width() / 2, 6): bar.get_height() for bar in figure.axes[0].containers[0]}


def test_draws_are_counted_by_their_accuracy() -> None:
    figure = figures.accuracies()
    assert bars(figure) == {0.3: 2, 0.75: 1, 0.875: 2, 1.0: 1}
    low, high = figure.axes[0].get_xlim()
    assert low < 0.3
    assert high > 1


def test_the_mean_is_a_line_within_its_interval() -> None:
    axes = figures.accuracies().axes[0]
    interval = axes.patches[-1].get_extents().transformed(axes.transData.inverted())
    assert (interval.x0, interval.x1) == pytest.approx((0.6, 0.8))
    (mean,) = axes.lines
    assert np.asarray(mean.get_xdata()).tolist() == [0.7, 0.7]
    assert "0.700" in str(mean.get_label())


def test_draws_of_the_same_accuracy_make_one_bar_within_the_axes() -> None:
    figure = crossval.accuracies(SPREAD.assign(accuracy=0.2), {"value": 0.2, "low": 0.1, "high": 0.3})
    assert bars(figure) == {0.2: len(SPREAD)}
    (bar,) = figure.axes[0].containers[0]
    assert figure.axes[0].get_xlim()[0] < bar.get_x()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_curve_goes_through_its_points_with_their_intervals(rows: int) -> None:
    table = CURVE[:rows]
    axes = crossval.curve(table).axes[0]
    line, _, (intervals,) = axes.containers[0]
    np.testing.assert_allclose(line.get_xydata(), table[["train", "accuracy"]])
    np.testing.assert_allclose([segment[:, 1] for segment in intervals.get_segments()], table[["low", "high"]])


def test_reliability_shows_before_and_after_side_by_side() -> None:
    before, after = figures.reliability().axes
    for axes, parts in ((before, ("Before", "0.250")), (after, ("After", "0.125"))):
        assert all(part in axes.get_title("left") for part in parts)
    points = before.collections[0]
    np.testing.assert_allclose(points.get_offsets(), BINS[["confidence", "accuracy"]])
    assert points.get_sizes()[1] > points.get_sizes()[0]

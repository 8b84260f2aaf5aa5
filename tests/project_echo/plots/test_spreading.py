"""Places of names beside curves."""

import numpy as np
import pytest

from project_echo.plots.spreading import spread


def test_names_that_would_cover_each_other_are_moved_apart() -> None:
    assert sorted(spread(np.array([0.5, 0.5, 0.52, 1.0]), 0.1)) == pytest.approx([0.5, 0.6, 0.7, 1.0])


def test_names_stay_within_the_axes_if_they_fit() -> None:
    assert spread(np.array([0.99, 1.0]), 0.1) == pytest.approx([0.9, 1.0])
    assert spread(np.array([1.0, 1.0, 1.0]), 0.6) == pytest.approx([0, 0.6, 1.2])


def test_names_that_are_apart_stay_where_they_are() -> None:
    assert list(spread(np.array([0.9, 0.1]), 0.1)) == [0.9, 0.1]
    assert len(spread(np.array([]), 0.1)) == 0

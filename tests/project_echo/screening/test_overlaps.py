"""Averaging what overlapping windows say about the same seconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.screening.overlaps import average_overlaps

SLICES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.floats(0, 1)), max_size=30)


@given(SLICES)
def test_each_slice_is_the_mean_of_those_that_share_seconds_with_it_weighted_by_these(
    slices: list[tuple[int, int, float]],
) -> None:
    slices = sorted(slices)
    start = np.array([first for first, _, _ in slices], float)
    end = start + np.array([length for _, length, _ in slices], float)
    probabilities = np.array([[value] for *_, value in slices]).reshape(-1, 1)
    averaged = average_overlaps(start, end, probabilities)
    for index in range(len(slices)):
        shared = np.maximum(np.minimum(end, end[index]) - np.maximum(start, start[index]), 0)
        expected = shared @ probabilities[:, 0] / shared.sum()
        assert averaged[index, 0] == pytest.approx(expected, abs=1e-6)


def test_slices_that_do_not_overlap_keep_their_probabilities_to_the_last_bit() -> None:
    draw = np.random.default_rng(1)
    start, probabilities = np.arange(50.0), draw.random((50, 3)).astype(np.float32)
    np.testing.assert_array_equal(average_overlaps(start, start + 1, probabilities), probabilities)


@pytest.mark.parametrize("hop", [0.25, 0.5, 0.9])
def test_windows_that_agree_are_not_changed_by_their_overlap(hop: float) -> None:
    start = np.arange(40) * hop
    averaged = average_overlaps(start, start + 1, np.full((40, 2), 0.7))
    np.testing.assert_allclose(averaged, 0.7, atol=1e-6)

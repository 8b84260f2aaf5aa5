"""Times of windows and of their slices."""

import numpy as np

from project_echo.models.window_tables import slice_table, window_table
from project_echo.models.windows import TIME_COLUMNS, slice_bounds
from tests.sounds import FEATURES

LABELS = ("boar", "fox", "frog")


def test_the_only_window_of_a_short_recording_ends_with_it() -> None:
    windows = window_table(np.ones((1, 3)), LABELS, FEATURES, 1.0, duration_s=0.3)
    assert windows[TIME_COLUMNS].to_numpy().tolist() == [[0.0, 0.3]]


def test_the_slices_of_windows_follow_each_other_and_end_with_the_recording() -> None:
    probabilities = np.arange(2 * 3 * 3).reshape(2, 3, 3) / 18
    table = slice_table(probabilities, LABELS, FEATURES, 1.0, duration_s=2.0)
    assert list(table.columns) == [*TIME_COLUMNS, *LABELS]
    np.testing.assert_allclose(table["start_s"], [0, 0.375, 0.625, 1, 1.375, 1.625])
    np.testing.assert_allclose(table["end_s"], [0.375, 0.625, 1, 1.375, 1.625, 2])
    np.testing.assert_array_equal(table[list(LABELS)], probabilities.reshape(6, 3))
    start_s, end_s = slice_bounds((1, 3), FEATURES, 1.0, duration_s=0.5)
    np.testing.assert_allclose(np.concatenate([start_s, end_s]), [[0, 0.375, 0.5], [0.375, 0.5, 0.5]])


def test_a_single_slice_has_the_times_of_its_window() -> None:
    probabilities = np.ones((4, 1, 3))
    slices = slice_table(probabilities, LABELS, FEATURES, 0.5, duration_s=2.3)
    windows = window_table(probabilities[:, 0], LABELS, FEATURES, 0.5, duration_s=2.3)
    np.testing.assert_allclose(slices, windows)

"""From a network's own windows to our slices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.custom_networks.card import NetworkCard
from project_echo.custom_networks.slices import STEPS, ZERO, mean_over_slices, quantize, row_times, window_starts
from project_echo.features.slices import slice_times


def card(window_s: float, hop_s: float) -> NetworkCard:
    return NetworkCard.model_validate(
        {
            "name": "tiny",
            "licence": "CC0-1.0",
            "sample_rate_hz": 8000,
            "window_s": window_s,
            "hop_s": hop_s,
            "input": {"tensor": 0, "kind": "waveform"},
            "embedding": {"tensor": 1, "highest": 1.0},
        }
    )


@given(n=st.integers(1, 99_999), window=st.integers(1, 40_000), share=st.floats(0.01, 1))
def test_windows_cover_ours_and_none_is_beyond_it(n: int, window: int, share: float) -> None:
    own = card(window / 8000, max(1, round(window * share)) / 8000)
    starts = window_starts(n, own)
    assert starts[0] == 0 and starts[-1] + own.window_samples >= n
    assert set(np.diff(starts)) <= {own.hop_samples} and own.hop_samples <= own.window_samples
    assert len(starts) == 1 or starts[-2] + own.window_samples < n


@pytest.mark.parametrize(("window_s", "hop_s", "n"), [(3, 1, 3), (1, 1, 5), (5, 5, 1), (8, 8, 1), (2, 1.5, 3)])
def test_windows_of_five_seconds(window_s: float, hop_s: float, n: int) -> None:
    assert len(window_starts(40_000, card(window_s, hop_s))) == n


@given(
    slices=st.integers(1, 12),
    steps=st.integers(1, 6),
    window_s=st.sampled_from([0.5, 0.96, 3.0, 5.0, 7.0]),
    share=st.sampled_from([0.25, 0.5, 1.0]),
)
def test_a_slice_is_a_mean_that_every_overlapping_row_enters(
    slices: int, steps: int, window_s: float, share: float
) -> None:
    times = row_times(40_000, card(window_s, window_s * share), steps)
    wanted = slice_times(slices, 5.0)
    shares = mean_over_slices(np.eye(len(times), dtype=np.float32), times, wanted)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    overlaps = (times[:, 0] < wanted[:, 1:] - 1e-6) & (times[:, 1] > wanted[:, :1] + 1e-6)
    assert (shares[overlaps] > 0).all() and (shares[~overlaps] < 1e-5).all()


def test_rows_weigh_by_how_long_they_overlap_a_slice() -> None:
    times = np.array([[0, 3], [1, 4], [2, 5.0]])
    means = mean_over_slices(np.eye(3, dtype=np.float32), times, np.array([[0, 1.25], [2, 3.0]]))
    np.testing.assert_allclose(means, [[5 / 6, 1 / 6, 0], [1 / 3, 1 / 3, 1 / 3]], atol=1e-6)


@given(st.lists(st.floats(-3, 3, width=32), min_size=2, max_size=20), st.sampled_from([0.1, 1.0, 3.0]))
def test_eight_bits_keep_order_sign_and_square_roots(numbers: list[float], highest: float) -> None:
    values = np.sort(np.array(numbers, np.float32))
    quantized = quantize(values, highest)
    assert quantized.dtype == np.uint8 and (np.diff(quantized.astype(int)) >= 0).all()
    steps = quantized.astype(float) - ZERO
    roots = np.sign(values) * np.sqrt(np.minimum(np.abs(values) / highest, 1)) * STEPS
    assert np.abs(steps - roots).max() <= 0.5 + 1e-3


def test_zero_and_both_ends_have_fixed_steps() -> None:
    assert quantize(np.array([-9, -2, 0, 2, 9], np.float32), 2.0).tolist() == [1, 1, 128, 255, 255]

"""The loudest segments are kept, and all others are counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.features.segments import level_dbfs, loudest_segments, padded_segment


def steps(*levels: float) -> np.ndarray:
    """Ten samples of each level."""
    return np.repeat(np.array(levels, dtype=np.float32), 10)


def test_the_loudest_segments_are_kept_in_order_of_time() -> None:
    segments = loudest_segments(steps(0.1, 0.5, 0.2, 0.9, 0.3), length=10, hop=10, max_segments=3, min_db=-60)
    assert segments.starts.tolist() == [10, 30, 40]
    np.testing.assert_allclose(segments.levels_dbfs, 20 * np.log10([0.5, 0.9, 0.3]), atol=1e-5)
    assert (segments.n_silent, segments.n_surplus) == (0, 2)


def test_silence_is_dropped_before_the_loudest_are_chosen() -> None:
    segments = loudest_segments(steps(0, 0.5, 1e-4, 0.9), length=10, hop=10, max_segments=3, min_db=-60)
    assert segments.starts.tolist() == [10, 30]
    assert (segments.n_silent, segments.n_surplus) == (2, 0)


def test_levels_are_relative_to_the_loudest_segment() -> None:
    segments = loudest_segments(2.0**-17 * steps(0, 0.5, 0.04, 1), length=10, hop=10, max_segments=3, min_db=-20)
    assert segments.starts.tolist() == [10, 30]
    assert (segments.n_silent, segments.n_surplus) == (2, 0)


def test_digital_silence_is_silent_even_if_nothing_is_louder() -> None:
    segments = loudest_segments(steps(0, 0), length=10, hop=10, max_segments=3, min_db=-60)
    assert (len(segments.starts), segments.n_silent) == (0, 2)


def test_of_equally_loud_segments_the_first_is_kept() -> None:
    segments = loudest_segments(steps(0.5, 0.5, 0.5), length=10, hop=10, max_segments=1, min_db=-60)
    assert segments.starts.tolist() == [0]


def test_a_short_recording_is_one_candidate_and_padding_does_not_lower_its_level() -> None:
    segments = loudest_segments(steps(0.5), length=40, hop=20, max_segments=2, min_db=-60)
    assert segments.starts.tolist() == [0]
    assert segments.levels_dbfs[0] == pytest.approx(20 * np.log10(0.5), abs=1e-4)
    np.testing.assert_array_equal(padded_segment(steps(0.5), 0, 40), np.concatenate([steps(0.5), np.zeros(30)]))


@pytest.mark.parametrize(("amplitude", "level"), [(1.0, 0.0), (0.1, -20.0), (0.0, -np.inf)])
def test_level_of_a_square_wave(amplitude: float, level: float) -> None:
    square = amplitude * np.where(np.arange(100) % 2, 1, -1)
    assert level_dbfs(square.astype(np.float32)) == pytest.approx(level, abs=1e-5)


@given(
    n=st.integers(1, 300),
    length=st.integers(1, 80),
    hop=st.integers(1, 90),
    max_segments=st.integers(1, 9),
    min_db=st.floats(-40, 0),
    seed=st.integers(0, 9),
)
def test_every_candidate_is_kept_or_counted(
    n: int, length: int, hop: int, max_segments: int, min_db: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    samples = (random.random(n) * 10 ** random.uniform(-3, 0, n)).astype(np.float32)
    segments = loudest_segments(samples, length, hop, max_segments, min_db)
    assert len(segments.starts) + segments.n_silent + segments.n_surplus == 1 + max(0, n - length) // hop
    assert len(segments.starts) <= max_segments
    loudest = max(level_dbfs(samples[start : start + length]) for start in range(0, max(0, n - length) + 1, hop))
    assert (segments.levels_dbfs >= loudest + min_db).all()
    quieter = loudest_segments(samples * np.float32(2**-14), length, hop, max_segments, min_db)
    assert quieter.starts.tolist() == segments.starts.tolist()
    assert (quieter.n_silent, quieter.n_surplus) == (segments.n_silent, segments.n_surplus)
    assert (np.diff(segments.starts) > 0).all()
    assert (segments.starts % hop == 0).all()
    assert all(start == 0 or start + length <= n for start in segments.starts)
    assert all(len(padded_segment(samples, start, length)) == length for start in segments.starts)

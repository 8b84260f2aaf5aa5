"""The loudest stretches, and an account of the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.features import segments


def steps(*levels: float) -> np.ndarray:
    """Ten samples of each level."""
    return np.repeat(np.array(levels, dtype=np.float32), 10)


def test_the_loudest_are_kept_in_the_order_of_time() -> None:
    found = segments.cut(steps(0.1, 0.5, 0.2, 0.9, 0.3), length=10, hop=10, at_most=3, min_dbfs=-60)
    assert found.starts.tolist() == [10, 30, 40]
    np.testing.assert_allclose(found.levels_dbfs, 20 * np.log10([0.5, 0.9, 0.3]), atol=1e-5)
    assert (found.n_silent, found.n_surplus) == (0, 2)


def test_silence_is_left_out_before_the_loudest_are_chosen() -> None:
    found = segments.cut(steps(0, 0.5, 1e-4, 0.9), length=10, hop=10, at_most=3, min_dbfs=-60)
    assert found.starts.tolist() == [10, 30]
    assert (found.n_silent, found.n_surplus) == (2, 0)


def test_the_first_of_equals_is_kept() -> None:
    assert segments.cut(steps(0.5, 0.5, 0.5), length=10, hop=10, at_most=1, min_dbfs=-60).starts.tolist() == [0]


def test_a_short_recording_is_one_candidate_measured_on_what_there_is() -> None:
    found = segments.cut(steps(0.5), length=40, hop=20, at_most=2, min_dbfs=-60)
    assert found.starts.tolist() == [0]
    assert found.levels_dbfs[0] == pytest.approx(20 * np.log10(0.5), abs=1e-4)
    np.testing.assert_array_equal(segments.padded(steps(0.5), 0, 40), np.concatenate([steps(0.5), np.zeros(30)]))


@pytest.mark.parametrize(("amplitude", "level"), [(1.0, 0.0), (0.1, -20.0), (0.0, -np.inf)])
def test_level_of_a_square_wave(amplitude: float, level: float) -> None:
    square = amplitude * np.where(np.arange(100) % 2, 1, -1)
    assert segments.level_dbfs(square.astype(np.float32)) == pytest.approx(level, abs=1e-5)


@given(
    n=st.integers(1, 300),
    length=st.integers(1, 80),
    hop=st.integers(1, 90),
    at_most=st.integers(1, 9),
    min_dbfs=st.floats(-40, 0),
    seed=st.integers(0, 9),
)
def test_every_candidate_is_accounted_for(
    n: int, length: int, hop: int, at_most: int, min_dbfs: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    samples = (random.random(n) * 10 ** random.uniform(-3, 0, n)).astype(np.float32)
    found = segments.cut(samples, length, hop, at_most, min_dbfs)
    assert len(found.starts) + found.n_silent + found.n_surplus == 1 + max(0, n - length) // hop
    assert len(found.starts) <= at_most
    assert (found.levels_dbfs >= min_dbfs).all()
    assert (np.diff(found.starts) > 0).all()
    assert (found.starts % hop == 0).all()
    assert all(start == 0 or start + length <= n for start in found.starts)
    assert all(len(segments.padded(samples, start, length)) == length for start in found.starts)

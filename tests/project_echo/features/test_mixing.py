"""Active parts of calls, and calls mixed into background at a stated signal-to-noise ratio."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.features.mixing import FADE_S, FRAME_S, add_call, cut_call, find_active, gain_for_snr
from tests.sounds import hiss, tone

RATE = 8000
FRAME = round(FRAME_S * RATE)


def bursts(*spans_s: tuple[float, float], seconds: float = 4.0, amplitude: float = 0.3) -> np.ndarray:
    """A tone that sounds from start to end of each span, s, over faint noise."""
    sound = hiss(seconds, RATE, amplitude=amplitude * 1e-3)
    for start_s, end_s in spans_s:
        first, last = round(start_s * RATE), round(end_s * RATE)
        sound[first:last] += tone(1000, seconds, RATE, amplitude)[first:last]
    return sound


def seconds(spans: list[tuple[int, int]]) -> np.ndarray:
    return np.array(spans) / RATE


@pytest.mark.parametrize("amplitude", [1e-4, 0.3, 30.0])
def test_the_active_parts_are_where_the_call_is_whatever_its_level(amplitude: float) -> None:
    active = find_active(bursts((1.0, 1.5), (2.5, 3.2), amplitude=amplitude), RATE)
    np.testing.assert_allclose(seconds(active.spans), [[1.0, 1.5], [2.5, 3.2]], atol=2 * FRAME_S)
    assert (active.start, active.stop) == (active.spans[0][0], active.spans[-1][1])
    # The frames at the edges are only partly filled.
    assert active.rms == pytest.approx(amplitude / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(("pause_s", "parts"), [(0.2, 1), (0.45, 1), (0.7, 2)])
def test_only_long_pauses_divide_a_call(pause_s: float, parts: int) -> None:
    assert len(find_active(bursts((1.0, 1.5), (1.5 + pause_s, 2.6)), RATE).spans) == parts


@pytest.mark.parametrize(("below_db", "heard"), [(20, True), (45, False)])
def test_what_is_far_below_the_loudest_is_not_active(below_db: float, heard: bool) -> None:
    quiet = 10 ** (-below_db / 20) * bursts((2.5, 3.0), amplitude=0.3)
    assert (len(find_active(bursts((0.5, 1.0)) + quiet, RATE).spans) == 2) == heard


@given(n=st.integers(1, 5 * FRAME), seed=st.integers(0, 99))
def test_calls_of_any_length_have_spans_within_them(n: int, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 1, n)
    active = find_active(samples, RATE)
    assert 0 <= active.start < active.stop <= n
    call, cut = cut_call(samples, RATE)
    assert len(call) == active.stop - active.start
    assert all(0 <= first < last <= len(call) for first, last in cut.spans)
    assert np.isfinite(call).all()


@pytest.mark.parametrize("n", [0, 1, FRAME, 3 * FRAME, RATE])
def test_silence_has_no_level_and_stays_silent(n: int) -> None:
    silence = np.zeros(n, np.float32)
    assert find_active(silence, RATE).rms == 0
    call, active = cut_call(silence, RATE)
    assert active.rms == 0
    np.testing.assert_array_equal(call, np.zeros(len(call)))


@pytest.mark.parametrize("amplitude", [1e-4, 0.3])
def test_a_cut_call_has_an_rms_of_1_where_it_is_active_and_short_fades(amplitude: float) -> None:
    sound = bursts((1.0, 1.5), (2.5, 3.2), amplitude=amplitude)
    call, active = cut_call(sound, RATE)
    inside = np.concatenate([call[first:last] for first, last in active.spans])
    assert np.sqrt(np.mean(inside**2)) == pytest.approx(1, rel=0.02)
    whole = find_active(sound, RATE)
    assert active.spans == [(first - whole.start, last - whole.start) for first, last in whole.spans]
    assert (active.start, active.stop, active.rms) == (0, len(call), 1)
    n = round(FADE_S * RATE)
    middle = slice(n, len(call) - n)
    np.testing.assert_allclose(call[middle], sound[whole.start : whole.stop][middle] / whole.rms)
    assert abs(call[0]) <= abs(sound[whole.start] / whole.rms)
    assert abs(call[-1]) < 0.1


@pytest.mark.parametrize(
    ("start", "covered"),
    [(0, (0, 30)), (-10, (0, 20)), (90, (90, 100)), (-30, (0, 0)), (100, (100, 100)), (35, (35, 65))],
)
def test_a_call_is_added_where_it_starts_and_cut_off_at_the_ends(start: int, covered: tuple[int, int]) -> None:
    mixture, call = np.ones(100), np.arange(1.0, 31)
    assert add_call(mixture, call, start, 2.0) == covered
    expected = np.ones(200 + 30)
    expected[100 + start - 50 : 100 + start - 50 + 30] += 2 * call  # the mixture is from 50 to 150
    np.testing.assert_array_equal(mixture, expected[50:150])


def test_a_call_longer_than_the_mixture_covers_all_of_it() -> None:
    mixture = np.zeros(10)
    assert add_call(mixture, np.arange(50.0), -20, 1.0) == (0, 10)
    assert mixture.tolist() == list(range(20, 30))


@given(snr_db=st.floats(-30, 60), level=st.floats(1e-4, 10))
def test_the_gain_gives_the_signal_to_noise_ratio(snr_db: float, level: float) -> None:
    background = level * hiss(1, RATE)
    call, _ = cut_call(bursts((1.0, 1.5)), RATE)
    signal = gain_for_snr(background, snr_db) * call
    measured = 10 * np.log10(np.mean(signal**2) / np.mean(np.square(background, dtype=np.float64)))
    assert measured == pytest.approx(snr_db, abs=0.25)

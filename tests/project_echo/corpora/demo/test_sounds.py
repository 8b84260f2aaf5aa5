"""Building blocks of the demo corpus: as accurate as they need to be, and the same on every processor."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from project_echo.core.seeds import generator
from project_echo.corpora.demo.sounds import (
    active_level_db,
    apply_gain,
    convolve,
    fade_in_out,
    glide,
    harmonics,
    resonate,
    rounded,
    sine,
    white_noise,
)

RATE = 32000
DIGEST = """
import hashlib, numpy as np
from project_echo.core.seeds import generator
from project_echo.corpora.demo.corpus import KINDS, _record_individual, OTHER_SPECIES, LABELS
digest = hashlib.sha256()
for voice in (*LABELS, *OTHER_SPECIES):
    samples, _ = _record_individual(voice, 2 * 32000, generator(3, voice), 32000)
    digest.update(samples.tobytes())
print(digest.hexdigest())
"""


def noise(n: int, seed: int = 1) -> np.ndarray:
    return white_noise(generator(seed), n)


def test_a_looked_up_sine_is_one_to_sixteen_bits() -> None:
    phase = generator(1).uniform(0, 1000, 5000)
    np.testing.assert_allclose(sine(phase), np.sin(2 * np.pi * phase), atol=1e-4)


def test_harmonics_are_sines_of_multiples_of_the_pitch() -> None:
    pitch_hz = np.linspace(300, 900, 2 * RATE)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE
    expected = np.sin(phase) + 0.3 * np.sin(3 * phase)
    np.testing.assert_allclose(harmonics(pitch_hz, [1, 0, 0.3], RATE), expected, atol=3e-4)
    assert not harmonics(np.full(100, 0.49 * RATE), [1], RATE).any()  # it would alias


def test_noise_is_white_and_of_unit_power() -> None:
    samples = noise(1 << 17)
    assert samples.dtype == np.float32
    assert samples.std() == pytest.approx(1, abs=0.01)
    assert abs(samples.mean()) < 0.01
    _, power = signal.welch(samples, nperseg=64)
    assert power[1:-1].max() < 1.3 * power[1:-1].min()


@given(n=st.integers(1, 9000), m=st.integers(1, 700), start=st.integers(0, 5000))
def test_convolution_in_blocks_is_convolution(n: int, m: int, start: int) -> None:
    samples, response = noise(n), rounded(noise(m, 2))
    samples[start : start + 3000] = 0
    expected = np.convolve(samples.astype(float), response)[:n]
    np.testing.assert_allclose(convolve(samples, response), expected, atol=1e-3)


def test_a_gain_changes_levels_and_does_not_shift_in_time() -> None:
    seconds = np.arange(RATE) / RATE
    low, high = np.sin(2 * np.pi * 500 * seconds), np.sin(2 * np.pi * 5000 * seconds)
    filtered = apply_gain(low + high, RATE, lambda hz: np.where(hz < 2000, 0.5, 0.1))
    middle = slice(RATE // 4, -RATE // 4)
    np.testing.assert_allclose(filtered[middle], (0.5 * low + 0.1 * high)[middle], atol=2e-3)


def test_a_resonance_lets_its_frequency_through_and_little_else() -> None:
    seconds = np.arange(RATE) / RATE
    for hz, expected in [(1000, 1.0), (950, 0.707), (1050, 0.707), (3000, 0.05)]:
        peak = resonate(np.sin(2 * np.pi * hz * seconds), [(1000, 100, 1.0)], RATE)[RATE // 2 :].max()
        assert peak == pytest.approx(expected, abs=0.05)
    assert not resonate(noise(100), [(0.46 * RATE, 100, 1.0)], RATE).any()


@pytest.mark.parametrize("n", [1, 100, 1000, 8000])
def test_an_envelope_rises_from_and_falls_to_nothing(n: int) -> None:
    envelope = fade_in_out(n, RATE, 0.02, 0.05)
    assert envelope.shape == (n,)
    assert envelope.min() >= 0 and envelope.max() <= 1
    assert envelope[0] == 0 and envelope[-1] == 0
    if n == 8000:
        assert (envelope[700:-1700] == 1).all()


def test_levels_leave_out_pauses_and_rumble() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    assert active_level_db(tone, RATE) == pytest.approx(-3, abs=0.3)
    assert active_level_db(np.concatenate([tone, 0 * tone]), RATE) == pytest.approx(-3, abs=0.3)
    rumble = np.sin(2 * np.pi * 20 * np.arange(RATE) / RATE).astype(np.float32)
    assert active_level_db(rumble, RATE) < -20
    assert active_level_db(0 * tone, RATE) == -np.inf
    assert np.isfinite(active_level_db(tone[:50], RATE))


def digest(**variables: str) -> str:
    command = [sys.executable, "-c", DIGEST]
    return subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_recordings_do_not_depend_on_which_code_numpy_chooses() -> None:
    """NumPy chooses its code by the processor; here it is told to choose that of the oldest."""
    info = np.show_config(mode="dicts")
    assert isinstance(info, dict)
    found = info["SIMD Extensions"].get("found", [])
    assert digest() == digest(NPY_DISABLE_CPU_FEATURES=" ".join(found), OPENBLAS_CORETYPE="Nehalem")


@pytest.mark.parametrize("n", [1, 2, 100, 30_000])
@pytest.mark.parametrize("points", [[0.5], [1, 3], [1.0, -2.0, 0.5, 4.0]])
def test_a_glide_is_linear_between_its_points(points: list[float], n: int) -> None:
    expected = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(points)), points)
    np.testing.assert_allclose(glide(points, n), expected, atol=1e-3)

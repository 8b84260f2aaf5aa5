"""Distance, reverberation, background and recorder have the stated effects."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from project_echo.core.seeds import generator
from project_echo.corpora.demo.scenes import Recorder, Scene, background, propagate, record
from project_echo.corpora.demo.sounds import active_level_db

SAMPLE_RATE = 32000


def band_level_db(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    frequencies, power = signal.welch(samples, SAMPLE_RATE, nperseg=4096)
    return float(10 * np.log10(power[(frequencies > low_hz) & (frequencies < high_hz)].mean()))


def a_scene(number: int = 0, **changes: float | None) -> Scene:
    return replace(Scene.draw(generator(1, "place", number)), **changes)  # type: ignore[arg-type]


def bursts() -> np.ndarray:
    """Every other second a tone of 1 kHz."""
    seconds = np.arange(8 * SAMPLE_RATE) / SAMPLE_RATE
    return (np.sin(2 * np.pi * 1000 * seconds) * (seconds % 2 < 1)).astype(np.float32)


def test_a_low_signal_to_noise_ratio_means_a_far_animal() -> None:
    scenes = [Scene.draw(generator(1, "place", number)) for number in range(200)]
    snr = np.array([scene.snr_db for scene in scenes])
    distance = np.array([scene.distance_m for scene in scenes])
    assert snr.min() >= 0
    assert snr.max() <= 25
    assert np.ptp(snr) > 20
    assert distance.min() >= 2
    assert distance.max() <= 120
    assert np.corrcoef(snr, np.log(distance))[0, 1] < -0.8
    assert Scene.draw(generator(1), snr_db=18).snr_db == 18


def test_distance_attenuates_high_frequencies_most() -> None:
    hiss = generator(1, "hiss").standard_normal(4 * SAMPLE_RATE).astype(np.float32)
    scene = a_scene(foliage=1.0)

    def treble_db(distance_m: float) -> float:
        recorded = propagate(hiss, distance_m, scene, generator(2), SAMPLE_RATE)
        return band_level_db(recorded, 6000, 9000) - band_level_db(recorded, 200, 500)

    assert treble_db(100) < treble_db(20) - 3 < treble_db(2) - 4


def test_reverberation_grows_with_distance() -> None:
    click = np.zeros(2 * SAMPLE_RATE, dtype=np.float32)
    click[100] = 1
    scene = a_scene(reverberation_s=1.0, foliage=0.0)

    def echo_db(distance_m: float) -> float:
        recorded = propagate(click, distance_m, scene, generator(2), SAMPLE_RATE)
        direct, tail = recorded[: 100 + SAMPLE_RATE // 30], recorded[100 + SAMPLE_RATE // 30 :]
        return float(10 * np.log10((tail**2).sum() / (direct**2).sum()))

    assert echo_db(100) > echo_db(3) + 6


@pytest.mark.parametrize("number", range(6))
def test_background_has_the_stated_signal_to_noise_ratio(number: int) -> None:
    scene = a_scene(number, reverberation_s=0.2, gusts_hz=1.0)
    flat = Recorder(low_hz=1, high_hz=1e6, tilt_db=0, bumps=(), peak_dbfs=-6, sample_rate=SAMPLE_RATE)
    silence = np.zeros(8 * SAMPLE_RATE, dtype=np.float32)
    for snr_db in (0.0, 20.0):
        clean = record(bursts(), [], replace(scene, snr_db=200.0), flat, generator(4), SAMPLE_RATE)
        mixed = record(bursts(), [], replace(scene, snr_db=snr_db), flat, generator(4), SAMPLE_RATE)
        scale = float(np.dot(mixed, clean) / np.dot(clean, clean))
        rest = mixed - scale * clean
        difference_db = active_level_db(scale * clean, SAMPLE_RATE) - active_level_db(rest, SAMPLE_RATE)
        assert difference_db == pytest.approx(snr_db, abs=1.5)
    assert np.isfinite(record(silence, [], scene, flat, generator(4), SAMPLE_RATE)).all()


def test_hum_consists_of_harmonics_of_the_mains_frequency() -> None:
    scene = a_scene(hum_db=10.0, mains_hz=60, insects_db=None, wind_db=-60.0, noise_db=-60.0)
    recorded = background(scene, 4 * SAMPLE_RATE, generator(1), SAMPLE_RATE)
    spectrum = np.abs(np.fft.rfft(recorded))
    peaks = np.argsort(spectrum)[-3:] / 4  # Hz
    assert np.allclose(peaks % 60, 0)


@pytest.mark.parametrize("number", range(8))
def test_recordings_are_finite_and_have_the_peak_level_of_the_recorder(number: int) -> None:
    rng = generator(7, number)
    scene, recorder = Scene.draw(rng), Recorder.draw(rng)
    distant = np.roll(bursts(), SAMPLE_RATE)
    recorded = record(bursts(), [(distant, -15.0)], scene, recorder, rng, SAMPLE_RATE)
    assert recorded.shape == bursts().shape
    assert np.isfinite(recorded).all()
    assert 20 * np.log10(np.abs(recorded).max()) == pytest.approx(recorder.peak_dbfs, abs=0.01)
    gain = recorder.gain(np.linspace(0, SAMPLE_RATE / 2, 500))
    assert np.isfinite(gain).all()
    assert (gain >= 0).all()

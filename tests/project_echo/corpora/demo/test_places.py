"""Distance, echo, background and recorder do what they say."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from project_echo.core.seeds import generator
from project_echo.corpora.demo.places import Place, Recorder, background, record, travel
from project_echo.corpora.demo.sounds import loudness_db

RATE = 32000


def level_db(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    frequencies, power = signal.welch(samples, RATE, nperseg=4096)
    return float(10 * np.log10(power[(frequencies > low_hz) & (frequencies < high_hz)].mean()))


def a_place(number: int = 0, **changes: float | None) -> Place:
    return replace(Place.draw(generator(1, "place", number)), **changes)  # type: ignore[arg-type]


def bursts() -> np.ndarray:
    """A second of 1 kHz in each two."""
    seconds = np.arange(8 * RATE) / RATE
    return (np.sin(2 * np.pi * 1000 * seconds) * (seconds % 2 < 1)).astype(np.float32)


def test_clear_animals_are_near_and_poor_ones_far() -> None:
    places = [Place.draw(generator(1, "place", number)) for number in range(200)]
    snr = np.array([place.snr_db for place in places])
    distance = np.array([place.distance_m for place in places])
    assert snr.min() >= 0
    assert snr.max() <= 25
    assert np.ptp(snr) > 20
    assert distance.min() >= 2
    assert distance.max() <= 120
    assert np.corrcoef(snr, np.log(distance))[0, 1] < -0.8
    assert Place.draw(generator(1), snr_db=18).snr_db == 18


def test_distance_takes_the_high_frequencies_first() -> None:
    hiss = generator(1, "hiss").standard_normal(4 * RATE).astype(np.float32)
    place = a_place(leaves=1.0)

    def slope(distance_m: float) -> float:
        heard = travel(hiss, distance_m, place, generator(2), RATE)
        return level_db(heard, 6000, 9000) - level_db(heard, 200, 500)

    assert slope(100) < slope(20) - 3 < slope(2) - 4


def test_echo_outlasts_the_sound_and_grows_with_distance() -> None:
    click = np.zeros(2 * RATE, dtype=np.float32)
    click[100] = 1
    place = a_place(reverberation_s=1.0, leaves=0.0)

    def echo_db(distance_m: float) -> float:
        heard = travel(click, distance_m, place, generator(2), RATE)
        direct, tail = heard[: 100 + RATE // 30], heard[100 + RATE // 30 :]
        return float(10 * np.log10((tail**2).sum() / (direct**2).sum()))

    assert echo_db(100) > echo_db(3) + 6


@pytest.mark.parametrize("number", range(6))
def test_background_lies_below_the_animal_by_the_stated_ratio(number: int) -> None:
    place = a_place(number, reverberation_s=0.2, gusts_hz=1.0)
    flat = Recorder(low_hz=1, high_hz=1e6, tilt_db=0, bumps=(), peak_dbfs=-6, rate_hz=RATE)
    silence = np.zeros(8 * RATE, dtype=np.float32)
    for snr_db in (0.0, 20.0):
        clean = record(bursts(), [], replace(place, snr_db=200.0), flat, generator(4), RATE)
        mixed = record(bursts(), [], replace(place, snr_db=snr_db), flat, generator(4), RATE)
        scale = float(np.dot(mixed, clean) / np.dot(clean, clean))
        rest = mixed - scale * clean
        assert loudness_db(scale * clean, RATE) - loudness_db(rest, RATE) == pytest.approx(snr_db, abs=1.5)
    assert np.isfinite(record(silence, [], place, flat, generator(4), RATE)).all()


def test_hum_stands_at_the_mains_frequency() -> None:
    place = a_place(hum_db=10.0, mains_hz=60, insects_db=None, wind_db=-60.0, noise_db=-60.0)
    heard = background(place, 4 * RATE, generator(1), RATE)
    spectrum = np.abs(np.fft.rfft(heard))
    peaks = np.argsort(spectrum)[-3:] / 4  # Hz
    assert np.allclose(peaks % 60, 0)


@pytest.mark.parametrize("number", range(8))
def test_recordings_are_finite_and_peak_where_the_recorder_puts_them(number: int) -> None:
    draw = generator(7, number)
    place, recorder = Place.draw(draw), Recorder.draw(draw)
    stranger = np.roll(bursts(), RATE)
    heard = record(bursts(), [(stranger, -15.0)], place, recorder, draw, RATE)
    assert heard.shape == bursts().shape
    assert np.isfinite(heard).all()
    assert 20 * np.log10(np.abs(heard).max()) == pytest.approx(recorder.peak_dbfs, abs=0.01)
    gain = recorder.gain(np.linspace(0, RATE / 2, 500))
    assert np.isfinite(gain).all()
    assert (gain >= 0).all()

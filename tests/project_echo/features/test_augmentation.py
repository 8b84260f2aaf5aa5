"""Copies are altered by as much as was asked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.features.augmentation import (
    Augmentation,
    add_noise,
    augment,
    pink_noise,
    play,
    reverberate,
)
from tests.sounds import RATE, hiss, loudest_hz, tone

NOTHING = Augmentation(
    snr_db=(120, 120), pitch_semitones=(0, 0), reverberation_seconds=(0, 0), roll_seconds=0, gain_db=(0, 0)
)
CLIP = tone(1000, 2)


def copy_of(samples: np.ndarray, seed: int = 1, **changes: object) -> np.ndarray:
    return augment(samples, RATE, replace(NOTHING, **changes), np.random.default_rng(seed))


def test_a_copy_without_changes_is_the_clip() -> None:
    np.testing.assert_allclose(copy_of(CLIP)[1000:-1000], CLIP[1000:-1000], atol=0.01)


@given(snr_db=st.floats(-20, 60), amplitude=st.floats(0.001, 1), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_noise_stands_below_the_sound_by_the_ratio(snr_db: float, amplitude: float, seed: int) -> None:
    sound = tone(1000, 0.5, amplitude=amplitude).astype(np.float64)
    noise = add_noise(sound, snr_db, np.random.default_rng(seed)) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=1e-3)


def test_the_ratio_of_a_copy_is_the_one_asked_for() -> None:
    clean, noisy = copy_of(CLIP), copy_of(CLIP, snr_db=(6.0, 6.0))
    power = np.mean(np.square(noisy - clean, dtype=np.float64))
    assert 10 * np.log10(np.mean(np.square(clean)) / power) == pytest.approx(6, abs=0.1)


def test_noise_is_pink() -> None:
    spectrum = np.abs(np.fft.rfft(pink_noise(2**16, np.random.default_rng(1)))) ** 2
    octaves = [spectrum[2**place : 2 ** (place + 1)].mean() for place in range(8, 15)]
    np.testing.assert_allclose(np.diff(10 * np.log10(octaves)), -3.01, atol=0.8)


@pytest.mark.parametrize("semitones", [-24.0, -3.0, -1.0, 2.0, 12.0])
def test_pitch_moves_by_the_semitones(semitones: float) -> None:
    moved = loudest_hz(copy_of(CLIP, pitch_semitones=(semitones, semitones)))
    assert 12 * np.log2(moved / 1000) == pytest.approx(semitones, abs=0.05)


def clicks(*places_s: float) -> np.ndarray:
    """Short pips in two seconds of silence."""
    sound = np.zeros(2 * RATE, dtype=np.float32)
    pip = tone(3000, 0.01) * np.hanning(round(0.01 * RATE))
    for place in places_s:
        sound[round(place * RATE) : round(place * RATE) + len(pip)] = pip
    return sound


def heard_s(sound: np.ndarray) -> list[float]:
    """Where pips begin, s."""
    loud = np.flatnonzero(np.abs(sound) > 0.1)
    return (loud[np.diff(loud, prepend=-RATE) > 0.05 * RATE] / RATE).tolist()


def test_what_is_played_higher_is_faster_and_starts_again_and_what_is_played_lower_is_cut() -> None:
    sound = clicks(0.2, 1.6)
    assert heard_s(sound) == pytest.approx([0.2, 1.6], abs=0.02)
    assert heard_s(play(sound, RATE, 12)) == pytest.approx([0.1, 0.8, 1.1, 1.8], abs=0.02)
    assert heard_s(play(sound, RATE, -12)) == pytest.approx([0.4], abs=0.02)
    assert len(play(sound, RATE, 12)) == len(play(sound, RATE, -12)) == len(sound)


def test_played_at_its_own_speed_a_sound_is_as_it_was() -> None:
    np.testing.assert_array_equal(play(hiss(1), RATE, 0), hiss(1))


@pytest.mark.parametrize("seconds", [0.2, 0.8])
def test_an_echo_falls_by_60_db_within_its_time_and_is_quieter_than_the_sound(seconds: float) -> None:
    click = np.zeros(2 * RATE)
    click[0] = 1
    n, parts, levels = round(seconds * RATE), 8, []
    for seed in range(10):
        sound = reverberate(click, RATE, seconds, np.random.default_rng(seed))
        assert not np.abs(sound[n + 1 :]).max() > 1e-9
        echo = sound[1:n]
        levels.append(10 * np.log10(np.sum(echo**2)))
        powers = [10 * np.log10(np.mean(part**2)) for part in np.array_split(echo, parts)]
        np.testing.assert_allclose(np.diff(powers), -60 / parts, atol=2)
    assert -20.5 < min(levels) < max(levels) < -2.5
    assert max(levels) - min(levels) > 5


def test_an_echo_comes_after_its_sound_and_without_time_there_is_none() -> None:
    sound = clicks(1.0)
    echoing = reverberate(sound, RATE, 0.5, np.random.default_rng(1))
    assert echoing.shape == sound.shape
    np.testing.assert_allclose(echoing[:RATE], 0, atol=1e-6)
    assert np.sum(echoing[round(1.02 * RATE) :] ** 2) > 0.005 * np.sum(sound**2)
    np.testing.assert_array_equal(reverberate(sound, RATE, 0, np.random.default_rng(1)), sound)


def test_a_roll_keeps_everything_and_moves_it_by_no_more_than_asked() -> None:
    click = np.zeros(2 * RATE, dtype=np.float32)
    click[RATE] = 0.5
    places = [int(np.abs(copy_of(click, seed, roll_seconds=0.5)).argmax()) for seed in range(20)]
    assert len(set(places)) > 10
    assert max(abs(place - RATE) for place in places) <= 0.5 * RATE + 2
    rolled = copy_of(CLIP, roll_seconds=5.0)
    assert np.sum(np.square(rolled)) == pytest.approx(np.sum(np.square(copy_of(CLIP))), rel=1e-3)


def test_gain_is_as_asked_and_clips_at_full_scale() -> None:
    quieter = copy_of(CLIP, gain_db=(-6.0, -6.0))
    assert np.abs(quieter[1000:-1000]).max() == pytest.approx(0.3 * 10 ** (-6 / 20), rel=0.02)
    overdriven = copy_of(CLIP, gain_db=(20.0, 20.0))
    assert np.abs(overdriven).max() == 1
    assert (np.abs(overdriven) == 1).mean() > 0.5


def test_values_are_drawn_from_the_whole_range() -> None:
    peaks = [np.abs(copy_of(CLIP, seed, gain_db=(-6.0, 6.0))[1000:-1000]).max() for seed in range(40)]
    gains = 20 * np.log10(np.array(peaks) / 0.3)
    assert gains.min() == pytest.approx(-6, abs=1.5)
    assert gains.max() == pytest.approx(6, abs=1.5)


@pytest.mark.parametrize("samples", [CLIP, 0 * CLIP, hiss(0.1)])
def test_a_copy_is_as_long_as_the_clip_and_in_range(samples: np.ndarray) -> None:
    everything = Augmentation((10, 40), (-1.5, 1.5), (0.1, 0.8), 5.0, (-6, 6))
    copy = augment(samples, RATE, everything, np.random.default_rng(1))
    assert (copy.shape, copy.dtype) == (samples.shape, np.float32)
    assert np.abs(copy).max() <= 1
    np.testing.assert_array_equal(copy, augment(samples, RATE, everything, np.random.default_rng(1)))

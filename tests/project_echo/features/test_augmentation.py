"""Augmented copies differ from their clip by what the parameters say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.features.augmentation import (
    Augmentation,
    add_pink_noise,
    augment,
    change_speed,
    pink_noise,
    reverberate,
)
from tests.sounds import RATE, hiss, loudest_hz, tone

NO_CHANGE = Augmentation(
    copies=1, snr_db=(120, 120), pitch_semitones=(0, 0), reverberation_s=(0, 0), roll_s=0, gain_db=(0, 0), seed=1
)
CLIP = tone(1000, 2)


def make_copy(samples: np.ndarray, seed: int = 1, **changes: object) -> np.ndarray:
    return augment(samples, RATE, NO_CHANGE.model_copy(update=changes), np.random.default_rng(seed))


def test_a_copy_without_changes_equals_the_clip() -> None:
    np.testing.assert_allclose(make_copy(CLIP)[1000:-1000], CLIP[1000:-1000], atol=0.01)


@given(snr_db=st.floats(-20, 60), amplitude=st.floats(0.001, 1), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_pink_noise_has_the_signal_to_noise_ratio(snr_db: float, amplitude: float, seed: int) -> None:
    sound = tone(1000, 0.5, amplitude=amplitude).astype(np.float64)
    noise = add_pink_noise(sound, snr_db, np.random.default_rng(seed)) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=1e-3)


def test_a_copy_has_the_signal_to_noise_ratio_of_its_parameters() -> None:
    clean, noisy = make_copy(CLIP), make_copy(CLIP, snr_db=(6.0, 6.0))
    power = np.mean(np.square(noisy - clean, dtype=np.float64))
    assert 10 * np.log10(np.mean(np.square(clean)) / power) == pytest.approx(6, abs=0.1)


def test_pink_noise_falls_by_3_db_per_octave() -> None:
    spectrum = np.abs(np.fft.rfft(pink_noise(2**16, np.random.default_rng(1)))) ** 2
    octaves = [spectrum[2**octave : 2 ** (octave + 1)].mean() for octave in range(8, 15)]
    np.testing.assert_allclose(np.diff(10 * np.log10(octaves)), -3.01, atol=0.8)


@pytest.mark.parametrize("semitones", [-24.0, -3.0, -1.0, 2.0, 12.0])
def test_pitch_changes_by_the_semitones(semitones: float) -> None:
    hz = loudest_hz(make_copy(CLIP, pitch_semitones=(semitones, semitones)))
    assert semitones - 0.11 < 12 * np.log2(hz / 1000) < semitones + 0.01


def clicks(*starts_s: float) -> np.ndarray:
    """Short pips in two seconds of silence."""
    sound = np.zeros(2 * RATE, dtype=np.float32)
    pip = tone(3000, 0.01) * np.hanning(round(0.01 * RATE))
    for start_s in starts_s:
        sound[round(start_s * RATE) : round(start_s * RATE) + len(pip)] = pip
    return sound


def onsets_s(sound: np.ndarray) -> list[float]:
    """Where pips begin, s."""
    loud = np.flatnonzero(np.abs(sound) > 0.1)
    return (loud[np.diff(loud, prepend=-RATE) > 0.05 * RATE] / RATE).tolist()


def test_a_faster_sound_is_repeated_and_a_slower_one_is_cut() -> None:
    sound = clicks(0.2, 1.6)
    assert onsets_s(sound) == pytest.approx([0.2, 1.6], abs=0.02)
    assert onsets_s(change_speed(sound, 12)) == pytest.approx([0.1, 0.8, 1.1, 1.8], abs=0.02)
    assert onsets_s(change_speed(sound, -12)) == pytest.approx([0.4], abs=0.02)
    assert len(change_speed(sound, 12)) == len(change_speed(sound, -12)) == len(sound)


def test_no_change_of_speed_returns_the_same_samples() -> None:
    for n in (RATE, 20_011):  # the second is a prime number, to whose length no sound is resampled
        np.testing.assert_array_equal(change_speed(hiss(1)[:n], 0), hiss(1)[:n])


@pytest.mark.parametrize("decay_s", [0.2, 0.8])
def test_reverberation_decays_by_60_db_in_its_time_and_is_quieter_than_the_sound(decay_s: float) -> None:
    click = np.zeros(2 * RATE)
    click[0] = 1
    n, parts, levels = round(decay_s * RATE), 8, []
    for seed in range(10):
        sound = reverberate(click, RATE, decay_s, np.random.default_rng(seed))
        assert not np.abs(sound[n + 1 :]).max() > 1e-9
        tail = sound[1:n]
        levels.append(10 * np.log10(np.sum(tail**2)))
        powers = [10 * np.log10(np.mean(part**2)) for part in np.array_split(tail, parts)]
        np.testing.assert_allclose(np.diff(powers), -60 / parts, atol=2)
    assert -20.5 < min(levels) < max(levels) < -2.5
    assert max(levels) - min(levels) > 5


def test_reverberation_follows_its_sound_and_without_decay_there_is_none() -> None:
    sound = clicks(1.0)
    reverberated = reverberate(sound, RATE, 0.5, np.random.default_rng(1))
    assert reverberated.shape == sound.shape
    np.testing.assert_allclose(reverberated[:RATE], 0, atol=1e-6)
    assert np.sum(reverberated[round(1.02 * RATE) :] ** 2) > 0.005 * np.sum(sound**2)
    np.testing.assert_array_equal(reverberate(sound, RATE, 0, np.random.default_rng(1)), sound)


def test_a_roll_keeps_all_samples_and_shifts_them_by_no_more_than_roll_s() -> None:
    click = np.zeros(2 * RATE, dtype=np.float32)
    click[RATE] = 0.5
    positions = [int(np.abs(make_copy(click, seed, roll_s=0.5)).argmax()) for seed in range(20)]
    assert len(set(positions)) > 10
    assert max(abs(position - RATE) for position in positions) <= 0.5 * RATE + 2
    rolled = make_copy(CLIP, roll_s=5.0)
    assert np.sum(np.square(rolled)) == pytest.approx(np.sum(np.square(make_copy(CLIP))), rel=1e-3)


def test_gain_is_applied_and_clips_at_full_scale() -> None:
    quieter = make_copy(CLIP, gain_db=(-6.0, -6.0))
    assert np.abs(quieter[1000:-1000]).max() == pytest.approx(0.3 * 10 ** (-6 / 20), rel=0.02)
    overdriven = make_copy(CLIP, gain_db=(20.0, 20.0))
    assert np.abs(overdriven).max() == 1
    assert (np.abs(overdriven) == 1).mean() > 0.5


def test_a_clip_beyond_full_scale_is_not_clipped_for_that() -> None:
    hot = 8 * CLIP
    assert np.abs(make_copy(hot, gain_db=(0.0, 0.0)) - hot).max() < 1e-3
    assert np.abs(make_copy(hot, gain_db=(20.0, 20.0))).max() == pytest.approx(np.abs(hot).max(), rel=0.01)


def test_values_are_drawn_from_the_whole_range() -> None:
    peaks = [np.abs(make_copy(CLIP, seed, gain_db=(-6.0, 6.0))[1000:-1000]).max() for seed in range(40)]
    gains = 20 * np.log10(np.array(peaks) / 0.3)
    assert gains.min() == pytest.approx(-6, abs=1.5)
    assert gains.max() == pytest.approx(6, abs=1.5)


@pytest.mark.parametrize("samples", [CLIP, 0 * CLIP, hiss(0.1)])
def test_a_copy_has_the_length_of_its_clip_and_stays_within_full_scale(samples: np.ndarray) -> None:
    every_change = Augmentation(
        copies=1,
        snr_db=(10, 40),
        pitch_semitones=(-1.5, 1.5),
        reverberation_s=(0.1, 0.8),
        roll_s=5.0,
        gain_db=(-6, 6),
        seed=1,
    )
    copy = augment(samples, RATE, every_change, np.random.default_rng(1))
    assert (copy.shape, copy.dtype) == (samples.shape, np.float32)
    assert np.abs(copy).max() <= 1
    np.testing.assert_array_equal(copy, augment(samples, RATE, every_change, np.random.default_rng(1)))

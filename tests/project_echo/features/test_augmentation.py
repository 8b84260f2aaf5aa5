"""Copies of clips: calls in background, and background, differ from their clips by what the parameters say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from project_echo.features.augmentation import (
    Augmentation,
    PlacedCall,
    add_pink_noise,
    change_speed,
    mix_calls,
    pink_noise,
    reverberate,
    vary_background,
)
from project_echo.features.mixing import cut_call
from tests.sounds import RATE, hiss, loudest_hz, tone

NO_CHANGE = Augmentation(
    copies=1, snr_db=(120, 120), second_call=0, pitch_semitones=(0, 0), reverberation_s=(0, 0), gain_db=(0, 0), seed=1
)
EVERY_CHANGE = Augmentation(
    copies=1,
    snr_db=(-5, 25),
    second_call=0.5,
    pitch_semitones=(-1.5, 1.5),
    reverberation_s=(0.1, 0.8),
    gain_db=(-6, 6),
    seed=1,
)
CLIP = tone(1000, 2)


def make_copy(samples: np.ndarray, seed: int = 1, **changes: object) -> np.ndarray:
    return vary_background(samples, RATE, NO_CHANGE.model_copy(update=changes), np.random.default_rng(seed))


def mix(
    calls: list[np.ndarray], background: np.ndarray | None, n: int = 2 * RATE, seed: int = 1, **changes: object
) -> tuple[np.ndarray, list[PlacedCall]]:
    augmentation = NO_CHANGE.model_copy(update=changes)
    return mix_calls(calls, background, n, RATE, augmentation, np.random.default_rng(seed))


def burst(hz: float, seconds: float, pad_s: float = 0.5) -> np.ndarray:
    """A tone with silence on both sides."""
    silence = np.zeros(round(pad_s * RATE), np.float32)
    return np.concatenate([silence, tone(hz, seconds), silence])


# Calls in background


def shares(mixture: np.ndarray, hz: float) -> float:
    """The share of the power of a sound in 20 Hz around a frequency."""
    spectrum = np.abs(np.fft.rfft(mixture.astype(np.float64))) ** 2
    frequencies = np.fft.rfftfreq(len(mixture), 1 / RATE)
    return float(spectrum[np.abs(frequencies - hz) < 20].sum() / spectrum.sum())


@pytest.mark.parametrize("level", [1e-3, 1.0])
@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 20.0])
def test_each_call_is_above_the_background_by_its_signal_to_noise_ratio(snr_db: float, level: float) -> None:
    """Measured where a whole call lies within the mixture, of two tones on a third one."""
    background = level * tone(300, 2)
    calls = [burst(1000, 0.5), burst(3000, 0.3)]
    measured = 0
    for seed in range(40):
        mixture, placed = mix(calls, background, snr_db=(snr_db, snr_db), seed=seed)
        assert [call.snr_db for call in placed] == [snr_db, snr_db]
        for call, hz in zip(placed, (1000, 3000), strict=True):
            ((first, last),) = call.spans
            if first == 0 or last == len(mixture):
                continue
            measured += 1
            ratio = shares(mixture, hz) * len(mixture) / (last - first) / shares(mixture, 300)
            assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.7)
    assert measured > 30


def test_calls_are_where_they_are_said_to_be_at_random_and_half_of_each_at_least_is_inside() -> None:
    n, length = 2 * RATE, len(cut_call(burst(1000, 0.5), RATE)[0])
    starts = []
    for seed in range(200):
        mixture, (call,) = mix([burst(1000, 0.5)], 0.001 * hiss(2), seed=seed, snr_db=(30.0, 30.0))
        ((first, last),) = call.spans
        assert 0 <= first < last <= n
        assert last - first >= length // 2
        loud = np.flatnonzero(np.abs(mixture) > 0.2)
        assert first <= loud.min() < first + 0.03 * RATE
        assert last - 0.03 * RATE < loud.max() < last
        starts.append(first if first else last - length)
    assert min(starts) < -0.4 * length
    assert max(starts) > n - 0.6 * length
    counts, _ = np.histogram(starts, bins=5, range=(-length / 2, n - length / 2))
    assert counts.min() > 20  # as often everywhere


def test_a_call_longer_than_the_mixture_covers_at_least_half_of_it() -> None:
    for seed in range(50):
        mixture, (call,) = mix([tone(1000, 6)], hiss(2), seed=seed)
        ((first, last),) = call.spans
        assert mixture.shape == (2 * RATE,)
        assert RATE <= last - first <= 2 * RATE


@pytest.mark.parametrize("n", [0, 1, 7, 300, 1000])
@pytest.mark.parametrize("augmentation", [NO_CHANGE, EVERY_CHANGE], ids=["plain", "changed"])
def test_very_short_calls_can_be_mixed(n: int, augmentation: Augmentation) -> None:
    mixture, (call,) = mix_calls([hiss(1)[:n]], hiss(2), RATE, RATE, augmentation, np.random.default_rng(1))
    assert np.isfinite(mixture).all()
    assert all(0 <= first < last <= RATE for first, last in call.spans)


@pytest.mark.parametrize("augmentation", [NO_CHANGE, EVERY_CHANGE], ids=["plain", "changed"])
@pytest.mark.parametrize("background", [None, np.zeros(RATE, np.float32), hiss(1)], ids=["none", "silent", "hiss"])
def test_a_silent_call_is_nowhere(augmentation: Augmentation, background: np.ndarray | None) -> None:
    calls = [np.zeros(RATE, np.float32), tone(1000, 0.5)]
    mixture, (silent, heard) = mix_calls(calls, background, RATE, RATE, augmentation, np.random.default_rng(1))
    assert np.isfinite(mixture).all() and mixture.any()
    assert silent.spans == []
    assert heard.spans


def test_without_background_or_if_it_is_silent_there_is_pink_noise() -> None:
    without, silent = (mix([], background, n=2**16)[0] for background in (None, np.zeros(100, np.float32)))
    np.testing.assert_array_equal(without, silent)
    spectrum = np.abs(np.fft.rfft(without)) ** 2
    octaves = [spectrum[2**octave : 2 ** (octave + 1)].mean() for octave in range(8, 15)]
    np.testing.assert_allclose(np.diff(10 * np.log10(octaves)), -3.01, atol=0.8)


@pytest.mark.parametrize("length", [0.3, 2.0, 5.0])
def test_background_of_another_length_is_repeated_or_cut_and_shifted_in_a_circle(length: float) -> None:
    background = hiss(length)
    mixture, _ = mix([], background)
    expected = np.resize(background, len(mixture)).astype(np.float64)
    expected /= np.abs(expected).max()
    shift = int(np.argmax(np.abs(np.fft.irfft(np.fft.rfft(mixture) * np.conj(np.fft.rfft(expected))))))
    np.testing.assert_allclose(mixture, np.roll(expected, shift), atol=1e-4)
    assert shift != int(np.argmax(np.abs(mix([], background, seed=2)[0])))


def test_a_mixture_is_at_full_scale_and_the_gain_clips_it() -> None:
    calls, background = [burst(1000, 0.5)], hiss(2)
    assert np.abs(mix(calls, background)[0]).max() == pytest.approx(1)
    assert np.abs(mix(calls, background, gain_db=(-6.0, -6.0))[0]).max() == pytest.approx(10 ** (-6 / 20), rel=1e-4)
    overdriven, _ = mix(calls, background, gain_db=(20.0, 20.0), snr_db=(0.0, 0.0))
    assert np.abs(overdriven).max() == 1
    assert (np.abs(overdriven) == 1).mean() > 0.3


def test_each_call_has_its_own_speed_and_ratio_from_the_whole_range() -> None:
    pairs = [
        mix([tone(1000, 1)] * 2, None, 4 * RATE, seed, pitch_semitones=(-12.0, 12.0), snr_db=(20.0, 40.0))
        for seed in range(40)
    ]
    ratios = np.array([[call.snr_db for call in placed] for _, placed in pairs])
    assert 20 <= ratios.min() < 22 and 38 < ratios.max() <= 40
    assert (ratios[:, 0] != ratios[:, 1]).all()
    lengths = np.array([[call.spans[0][1] - call.spans[0][0] for call in placed] for _, placed in pairs])
    assert (lengths[:, 0] != lengths[:, 1]).all()
    assert lengths.max() > 1.7 * RATE


def test_reverberation_lengthens_a_call() -> None:
    _, (dry,) = mix([burst(1000, 0.5)], None, n=20 * RATE)
    _, (wet,) = mix([burst(1000, 0.5)], None, n=20 * RATE, reverberation_s=(0.8, 0.8))
    assert wet.spans[0][1] - wet.spans[0][0] > dry.spans[0][1] - dry.spans[0][0] + 0.05 * RATE


@pytest.mark.parametrize("background", [None, hiss(2)], ids=["pink noise", "background"])
def test_a_mixture_depends_on_the_generator_alone_and_changes_none_of_its_clips(background: np.ndarray | None) -> None:
    calls = [burst(1000, 0.5), burst(3000, 0.3)]
    before = [call.copy() for call in calls]
    kept = np.zeros(0) if background is None else background.copy()
    first, again, other = (
        mix_calls(calls, background, 2 * RATE, RATE, EVERY_CHANGE, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first[0].tobytes() == again[0].tobytes() and first[1] == again[1]
    assert first[0].tobytes() != other[0].tobytes()
    for call, expected in zip(calls, before, strict=True):
        np.testing.assert_array_equal(call, expected)
    assert background is None or np.array_equal(background, kept)


@pytest.mark.parametrize(
    "wrong",
    [
        {"snr_db": (25, -5)},
        {"snr_db": (-500, 0)},
        {"second_call": 1.1},
        {"second_call": -0.1},
        {"pitch_semitones": (2, -2)},
        {"pitch_semitones": (0, 25)},
        {"reverberation_s": (-0.1, 0.5)},
        {"reverberation_s": (0, 11)},
        {"gain_db": (6, -6)},
        {"copies": -1},
        {"roll_s": 1.0},  # of an earlier version
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_errors_that_name_the_key(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Augmentation(**(EVERY_CHANGE.model_dump() | wrong))


# Background, and the parts of an augmentation


def test_a_copy_without_changes_is_the_clip_shifted_in_a_circle() -> None:
    sound = hiss(2)
    copy = make_copy(sound)
    shift = int(np.argmax(np.fft.irfft(np.fft.rfft(copy) * np.conj(np.fft.rfft(sound)))))
    np.testing.assert_allclose(copy, np.roll(sound, shift), atol=1e-4)
    assert len({make_copy(sound, seed)[:10].tobytes() for seed in range(5)}) == 5


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


def test_gain_is_applied_and_clips_at_full_scale() -> None:
    quieter = make_copy(CLIP, gain_db=(-6.0, -6.0))
    assert np.abs(quieter).max() == pytest.approx(0.3 * 10 ** (-6 / 20), rel=0.02)
    overdriven = make_copy(CLIP, gain_db=(20.0, 20.0))
    assert np.abs(overdriven).max() == 1
    assert (np.abs(overdriven) == 1).mean() > 0.5


def test_a_clip_beyond_full_scale_is_not_clipped_for_that() -> None:
    hot = 8 * CLIP
    assert np.abs(make_copy(hot, gain_db=(0.0, 0.0))).max() == pytest.approx(np.abs(hot).max(), rel=0.01)
    assert np.abs(make_copy(hot, gain_db=(20.0, 20.0))).max() == pytest.approx(np.abs(hot).max(), rel=0.01)


def test_values_are_drawn_from_the_whole_range() -> None:
    peaks = [np.abs(make_copy(CLIP, seed, gain_db=(-6.0, 6.0))).max() for seed in range(40)]
    gains = 20 * np.log10(np.array(peaks) / 0.3)
    assert gains.min() == pytest.approx(-6, abs=1.5)
    assert gains.max() == pytest.approx(6, abs=1.5)


@pytest.mark.parametrize("samples", [CLIP, 0 * CLIP, hiss(0.1), hiss(1)[:1]])
def test_a_copy_has_the_length_of_its_clip_and_stays_within_full_scale(samples: np.ndarray) -> None:
    copy = vary_background(samples, RATE, EVERY_CHANGE, np.random.default_rng(1))
    assert (copy.shape, copy.dtype) == (samples.shape, np.float32)
    assert np.abs(copy).max() <= 1
    np.testing.assert_array_equal(copy, vary_background(samples, RATE, EVERY_CHANGE, np.random.default_rng(1)))

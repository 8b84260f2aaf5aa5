"""Augmented copies of a clip: calls mixed into background; speed, reverberation, shift in time, pink noise, gain.

Everything is computed in float64 and rounded once, at the end, to even steps: this hides the last bits, in which
processors differ. Rounding to float32 alone would not, because its steps become finer towards zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pydantic
from pydantic import Field, NonNegativeInt
from scipy.fft import irfft, next_fast_len, rfft

from project_echo.core.validation import Schema
from project_echo.features import mixing

BITS = 20  # of the loudest sample of a copy; all are rounded to steps 120 dB below it


def _check_order(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"the lowest value ({bounds[0]}) comes first, then the highest ({bounds[1]})")
    return bounds


InOrder = pydantic.AfterValidator(_check_order)
Decibels = Annotated[float, Field(ge=-120, le=120)]
Semitones = Annotated[float, Field(ge=-24, le=24)]
Seconds = Annotated[float, Field(ge=0, le=10)]


class Augmentation(Schema):
    """The section `augmentation` of params.yaml. Each copy draws uniformly from each range (lowest, highest)."""

    copies: NonNegativeInt  # of each clip
    snr_db: Annotated[
        tuple[Decibels, Decibels], InOrder
    ]  # of a call above its new background (of background: pink noise)
    second_call: Annotated[
        float, Field(ge=0, le=1)
    ]  # share of the copies of calls that hold a call of another label too
    pitch_semitones: Annotated[tuple[Semitones, Semitones], InOrder]
    reverberation_s: Annotated[tuple[Seconds, Seconds], InOrder]  # time to decay by 60 dB, s
    gain_db: Annotated[tuple[Decibels, Decibels], InOrder]
    seed: NonNegativeInt


@dataclass(frozen=True)
class PlacedCall:
    """A call in a mixture: its active parts, in samples, and how far it is above the background, dB."""

    spans: list[tuple[int, int]]
    snr_db: float


def mix_calls(
    calls: Sequence[np.ndarray],
    background: np.ndarray | None,
    n: int,
    sample_rate: int,
    augmentation: Augmentation,
    generator: np.random.Generator,
) -> tuple[np.ndarray, list[PlacedCall]]:
    """Put the active parts of calls, each with its own speed and reverberation, into background.

    Each call is placed at random, half of it at most outside of the mixture, at a random signal-to-noise ratio. The
    mixture is scaled to full scale, and the gain acts through clipping, as in an overdriven recorder.

    Parameters
    ----------
    calls : sequence of np.ndarray, shape (m,)
        Clips of calls.
    background : np.ndarray of shape (k,), optional
        Shifted at random, in a circle. Without it, or if it is silent, there is pink noise.
    n : int
        Samples of the mixture.
    sample_rate : int
        Hz.
    augmentation : Augmentation
    generator : np.random.Generator

    Returns
    -------
    samples : np.ndarray of shape (n,), float32
    placed : list of PlacedCall
        For each call.
    """
    if background is None or not background.any():
        mixture = pink_noise(n, generator)
    else:
        mixture = np.resize(background.astype(np.float64), n)
        mixture = np.roll(mixture, generator.integers(n))
    mixture /= np.sqrt(np.mean(np.square(mixture)))
    placed = []
    for clip in calls:
        call, _ = mixing.cut_call(clip, sample_rate)
        call = stretch(call, generator.uniform(*augmentation.pitch_semitones))
        call = np.pad(call, (0, round(augmentation.reverberation_s[1] * sample_rate / 2)))
        call = reverberate(call, sample_rate, generator.uniform(*augmentation.reverberation_s), generator)
        call, active = mixing.cut_call(call, sample_rate)
        snr_db = float(generator.uniform(*augmentation.snr_db))
        shorter = min(len(call), n)
        start = int(generator.integers(-(shorter // 2), n - shorter // 2 + 1)) - (len(call) - shorter) // 2
        mixing.add_call(mixture, call, start, 10 ** (snr_db / 20))
        # A silent clip has no active part.
        spans = [(max(0, first + start), min(n, last + start)) for first, last in active.spans if active.rms > 0]
        placed.append(PlacedCall([span for span in spans if span[0] < span[1]], snr_db))
    mixture /= np.abs(mixture).max()
    return _overdrive(mixture, 1.0, generator.uniform(*augmentation.gain_db)), placed


def vary_background(
    samples: np.ndarray, sample_rate: int, augmentation: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Make an augmented copy of background: speed, reverberation, circular shift in time, pink noise and gain.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.
    augmentation : Augmentation
    generator : np.random.Generator

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    copy = change_speed(samples.astype(np.float64), generator.uniform(*augmentation.pitch_semitones))
    copy = reverberate(copy, sample_rate, generator.uniform(*augmentation.reverberation_s), generator)
    copy = np.roll(copy, generator.integers(len(copy)))
    copy = add_pink_noise(copy, generator.uniform(*augmentation.snr_db), generator)
    full_scale = max(1.0, float(np.abs(samples).max(initial=0)))
    return _overdrive(copy, full_scale, generator.uniform(*augmentation.gain_db))


def _overdrive(samples: np.ndarray, full_scale: float, gain_db: float) -> np.ndarray:
    """Samples with a gain, clipped at full scale, and rounded."""
    copy = np.clip(10.0 ** (gain_db / 20) * samples, -full_scale, full_scale)
    _, exponent = np.frexp(np.abs(copy).max(initial=0))
    step = 2.0 ** (int(exponent) - BITS)
    return (np.rint(copy / step) * step).astype(np.float32)


def change_speed(samples: np.ndarray, semitones: float) -> np.ndarray:
    """Play a sound faster and higher, or slower and lower, in the same length.

    A sound that becomes shorter is repeated from its start; one that becomes longer is cut. It is resampled by cutting
    or extending its spectrum. Its new length is rounded up to one without large prime factors, whose transform takes
    an eighth of the time; this lowers the pitch of a clip of 5 s by at most 0.1 semitones.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float64
    semitones : float
        Change in pitch; positive is higher.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    return np.resize(stretch(samples, semitones), len(samples))


def stretch(samples: np.ndarray, semitones: float) -> np.ndarray:
    """Play a sound faster and higher, or slower and lower, so that its length changes; see `change_speed`."""
    if semitones == 0 or not len(samples):
        return samples
    n = next_fast_len(max(1, round(len(samples) * 2 ** (-semitones / 12))))
    stretched: np.ndarray = irfft(rfft(samples), n) * (n / len(samples))
    return stretched


def reverberate(samples: np.ndarray, sample_rate: int, decay_s: float, generator: np.random.Generator) -> np.ndarray:
    """Add reverberation: exponentially decaying noise as impulse response, 3 to 20 dB below the direct sound.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float64
    sample_rate : int
        Hz.
    decay_s : float
        Time in which the reverberation decays by 60 dB, s.
    generator : np.random.Generator
        Source of the noise and of its level.

    Returns
    -------
    np.ndarray of shape (n,)

    References
    ----------
    J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.
    """
    n = round(decay_s * sample_rate)
    if n == 0:
        return samples  # an impulse response of one sample would be a gain
    response = generator.standard_normal(n) * 10.0 ** (-3 * np.arange(n) / n)
    response *= 10.0 ** (generator.uniform(-20, -3) / 20) / np.sqrt(np.sum(np.square(response)))
    response[0] += 1
    length = next_fast_len(len(samples) + n - 1, real=True)
    reverberated: np.ndarray = irfft(rfft(samples, length) * rfft(response, length), length)[: len(samples)]
    return reverberated


def add_pink_noise(samples: np.ndarray, snr_db: float, generator: np.random.Generator) -> np.ndarray:
    """Add pink noise, which like wind and distant traffic falls by 3 dB per octave.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float64
    snr_db : float
        Signal-to-noise ratio, dB.
    generator : np.random.Generator
        Source of the noise.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    noise = pink_noise(len(samples), generator)
    rms = np.sqrt(np.mean(np.square(samples)) * 10.0 ** (-snr_db / 10))
    return samples + rms * noise


def pink_noise(n: int, generator: np.random.Generator) -> np.ndarray:
    """Pink noise of unit power, shape (n,): white noise with its spectrum divided by the root of the frequency."""
    spectrum = rfft(generator.standard_normal(n))
    spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    noise: np.ndarray = irfft(spectrum, n)
    return noise / np.sqrt(np.mean(np.square(noise)))

"""Building blocks of synthetic sound: glides, harmonics, resonances, noise. Sound is a float array of shape (n,).

Single calls are float64, for their phases; whole tracks are float32, at half the time and memory.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft, signal

Samples = np.ndarray

# Wind and handling rumble below this says little about how well a call is heard.
AUDIBLE_HZ = 150.0


def length(duration_s: float, rate: int) -> int:
    """Number of samples in a duration; at least one."""
    return max(1, round(duration_s * rate))


def glide(points: Sequence[float] | np.ndarray, n: int) -> Samples:
    """`n` values that pass through `points`, evenly spaced, in straight lines."""
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(points)), points)


def wander(generator: np.random.Generator, n: int, rate: int, hz: float) -> Samples:
    """Irregular slow movement around 0, about -1.7..1.7, that turns about `hz` times a second; shape (n,)."""
    knots = max(2, int(np.ceil(n / rate * hz)) + 1)
    return np.interp(np.linspace(0, knots - 1, n), np.arange(knots), generator.uniform(-1.7, 1.7, knots))


def noise(generator: np.random.Generator, n: int) -> Samples:
    """White noise of deviation 1, float32, shape (n,)."""
    return generator.standard_normal(n, dtype=np.float32)


def harmonics(pitch_hz: Samples, weights: Sequence[float] | np.ndarray, rate: int) -> Samples:
    """A tone that follows `pitch_hz`, shape (n,), with harmonics 1, 2, ... of the amplitudes `weights`."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate
    tone = np.zeros_like(pitch_hz)
    for number, weight in enumerate(weights, start=1):
        if weight and number * pitch_hz.max() < 0.48 * rate:  # above, it would fold back
            tone += weight * np.sin(number * phase)
    return tone


def swell(n: int, rate: int, attack_s: float, release_s: float) -> Samples:
    """Envelope 0..1 with rounded edges, shape (n,)."""
    seconds = np.arange(n) / rate
    rise = np.clip(seconds / attack_s, 0, 1)
    fall = np.clip((n / rate - seconds) / release_s, 0, 1)
    return np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2


def resonate(samples: Samples, peaks: Sequence[tuple[float, float, float]], rate: int) -> Samples:
    """The sound through parallel resonances, each (centre Hz, bandwidth Hz, amplitude): a throat and mouth."""
    heard = np.zeros_like(samples)
    for hz, bandwidth_hz, amplitude in peaks:
        if hz < 0.45 * rate:
            numerator, denominator = signal.iirpeak(hz, hz / bandwidth_hz, fs=rate)
            heard += amplitude * signal.lfilter(numerator, denominator, samples)
    return heard


def shape(samples: Samples, rate: int, gain: Callable[[Samples], Samples]) -> Samples:
    """The sound with every frequency multiplied by ``gain(frequencies in Hz)``."""
    size = fft.next_fast_len(samples.size, real=True)
    # Gains are smooth, so they are computed at a thousand frequencies and read off between them.
    bins = np.linspace(0, rate / 2, size // 2 + 1, dtype=np.float32)
    knots = np.concatenate([[0], np.geomspace(10, rate / 2, 1000)])
    spectrum = fft.rfft(samples, size)
    spectrum *= np.interp(bins, knots, gain(knots)).astype(np.float32)
    return fft.irfft(spectrum, size)[: samples.size]


def lay(track: Samples, call: Samples, start: int) -> None:
    """Add a call to a track, in place, from sample `start` on; what runs over the end is lost."""
    part = call[: max(0, track.size - start)]
    track[start : start + part.size] += part


def loudness_db(samples: Samples, rate: int) -> float:
    """Level in dB (full-scale square wave = 0) above 150 Hz while something sounds: pauses do not count.

    Frames of 20 ms within 20 dB of the loudest count as sounding. Silence gives -inf.
    """
    corner = signal.butter(2, AUDIBLE_HZ, "highpass", fs=rate, output="sos")
    audible = signal.sosfilt(corner, samples)
    frame = min(length(0.02, rate), audible.size)
    power = (audible[: audible.size // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    if power.max() <= 0:
        return -np.inf
    return float(10 * np.log10(power[power > 0.01 * power.max()].mean()))


def amplitude(db: float) -> float:
    """Factor for a level difference in dB."""
    return float(10 ** (db / 20))

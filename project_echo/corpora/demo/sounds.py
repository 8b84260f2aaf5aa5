"""Building blocks of synthetic sound: pitch glides, harmonics, resonances, noise, levels.

Sound is a float array of shape (n,). Single calls are float64, for their phases; whole tracks are float32, at half the
time and memory.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft, signal

Samples = np.ndarray

# Wind and handling noise below this frequency says little about how well a call is heard.
AUDIBLE_HZ = 150.0


def n_samples(duration_s: float, sample_rate: int) -> int:
    """Number of samples in a duration; at least one."""
    return max(1, round(duration_s * sample_rate))


def glide(points: Sequence[float] | np.ndarray, n: int) -> Samples:
    """Interpolate linearly between evenly spaced points.

    Parameters
    ----------
    points : sequence of float
        At least one; the first and the last are the ends of the result.
    n : int
        Number of samples.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(points)), points)


def drift(generator: np.random.Generator, n: int, sample_rate: int, hz: float) -> Samples:
    """Slow random movement.

    Parameters
    ----------
    generator : np.random.Generator
    n : int
        Number of samples.
    sample_rate : int
        Hz.
    hz : float
        How many random values per second the movement connects.

    Returns
    -------
    np.ndarray of shape (n,)
        Within -1.7..1.7.
    """
    knots = max(2, int(np.ceil(n / sample_rate * hz)) + 1)
    return np.interp(np.linspace(0, knots - 1, n), np.arange(knots), generator.uniform(-1.7, 1.7, knots))


def white_noise(generator: np.random.Generator, n: int) -> Samples:
    """White noise with standard deviation 1; float32, shape (n,)."""
    return generator.standard_normal(n, dtype=np.float32)


def harmonics(pitch_hz: Samples, weights: Sequence[float] | np.ndarray, sample_rate: int) -> Samples:
    """A harmonic tone.

    Parameters
    ----------
    pitch_hz : np.ndarray of shape (n,)
        Fundamental frequency of each sample, Hz.
    weights : sequence of float
        Amplitudes of harmonics 1, 2, ...; those near the Nyquist frequency are left out.
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    phase = 2 * np.pi * np.cumsum(pitch_hz) / sample_rate
    tone = np.zeros_like(pitch_hz)
    for number, weight in enumerate(weights, start=1):
        if weight and number * pitch_hz.max() < 0.48 * sample_rate:  # no aliasing
            tone += weight * np.sin(number * phase)
    return tone


def fade_in_out(n: int, sample_rate: int, attack_s: float, release_s: float) -> Samples:
    """Envelope with a raised-cosine attack and release.

    Parameters
    ----------
    n : int
        Number of samples.
    sample_rate : int
        Hz.
    attack_s, release_s : float
        Durations of the attack and of the release, s.

    Returns
    -------
    np.ndarray of shape (n,)
        0 to 1.
    """
    seconds = np.arange(n) / sample_rate
    rise = np.clip(seconds / attack_s, 0, 1)
    fall = np.clip((n / sample_rate - seconds) / release_s, 0, 1)
    return np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2


def resonate(samples: Samples, peaks: Sequence[tuple[float, float, float]], sample_rate: int) -> Samples:
    """Filter sound with parallel resonances, as a vocal tract does.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    peaks : sequence of (float, float, float)
        Center frequency (Hz), bandwidth (Hz) and amplitude of each resonance.
    sample_rate : int
        Hz.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    filtered = np.zeros_like(samples)
    for hz, bandwidth_hz, weight in peaks:
        if hz < 0.45 * sample_rate:
            numerator, denominator = signal.iirpeak(hz, hz / bandwidth_hz, fs=sample_rate)
            filtered += weight * signal.lfilter(numerator, denominator, samples)
    return filtered


def apply_gain(samples: Samples, sample_rate: int, gain: Callable[[Samples], Samples]) -> Samples:
    """Filter sound with a frequency response.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.
    gain : callable
        Amplitude factors at frequencies in Hz, both of shape (k,). It should be smooth: it is evaluated at a thousand
        frequencies and interpolated between them.

    Returns
    -------
    np.ndarray of shape (n,)
    """
    size = fft.next_fast_len(samples.size, real=True)
    bins = np.linspace(0, sample_rate / 2, size // 2 + 1, dtype=np.float32)
    knots = np.concatenate([[0], np.geomspace(10, sample_rate / 2, 1000)])
    spectrum = fft.rfft(samples, size)
    spectrum *= np.interp(bins, knots, gain(knots)).astype(np.float32)
    return fft.irfft(spectrum, size)[: samples.size]


def add_at(track: Samples, call: Samples, start: int) -> None:
    """Add a call to a track in place.

    Parameters
    ----------
    track : np.ndarray of shape (n,)
        Is changed.
    call : np.ndarray of shape (m,)
        What exceeds the track is cut off.
    start : int
        First sample of the call in the track.
    """
    part = call[: max(0, track.size - start)]
    track[start : start + part.size] += part


def active_level_db(samples: Samples, sample_rate: int) -> float:
    """Level above 150 Hz without pauses, in dB relative to a full-scale square wave.

    The mean power of 20 ms frames within 20 dB of the loudest frame.

    Parameters
    ----------
    samples : np.ndarray of shape (n,)
    sample_rate : int
        Hz.

    Returns
    -------
    float
        dB; -inf for silence.
    """
    highpass = signal.butter(2, AUDIBLE_HZ, "highpass", fs=sample_rate, output="sos")
    audible = signal.sosfilt(highpass, samples)
    frame = min(n_samples(0.02, sample_rate), audible.size)
    power = (audible[: audible.size // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    if power.max() <= 0:
        return -np.inf
    return float(10 * np.log10(power[power > 0.01 * power.max()].mean()))


def db_to_amplitude(db: float) -> float:
    """Amplitude factor of a level difference in dB."""
    return float(10 ** (db / 20))

"""Synthetic sounds that show in which range a network's embeddings are, without any clip that is tested."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from project_echo.core.seeds import generator

PEAK = 0.5
BANDS_HZ = (200, 800, 3000, 9000)  # edges of the pitches
RATES = (1, 5, 20)  # calls per second
HARMONICS = 11
SLOWEST_HZ = 20  # below which noise gets no louder


def probe_sounds(sample_rate: int, n_samples: int) -> Iterator[np.ndarray]:
    """Noise, and sweeps, harmonics and bursts of noise as calls of several pitches and rates.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_samples : int

    Yields
    ------
    np.ndarray of shape (n_samples,), float32
        With a peak of PEAK.
    """
    for sound in _sounds(sample_rate, n_samples):
        yield (PEAK / max(float(np.abs(sound).max()), 1e-9) * sound).astype(np.float32)


def probe_images(shape: tuple[int, ...], n_images: int = 16) -> Iterator[np.ndarray]:
    """Log-mel images of noise with louder columns and rows, of this shape (n_mels, frames, channels), int8."""
    for number in range(n_images):
        random = generator(number, "image")
        image = random.normal(-60, 30, shape) + random.normal(0, 40, (shape[0], 1, 1))
        yield np.clip(image + random.normal(0, 40, (1, shape[1], 1)), -127, 127).astype(np.int8)


def _sounds(sample_rate: int, n_samples: int) -> Iterator[np.ndarray]:
    random = generator(0, "sounds")
    white = random.normal(size=n_samples)
    spectrum, hz = np.fft.rfft(white), np.maximum(np.fft.rfftfreq(n_samples, 1 / sample_rate), SLOWEST_HZ)
    for slope in (0, 0.5, 1):  # white, pink and brown
        yield np.fft.irfft(spectrum / hz**slope, n_samples)
    yield (random.random(n_samples) < SLOWEST_HZ / sample_rate).astype(float)  # clicks
    time_s = np.arange(n_samples) / sample_rate
    for low, high in pairwise(BANDS_HZ):
        if high > sample_rate / 2:
            continue
        for rate in RATES:
            phase = time_s * rate % 1
            yield np.sin(_cycles(low * (high / low) ** phase, sample_rate)) * (phase < 0.5)
            cycles = _cycles(low * (1 + 0.1 * np.sin(2 * np.pi * rate * time_s)), sample_rate)
            audible = [number for number in range(1, HARMONICS + 1) if 1.1 * number * low < sample_rate / 2]
            yield sum(np.sin(number * cycles) / number for number in audible) * np.sin(np.pi * rate * time_s) ** 2
            yield white * (phase < 0.1)


def _cycles(hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """Phase of a tone of varying pitch, radians."""
    cycles: np.ndarray = 2 * np.pi * np.cumsum(hz) / sample_rate
    return cycles

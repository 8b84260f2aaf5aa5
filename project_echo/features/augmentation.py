"""Altered copies of a clip: what wind, distance, an individual's voice and a recorder might have done to it."""

from dataclasses import dataclass

import numpy as np
from librosa import resample
from scipy.signal import oaconvolve


@dataclass(frozen=True)
class Augmentation:
    """Ranges that each copy draws from, uniformly."""

    snr_db: tuple[float, float]  # pink noise, dB
    pitch_semitones: tuple[float, float]
    reverberation_seconds: tuple[float, float]  # time to fall by 60 dB
    roll_seconds: float
    gain_db: tuple[float, float]


def augment(samples: np.ndarray, rate: int, augmentation: Augmentation, generator: np.random.Generator) -> np.ndarray:
    """An altered copy of a clip: `samples` of shape (n,), -1..1, at `rate` Hz, to the same shape, float32.

    Pitch and pace, reverberation, roll in time, pink noise, gain, in this order. The gain acts through clipping at full
    scale, as an overdriven recorder does: the image itself is relative to its loudest point.
    """
    copy = play(samples, rate, generator.uniform(*augmentation.pitch_semitones))
    copy = reverberate(copy, rate, generator.uniform(*augmentation.reverberation_seconds), generator)
    reach = round(augmentation.roll_seconds * rate)
    copy = np.roll(copy, generator.integers(-reach, reach + 1))
    copy = add_noise(copy, generator.uniform(*augmentation.snr_db), generator)
    gain = 10.0 ** (generator.uniform(*augmentation.gain_db) / 20)
    return np.clip(gain * copy, -1, 1).astype(np.float32)


def play(samples: np.ndarray, rate: int, semitones: float) -> np.ndarray:
    """Play a sound, shape (n,), at another speed: higher and faster, as a smaller animal calls, or lower and slower.

    Where it then ends early it starts again; where it lasts longer it is cut.
    """
    played = resample(samples, orig_sr=rate, target_sr=round(rate * 2 ** (-semitones / 12)))
    return np.resize(played, len(samples))


def reverberate(samples: np.ndarray, rate: int, seconds: float, generator: np.random.Generator) -> np.ndarray:
    """Add an echo that falls by 60 dB within `seconds`, 3 to 20 dB below the sound itself: noise with a decay.

    Source of the model: J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.
    """
    n = round(seconds * rate)
    if n == 0:
        return samples  # an echo of one sample would be a gain
    echo = generator.standard_normal(n) * 10.0 ** (-3 * np.arange(n) / n)
    echo *= 10.0 ** (generator.uniform(-20, -3) / 20) / np.sqrt(np.sum(np.square(echo)))
    echo[0] += 1
    reverberated: np.ndarray = oaconvolve(samples, echo)[: len(samples)]
    return reverberated


def add_noise(samples: np.ndarray, snr_db: float, generator: np.random.Generator) -> np.ndarray:
    """Add pink noise (3 dB less an octave up, as wind and far traffic are) at a signal-to-noise ratio in dB."""
    noise = pink_noise(len(samples), generator)
    wanted = np.sqrt(np.mean(np.square(samples)) * 10.0 ** (-snr_db / 10))
    return samples + wanted * noise


def pink_noise(n: int, generator: np.random.Generator) -> np.ndarray:
    """Pink noise of unit power, shape (n,): white noise whose spectrum is divided by the root of the frequency."""
    spectrum = np.fft.rfft(generator.standard_normal(n))
    spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    noise = np.fft.irfft(spectrum, n)
    return noise / np.sqrt(np.mean(np.square(noise)))

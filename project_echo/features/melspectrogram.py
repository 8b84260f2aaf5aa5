"""The one way from sound to image, shared by training, evaluation and screening."""

from functools import cache

import numpy as np
from librosa.filters import get_window, mel
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft

from project_echo.features.config import Features

FRAMES = 128  # transformed at once: what a step makes then stays in the processor's cache
BANDS = 16  # multiplied at once: neighbouring mel bands need the same few bins


def mel_power(samples: np.ndarray, features: Features) -> np.ndarray:
    """Mel power of a sound of any length, shape (n_mels, frames, channels), float32.

    `samples` has shape (n,) with n at least `n_fft`. Frames are not centre-padded, so the frames of a window are those
    of the recording that it is a part of. A Hann window shorter than `n_fft` stands in the middle of it, so all
    channels look at the same instants; short windows resolve time and long ones pitch. The values are those of
    librosa.stft and librosa.filters.mel, in less than a third of their time (benchmarks/throughput.py).
    """
    frames = sliding_window_view(samples, features.n_fft)[:: features.hop_length]
    found = np.empty((len(frames), len(features.win_lengths), features.n_mels), dtype=np.float32)
    for start in range(0, len(frames), FRAMES):
        block = frames[start : start + FRAMES]
        for channel, window in enumerate(_windows(features)):
            first = (features.n_fft - len(window)) // 2
            # Zeros that belong on both sides of a short window may all follow it: that turns phases alone.
            spectrum = rfft(block[:, first : first + len(window)] * window, n=features.n_fft, axis=1)
            power = np.square(spectrum.real)
            power += np.square(spectrum.imag)
            for bands, bins, filters in _mel_filters(features):
                found[start : start + FRAMES, channel, bands] = power[:, bins] @ filters
    return found.transpose(2, 0, 1)


@cache
def _windows(features: Features) -> list[np.ndarray]:
    return [get_window("hann", win_length).astype(np.float32) for win_length in features.win_lengths]


@cache
def _mel_filters(features: Features) -> list[tuple[slice, slice, np.ndarray]]:
    """Librosa's mel filters in parts: some bands, the bins that they reach over, and weights of shape (bins, bands)."""
    filters = mel(
        sr=features.sample_rate, n_fft=features.n_fft, n_mels=features.n_mels, fmin=features.fmin, fmax=features.fmax
    )
    parts = []
    for start in range(0, features.n_mels, BANDS):
        some = filters[start : start + BANDS]
        reached = np.flatnonzero(some.any(axis=0))
        bins = slice(reached[0], reached[-1] + 1) if len(reached) else slice(0, 0)
        parts.append((slice(start, start + len(some)), bins, np.ascontiguousarray(some[:, bins].T)))
    return parts


def relative_db(power: np.ndarray, features: Features) -> np.ndarray:
    """A window's mel power as the image that the network sees: shape (n_mels, frames, 3), float16.

    Decibels below the loudest point of each channel, from -top_db to 0: how far away the animal was, and how the
    recorder was set, leave no trace. Digital silence is -top_db throughout. Half precision is a thirtieth of a decibel
    at worst, and what is stored is then the same as what is screened.
    """
    peak = power.max(axis=(0, 1), keepdims=True)
    floor = 10.0 ** (-features.top_db / 10)
    quiet = peak == 0
    relative = power / np.where(quiet, 1, peak)
    image = np.log(np.maximum(relative, floor, out=relative), out=relative)  # three times as fast as numpy's log10
    image *= np.float32(10 / np.log(10))
    return np.ascontiguousarray(np.broadcast_to(image, features.image_shape), dtype=np.float16)


def image(samples: np.ndarray, features: Features) -> np.ndarray:
    """The image of one clip: `samples` of shape (features.window_samples,) to (n_mels, frames, 3), float16."""
    return relative_db(mel_power(samples, features), features)


def window_step(features: Features, hop_seconds: float) -> int:
    """Frames from one window to the next: `hop_seconds` rounded to whole frames, at least one."""
    return max(1, round(hop_seconds * features.sample_rate / features.hop_length))


def window_starts(n_samples: int, features: Features, hop_seconds: float) -> np.ndarray:
    """Start frames of the windows that slide over a recording, shape (windows,), the last wholly inside it.

    A recording shorter than a window has one, padded.
    """
    last = max(0, n_samples - features.window_samples) // features.hop_length
    return np.arange(0, last + 1, window_step(features, hop_seconds))


def window_images(samples: np.ndarray, starts: np.ndarray, features: Features) -> np.ndarray:
    """Images of the windows of a recording, shape (windows, n_mels, frames, 3), float16.

    One STFT pass over the recording; windows are sliced from it. Each equals `image` of the same
    samples, but for rounding in the last bit of a few values.
    """
    missing = features.window_samples - len(samples)
    if missing > 0:
        samples = np.pad(samples, (0, missing))
    power = mel_power(samples, features)
    return np.stack([relative_db(power[:, start : start + features.n_frames], features) for start in starts])

"""Log-mel spectrograms: the one way from sound to image, shared by training, evaluation and screening.

Images are the same bytes on every processor. SciPy compiles its FFT and its sparse products once for all of them, while
the last bits of BLAS products and of NumPy's logarithms depend on the processor's instructions.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft
from scipy.sparse import csr_array

from project_echo.features.config import LOUDEST, Features

FRAMES = 128  # transformed at once, so that intermediate results stay in the processor's cache
LOWEST = -LOUDEST  # value of a point that is top_db below the loudest point of its window, or quieter

MANTISSA_BITS = 10  # leading bits of a float32's mantissa from which its level is looked up, to 0.0022 dB
FRACTIONS = 256  # levels are multiples of 1/256 step, so that their differences are exact in float32


class MelSpectrogram:
    """Log-mel spectrograms and images of sounds.

    Parameters
    ----------
    features : Features
    filters : np.ndarray of shape (n_mels, n_fft // 2 + 1), float32
        Mel filters, see `mel_filters`.
    """

    def __init__(self, features: Features, filters: np.ndarray) -> None:
        self.features = features
        self._window = _hann(features.win_length)
        self._filters = csr_array(filters)

    def levels(self, samples: np.ndarray) -> np.ndarray:
        """Log-mel spectrogram of a sound of any length.

        Frames are not center-padded, so the frames of a window are those of the recording that it is a part of.

        A window of twice `n_fft` resolves pitch like an FFT of its own length, in the time of a shorter one: its halves
        are added up first, so that the FFT gives every other bin of the long one. The level of a tone midway between
        these is up to 6 dB lower.

        Parameters
        ----------
        samples : np.ndarray of shape (n,), float32
            At least `win_length` samples.

        Returns
        -------
        np.ndarray of shape (n_mels, frames), float32
            10 log10(power), in steps of an image: 254 steps are `top_db`. Power below 1.2e-38, the smallest normal
            float32, has the level of 1.2e-38.

        References
        ----------
        Crochiere & Rabiner, "Multirate Digital Signal Processing", 1983, chapter 7 (weighted overlap-add).
        """
        features, table = self.features, _level_table(self.features.top_db)
        n_fft = features.n_fft
        frames = sliding_window_view(samples, features.win_length)[:: features.hop_length]
        buffer = np.zeros((FRAMES, n_fft), np.float32)
        levels = np.empty((features.n_mels, len(frames)), np.float32)
        for start in range(0, len(frames), FRAMES):
            block = frames[start : start + FRAMES]
            folded = buffer[: len(block)]
            np.multiply(block[:, :n_fft], self._window[:n_fft], out=folded)
            if features.win_length > n_fft:
                folded += block[:, n_fft:] * self._window[n_fft:]
            spectrum = rfft(buffer.T, axis=0)  # all frames, though the last block may fill only some
            power = np.square(spectrum.real)
            power += np.square(spectrum.imag)
            mel_power = (self._filters @ power).view(np.int32)
            mel_power >>= 23 - MANTISSA_BITS
            levels[:, start : start + FRAMES] = table.take(mel_power, mode="clip")[:, : len(block)]
        return levels

    def image(self, samples: np.ndarray) -> np.ndarray:
        """The image of one clip: from samples of shape (window_samples,), float32, to (n_mels, frames, 3), int8."""
        image: np.ndarray = self.window_images(samples, np.zeros(1, int))[0]
        return image

    def window_images(self, samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Images of the windows of a recording, as the network takes them, in one pass of the STFT.

        Levels are relative to the loudest point of a window, which leaves no trace of how far away the animal was and
        how the recorder was set. The three channels are the same, as the network was trained on color photographs.

        Parameters
        ----------
        samples : np.ndarray of shape (n,), float32
            The recording; padded with zeros if it is shorter than a window.
        starts : np.ndarray of int, shape (windows,)
            Start frames of the windows.

        Returns
        -------
        np.ndarray of shape (windows, n_mels, frames, 3), int8
            From -127, `top_db` below the loudest point or quieter, to 127, the loudest point. Digital silence is -127
            throughout. Each equals the image of the same samples as a clip.
        """
        missing = self.features.window_samples - len(samples)
        if missing > 0:
            samples = np.pad(samples, (0, missing))
        levels = self.levels(samples)
        images = np.empty((len(starts), *self.features.image_shape), np.int8)
        for image, start in zip(images, starts, strict=True):
            relative = relative_levels(levels[:, start : start + self.features.n_frames], self.features)
            steps = np.rint(relative, out=relative).astype(np.int8)
            for channel in range(image.shape[-1]):  # six times as fast as broadcasting
                image[..., channel] = steps
        return images


def _hann(length: int) -> np.ndarray:
    """Periodic Hann window, float32."""
    return np.square(np.sin(np.arange(length) * (np.pi / length))).astype(np.float32)


@cache
def _level_table(top_db: float) -> np.ndarray:
    """Levels of all powers, indexed by the leading bits of a float32: exponent, and MANTISSA_BITS of the mantissa.

    A table is as fast as the fastest logarithm, and its rounding hides the last bits, in which processors differ.
    """
    mantissas = np.log10(1 + (np.arange(2**MANTISSA_BITS) + 0.5) / 2**MANTISSA_BITS)
    exponents = np.log10(2) * (np.arange(2**8) - 127)
    decibels = 10 * (exponents[:, np.newaxis] + mantissas)
    decibels[0] = decibels[1, 0]  # zero and subnormal numbers
    return (np.rint(decibels.ravel() * (254 / top_db * FRACTIONS)) / FRACTIONS).astype(np.float32)


def relative_levels(levels: np.ndarray, features: Features) -> np.ndarray:
    """Levels relative to their peak, on the scale of an image.

    Parameters
    ----------
    levels : np.ndarray of shape (n_mels, frames), float32
        What `MelSpectrogram.levels` returns, or a part.
    features : Features

    Returns
    -------
    np.ndarray of the same shape, float32
        LOWEST, `top_db` below the peak or quieter, to LOUDEST, the peak. Digital silence is LOWEST throughout.
    """
    peak = levels.max()
    is_silent = peak <= _level_table(features.top_db)[0]
    relative: np.ndarray = levels if is_silent else levels + (LOUDEST - peak)
    return np.maximum(relative, LOWEST)


def to_db(images: np.ndarray, features: Features) -> np.ndarray:
    """Images in decibels, for plots and Keras.

    Parameters
    ----------
    images : np.ndarray of any shape, int8 or float32
    features : Features

    Returns
    -------
    np.ndarray of the same shape, float32
        -top_db to 0.
    """
    return (images.astype(np.float32) - LOUDEST) * np.float32(features.top_db / (LOUDEST - LOWEST))


def window_step(features: Features, hop_s: float) -> int:
    """Frames from one window to the next: `hop_s` rounded to whole frames, at least one."""
    return max(1, round(hop_s * features.sample_rate / features.hop_length))


def window_starts(n_samples: int, features: Features, hop_s: float) -> np.ndarray:
    """Start frames of the windows of a recording.

    Parameters
    ----------
    n_samples : int
        Length of the recording. One shorter than a window has one window, padded.
    features : Features
    hop_s : float
        Step between windows, s.

    Returns
    -------
    np.ndarray of int, shape (windows,)
        The last window is wholly inside the recording.
    """
    last = max(0, n_samples - features.window_samples) // features.hop_length
    return np.arange(0, last + 1, window_step(features, hop_s))

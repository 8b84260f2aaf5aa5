"""The section `features` of params.yaml: what turns sound into a log-mel image."""

from pathlib import Path
from typing import Annotated

import pydantic
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from project_echo.core import files
from project_echo.core.validation import Schema, validate

LOUDEST = 127  # value of the loudest point of an image; -LOUDEST is top_db below
SMALLEST = 32  # mel bands, and frames, of an image that MobileNetV2 takes


class Features(Schema):
    """The section `features` of params.yaml, which a trained classifier carries along.

    The names are librosa's, but librosa's windows are never longer than n_fft, and these never shorter.
    """

    sample_rate: Annotated[int, Field(ge=4000, le=384_000)]  # Hz
    window_s: Annotated[float, Field(gt=0, le=60)]  # length of a clip or window, s
    n_fft: PositiveInt  # samples, of the FFT
    win_length: PositiveInt  # samples, of the STFT's window: n_fft, or twice as many, which are folded to n_fft
    hop_length: PositiveInt  # samples
    n_mels: Annotated[int, Field(ge=SMALLEST)]
    fmin: NonNegativeFloat  # Hz
    fmax: PositiveFloat  # Hz
    top_db: PositiveFloat  # dB

    @property
    def window_samples(self) -> int:
        """Samples of a clip or window."""
        return round(self.window_s * self.sample_rate)

    @property
    def n_frames(self) -> int:
        """Frames of a clip or window: those that lie wholly inside it."""
        return 1 + (self.window_samples - self.win_length) // self.hop_length

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Shape of a window's image: mel bands from low to high, frames, and three channels, which are the same."""
        return self.n_mels, self.n_frames, 3

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Features":
        if self.win_length not in (self.n_fft, 2 * self.n_fft):
            raise ValueError(
                f"win_length ({self.win_length}) must be n_fft ({self.n_fft}) or twice as many samples, as a longer "
                "window would lose tones between the bins of the FFT: change win_length or n_fft"
            )
        if self.n_mels > self.n_fft // 2:
            raise ValueError(f"n_mels: {self.n_mels} bands are more than the {self.n_fft // 2} bins of n_fft")
        if self.fmin >= self.fmax:
            raise ValueError(f"fmin ({self.fmin:g} Hz) must be below fmax ({self.fmax:g} Hz)")
        if self.fmax > self.sample_rate / 2:
            raise ValueError(
                f"fmax ({self.fmax:g} Hz) is above {self.sample_rate / 2:g} Hz, half of sample_rate: lower fmax, or "
                "raise sample_rate"
            )
        if self.n_frames < SMALLEST:
            raise ValueError(
                f"window_s ({self.window_s:g} s) gives {max(0, self.n_frames)} frames with win_length "
                f"({self.win_length}) and hop_length ({self.hop_length}), and MobileNetV2 needs at least {SMALLEST}: "
                "lengthen window_s or shorten hop_length"
            )
        return self


def read_features(path: Path) -> Features:
    """Read features.json, as the spectrograms stage writes it. Raises EchoError if it is of another version."""
    return validate(Features, files.read_json(path), path)

"""params.yaml, checked: an unknown key or an impossible value is an error that names it."""

import re
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from project_echo.core.files import read_yaml
from project_echo.core.validation import Checked, validate

SMALLEST = 32  # bands, and frames, of an image that MobileNetV2 takes


class Collect(Checked):
    corpus: Annotated[str, Field(min_length=1)]
    folder: Annotated[str, Field(min_length=1)]


class Extract(Checked):
    sample_rate: Annotated[int, Field(ge=4000, le=384_000)]


class Segment(Checked):
    seconds: Annotated[float, Field(gt=0, le=60)]
    hop_seconds: Annotated[float, Field(ge=0.01)]  # clips are named by their start in milliseconds
    per_recording: PositiveInt
    min_dbfs: Annotated[float, Field(le=0)]


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"the lowest value ({bounds[0]}) comes first, then the highest ({bounds[1]})")
    return bounds


Decibels = Annotated[float, Field(ge=-120, le=120)]
Semitones = Annotated[float, Field(ge=-24, le=24)]
Reverberation = Annotated[float, Field(ge=0, le=10)]


class Spectrograms(Checked):
    n_fft: PositiveInt
    win_lengths: Annotated[list[PositiveInt], Field(min_length=1, max_length=3)]
    hop_length: PositiveInt
    n_mels: Annotated[int, Field(ge=SMALLEST)]
    fmin: NonNegativeFloat
    fmax: PositiveFloat
    top_db: PositiveFloat
    copies: NonNegativeInt
    snr_db: Annotated[tuple[Decibels, Decibels], pydantic.AfterValidator(_ordered)]
    pitch_semitones: Annotated[tuple[Semitones, Semitones], pydantic.AfterValidator(_ordered)]
    reverberation_seconds: Annotated[tuple[Reverberation, Reverberation], pydantic.AfterValidator(_ordered)]
    roll_seconds: NonNegativeFloat
    gain_db: Annotated[tuple[Decibels, Decibels], pydantic.AfterValidator(_ordered)]
    seed: NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _fits(self) -> "Spectrograms":
        if len(self.win_lengths) == 2:
            raise ValueError("win_lengths: give one window length, or three")
        if max(self.win_lengths) > self.n_fft:
            raise ValueError(f"win_lengths: {max(self.win_lengths)} is longer than n_fft ({self.n_fft})")
        if self.n_mels > self.n_fft // 2:
            raise ValueError(f"n_mels: {self.n_mels} bands are more than the {self.n_fft // 2} bins of n_fft")
        if self.fmin >= self.fmax:
            raise ValueError(f"fmin ({self.fmin} Hz) must lie below fmax ({self.fmax} Hz)")
        return self


Share = PositiveInt | Annotated[float, Field(gt=0, lt=1)]


class Split(Checked):
    train: Share
    validation: Share
    test: Share
    seed: NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _one_kind(self) -> "Split":
        shares = [self.train, self.validation, self.test]
        if len({type(share) for share in shares}) > 1:
            raise ValueError("train, validation and test: give sources per class (9) or fractions (0.7), not a mixture")
        if isinstance(self.train, float) and sum(shares) > 1 + 1e-9:
            raise ValueError(f"train, validation and test add up to {sum(shares):g}, more than 1")
        return self


class Backbone(Checked):
    weights: str


class Embed(Checked):
    blocks: Annotated[list[Annotated[int, Field(ge=1, le=16)] | Literal["last"]], Field(min_length=1)]
    bands: list[PositiveInt]
    deviations: bool
    root: bool

    @pydantic.model_validator(mode="after")
    def _one_each(self) -> "Embed":
        if len(self.bands) != len(self.blocks):
            raise ValueError(f"bands: give one number for each of the {len(self.blocks)} blocks")
        return self


class Train(Checked):
    trainable: Literal["none", "last_n", "all"]
    last_n: PositiveInt
    head: Literal["logistic", "dense"]
    C: PositiveFloat
    class_weights: bool
    head_units: NonNegativeInt
    dropout: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegativeFloat
    learning_rate: PositiveFloat
    batch_size: PositiveInt
    epochs: PositiveInt
    patience: PositiveInt
    seed: NonNegativeInt

    @pydantic.model_validator(mode="after")
    def _head_fits(self) -> "Train":
        if self.trainable != "none" and self.head == "logistic":
            raise ValueError(f"head: with trainable {self.trainable} the head is trained along, set it to dense")
        return self


class Rejection(Checked):
    false_alarms: Annotated[float, Field(gt=0, lt=1)]


class Crossval(Checked):
    draws: Annotated[int, Field(ge=2)]
    curve: list[PositiveInt]
    seed: NonNegativeInt


class Infer(Checked):
    hop_seconds: PositiveFloat


def _address(scheduler: str) -> str:
    if scheduler and not re.fullmatch(r"(tcp|tls|ws|wss)://[^/\s]+:\d+", scheduler):
        raise ValueError('give the address that dask scheduler names (tcp://10.0.0.1:8786), or "" for this machine')
    return scheduler


class Execution(Checked):
    scheduler: Annotated[str, pydantic.AfterValidator(_address)]


class Params(Checked):
    collect: Collect
    extract: Extract
    segment: Segment
    spectrograms: Spectrograms
    split: Split
    backbone: Backbone
    embed: Embed
    train: Train
    rejection: Rejection
    crossval: Crossval
    infer: Infer
    execution: Execution

    @pydantic.model_validator(mode="after")
    def _fit_together(self) -> "Params":
        nyquist = self.extract.sample_rate / 2
        if self.spectrograms.fmax > nyquist:
            raise ValueError(
                f"spectrograms.fmax ({self.spectrograms.fmax:g} Hz) lies above half of extract.sample_rate "
                f"({nyquist:g} Hz): lower the one or raise the other"
            )
        room = round(self.segment.seconds * self.extract.sample_rate) - self.spectrograms.n_fft
        frames = 1 + room // self.spectrograms.hop_length
        if frames < SMALLEST:
            raise ValueError(
                f"segment.seconds ({self.segment.seconds:g} s) makes {max(0, frames)} frames of spectrograms.n_fft "
                f"({self.spectrograms.n_fft} samples) and spectrograms.hop_length ({self.spectrograms.hop_length}), "
                f"and MobileNetV2 takes {SMALLEST} and more: lengthen the clip or shorten the hop"
            )
        return self


def load_params(path: Path = Path("params.yaml")) -> Params:
    """The whole of params.yaml, checked as a whole, so that a wrong value stops the first stage and not the last.

    Raises EchoError naming the file, the key, what is wrong and what is allowed.
    """
    return validate(Params, read_yaml(path), path)

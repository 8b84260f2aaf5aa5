"""What a description of the demo corpus (corpora/demo.yaml) may say."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from project_echo.core.labels import NONE
from project_echo.core.validation import Schema
from project_echo.corpora.demo.voices import LABELS

Seconds = Annotated[float, Field(gt=0, le=600)]


def _in_order(durations: tuple[float, float]) -> tuple[float, float]:
    if durations[0] > durations[1]:
        raise ValueError("must be [shortest, longest]")
    return durations


Range = Annotated[tuple[Seconds, Seconds], AfterValidator(_in_order)]
Label = Literal["boar", "cane_toad", "fox", "tree_frog"]
Voice = Literal["boar", "cane_toad", "fox", "tree_frog", "owl", "songbird", "dog"]


class Part(Schema):
    """One animal in a video: it starts calls between two moments, at a level relative to the others."""

    voice: Voice
    from_s: float = Field(default=0, ge=0)
    to_s: Seconds = 600
    level_db: float = Field(default=0, ge=-40, le=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Part":
        if self.to_s <= self.from_s:
            raise ValueError(f"to_s ({self.to_s:g}) must lie after from_s ({self.from_s:g})")
        return self


class Video(Schema):
    """One unseen video, and what is truly in it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    truth: Label | Literal["none"]
    duration_s: Seconds
    snr_db: float = Field(ge=-10, le=40)
    parts: list[Part] = Field(min_length=1)

    @model_validator(mode="after")
    def _truth_is_heard(self) -> "Video":
        heard = {part.voice for part in self.parts if part.from_s < self.duration_s}
        if self.truth == NONE and heard & set(LABELS):
            raise ValueError(f"truth is {NONE}, but parts hold {', '.join(sorted(heard & set(LABELS)))}")
        if self.truth != NONE and self.truth not in heard:
            raise ValueError(f"truth is {self.truth}, but no part within duration_s has that voice")
        return self


class Description(Schema):
    """The whole corpus."""

    layout: Literal["demo"]
    seed: int = Field(ge=0)
    sources_per_class: int = Field(ge=1, le=999)
    background_sources: int = Field(ge=0, le=999)
    sample_rate_hz: int = Field(ge=16000, le=48000)
    duration_s: Range
    background_duration_s: Range
    unseen: list[Video]

    @model_validator(mode="after")
    def _sensible(self) -> "Description":
        names = [video.name for video in self.unseen]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"unseen names a video twice: {', '.join(twice)}")
        return self

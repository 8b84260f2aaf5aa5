"""Schema of the demo corpus (corpora/demo.yaml)."""

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
    """An animal in a video."""

    voice: Voice
    from_s: float = Field(default=0, ge=0)  # it starts calls between from_s and to_s
    to_s: Seconds = 600
    level_db: float = Field(default=0, ge=-40, le=0)  # relative to the loudest

    @model_validator(mode="after")
    def _in_order(self) -> "Part":
        if self.to_s <= self.from_s:
            raise ValueError(f"to_s ({self.to_s:g}) must be after from_s ({self.from_s:g})")
        return self


class Video(Schema):
    """An unseen video and its truth."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    truth: Label | Literal["none"]
    duration_s: Seconds
    snr_db: float = Field(ge=-10, le=40)
    parts: list[Part] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_truth(self) -> "Video":
        voices = {part.voice for part in self.parts if part.from_s < self.duration_s}
        labels = ", ".join(sorted(voices & set(LABELS)))
        if self.truth == NONE and labels:
            raise ValueError(f"truth is {NONE}, but parts contain {labels}. Correct one of them")
        if self.truth != NONE and self.truth not in voices:
            raise ValueError(f"truth is {self.truth}, but no part within duration_s has it. Correct one of them")
        return self


class Description(Schema):
    """The demo corpus."""

    layout: Literal["demo"]
    seed: int = Field(ge=0)
    sources_per_class: int = Field(ge=1, le=999)
    background_sources: int = Field(ge=0, le=999)
    sample_rate_hz: int = Field(ge=16000, le=48000)
    duration_s: Range
    background_duration_s: Range
    unseen: list[Video]

    @model_validator(mode="after")
    def _unique_names(self) -> "Description":
        names = [video.name for video in self.unseen]
        duplicates = sorted({name for name in names if names.count(name) > 1})
        if duplicates:
            raise ValueError(f"unseen has several videos with the same name: {', '.join(duplicates)}. Rename them")
        return self

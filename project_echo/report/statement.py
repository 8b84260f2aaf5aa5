"""Sentences of the report with what each is about, which tests and readers of the code go by."""

from dataclasses import dataclass
from typing import Literal

About = Literal[
    "synthetic",
    "interval",
    "few_sources",
    "weakest_label",
    "calibration",
    "reviewed",
    "background",
    "false_events",
    "learning_curve",
    "field",
    "skipped",
    "screening",
    "own",
]


@dataclass(frozen=True)
class Statement:
    """A limitation or a next step."""

    about: About  # own: a person wrote it
    text: str

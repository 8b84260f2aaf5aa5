"""The clip that the report follows on its way: its figures and sound beside the page, and what was answered."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.plots import clip as clip_figures
from project_echo.plots import style
from project_echo.plots.palette import colours


@dataclass(frozen=True)
class Bar:
    """The probability of a label."""

    name: str
    colour: str
    share: float


@dataclass(frozen=True)
class Example:
    """A clip and its answer, for people; paths are relative to the page."""

    clip: str
    seconds: str
    truth: str
    prediction: str
    right: bool
    animal: str  # the likeliest one, also where the prediction is none
    bars: list[Bar]
    copies: str  # empty where there are none
    audio: str = "media/clip.wav"
    sound: str = "media/clip-sound.png"
    attention: str = "media/clip-attention.png"


def show(
    clip: dict[str, Any],
    samples: np.ndarray,
    images: np.ndarray,
    attention: Path,
    labels: Sequence[str],
    features: Features,
    folder: Path,
) -> Example:
    """Write sound and figures of a clip into `folder`/media, and tell what was answered.

    `clip` is its row of predictions.csv, `samples` its sound, shape (n,), `images` its log-mel image and those of its
    augmented copies, shape (views, n_mels, frames, 3), and `attention` the figure of where the network looked.
    """
    shades = colours(labels)
    shown = Example(
        clip=clip["clip"],
        seconds=f"{features.window_s:g}",
        truth=display_name(clip["truth"]),
        prediction=display_name(clip["prediction"]),
        right=clip["truth"] == clip["prediction"],
        animal=display_name(clip["animal"]),
        bars=[Bar(display_name(label), shades[label], clip[label]) for label in labels],
        copies="media/clip-copies.png" if len(images) > 1 else "",
    )
    files.write_sound(samples, features.sample_rate, folder / shown.audio)
    style.save(clip_figures.sound(samples, images[0], features), folder / shown.sound)
    if shown.copies:
        style.save(clip_figures.copies(images, features), folder / shown.copies)
    shutil.copyfile(attention, folder / shown.attention)
    return shown

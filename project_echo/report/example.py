"""The example clip that the report explains step by step: its figures, sound and prediction."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from project_echo.core import files
from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.features.melspectrogram import to_db
from project_echo.media import levels
from project_echo.plots import clip as clip_figures
from project_echo.plots import style
from project_echo.plots.palette import label_colors


@dataclass(frozen=True)
class Bar:
    """The probability of a label, drawn as a bar, and its threshold if it has one."""

    label: str
    color: str
    probability: float
    threshold: float | None = None


@dataclass(frozen=True)
class Example:
    """A clip and its prediction, with display names of labels; paths are relative to the page."""

    clip: str
    duration_s: str
    truth: str
    prediction: str
    correct: bool
    animal: str  # the most probable one, even if no label reaches its threshold
    bars: list[Bar]
    copies: str  # empty without augmented copies
    audio: str = "media/clip.wav"
    sound: str = "media/clip-sound.png"
    attention: str = "media/clip-attention.png"


def write_example(
    clip: dict[str, Any],
    samples: np.ndarray,
    images: np.ndarray,
    attention: Path,
    labels: Sequence[str],
    thresholds: Sequence[float] | None,
    features: Features,
    folder: Path,
) -> Example:
    """Write the sound and the figures of a clip into `folder`/media.

    Parameters
    ----------
    clip : dict
        Its row of plots/evaluate/predictions.csv: clip, truth, prediction, animal, and a probability for each label.
    samples : np.ndarray of shape (n,), float
        Its sound, at the sample rate of `features`.
    images : np.ndarray of shape (views, n_mels, frames, 3), int8
        Log-mel images of the clip and of its augmented copies.
    attention : Path
        Figure of the Grad-CAM of the clip.
    labels : sequence of str
        Labels of the classifier.
    thresholds : sequence of float, optional
        Of each label, from which on it is heard; None if nothing is rejected.
    features : Features
        How the images were computed.
    folder : Path
        Folder of the page.

    Returns
    -------
    Example
    """
    colors = label_colors(labels)
    bars = [
        Bar(display_name(label), colors[label], clip[label], threshold)
        for label, threshold in zip(labels, thresholds or repeat(None, len(labels)), strict=True)
    ]
    example = Example(
        clip=clip["clip"],
        duration_s=f"{features.window_s:g}",
        truth=display_name(clip["truth"]),
        prediction=display_name(clip["prediction"]),
        correct=clip["truth"] == clip["prediction"],
        animal=display_name(clip["animal"]),
        bars=bars,
        copies="media/clip-copies.png" if len(images) > 1 else "",
    )
    audible = levels.listening_gain(levels.measure_peak(samples)) * samples
    with files.atomic_path(folder / example.audio) as temporary:  # 16 bits: half the size, and any browser plays it
        soundfile.write(temporary, audible, features.sample_rate, subtype="PCM_16", format="WAV")
    decibels = to_db(images, features)
    style.save(clip_figures.sound(samples, decibels[0], features), folder / example.sound)
    if example.copies:
        style.save(clip_figures.copies(decibels, features), folder / example.copies)
    shutil.copyfile(attention, folder / example.attention)
    return example

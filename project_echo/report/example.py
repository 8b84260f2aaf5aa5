"""The example clip that the report explains step by step: its figures, sound and prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from markupsafe import Markup

from project_echo.core import files
from project_echo.core.labels import display_name
from project_echo.features.config import Features
from project_echo.features.melspectrogram import to_db
from project_echo.media import levels
from project_echo.plots import clip as clip_figures
from project_echo.plots.palette import label_colors
from project_echo.plots.svg import svg


@dataclass(frozen=True)
class Bar:
    """The probability of a label, drawn as a bar, and its threshold if it has one."""

    label: str
    color: str
    probability: float
    threshold: float | None = None


@dataclass(frozen=True)
class Example:
    """A clip and its prediction, with display names of labels; figures are SVG, the path is relative to the page."""

    clip: str
    duration_s: str
    truth: str
    prediction: str
    correct: bool
    animal: str  # the most probable one, even if no label reaches its threshold
    bars: list[Bar]
    sound: Markup
    copies: Markup  # empty without augmented copies
    attention: Markup  # empty without a map of the evidence
    audio: str = "media/clip.wav"


def write_example(
    clip: dict[str, Any],
    samples: np.ndarray,
    images: np.ndarray,
    attention: np.ndarray | None,
    labels: Sequence[str],
    thresholds: Sequence[float] | None,
    features: Features,
    folder: Path,
) -> Example:
    """Write the sound of a clip into `folder`/media, and draw its figures.

    Parameters
    ----------
    clip : dict
        Its row of plots/evaluate/predictions.csv: clip, truth, prediction, animal, and a probability for each label.
    samples : np.ndarray of shape (n,), float
        Its sound, at the sample rate of `features`.
    images : np.ndarray of shape (views, n_mels, frames, 3), int8
        Log-mel images of the clip and of its augmented copies.
    attention : np.ndarray of shape (n_mels, frames), float, or None
        Grad-CAM map of the evidence for its most probable animal, 0 to 1.
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
    decibels = to_db(images, features)
    example = Example(
        clip=clip["clip"],
        duration_s=f"{features.window_s:g}",
        truth=display_name(clip["truth"]),
        prediction=display_name(clip["prediction"]),
        correct=clip["truth"] == clip["prediction"],
        animal=display_name(clip["animal"]),
        bars=bars,
        sound=svg(clip_figures.sound(samples, decibels[0], features)),
        copies=svg(clip_figures.copies(decibels, features)) if len(images) > 1 else Markup(),
        attention=Markup() if attention is None else svg(clip_figures.evidence(decibels[0], attention, features)),
    )
    audible = levels.listening_gain(levels.measure_peak(samples)) * samples
    with files.atomic_path(folder / example.audio) as temporary:  # 16 bits: half the size, and any browser plays it
        soundfile.write(temporary, audible, features.sample_rate, subtype="PCM_16", format="WAV")
    return example

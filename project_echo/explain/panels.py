"""Figures of the evidence for a label: Grad-CAM maps of test clips and of unseen recordings, where there are any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import join_words, recording_title
from project_echo.features.melspectrogram import MelSpectrogram, to_db
from project_echo.plots.attention import Panel, overlays


@dataclass(frozen=True)
class Explainer:
    """The parts of a classifier that the figures use.

    Attributes
    ----------
    labels : sequence of str
        The animals, in the order of its outputs. The index of `none` is the one after the last.
    spectrogram : MelSpectrogram
        How its images are computed.
    attention : callable
        From an image, shape (n_mels, frames, 3), and the index of a label to the Grad-CAM map, shape (n_mels, frames),
        or None if there is none: then spectrograms are shown alone.
    """

    labels: Sequence[str]
    spectrogram: MelSpectrogram
    attention: Callable[[np.ndarray, int], np.ndarray | None]

    def panel(
        self, image: np.ndarray, label: str, probability: float, heading: str = "", start_s: float = 0.0
    ) -> Panel:
        """Panel of an image with the evidence for a label.

        Parameters
        ----------
        image : np.ndarray of shape (n_mels, frames, 3), float
            Log-mel image, dB.
        label : str
            One of `labels`, or `none`.
        probability : float
            Of the label.
        heading : str
            Text before the title.
        start_s : float
            Start of the image in its recording, s.

        Returns
        -------
        Panel
        """
        attention = self.attention(image, [*self.labels, NONE].index(label))
        shown = display_name(label) if attention is None else f"evidence for {display_name(label)} (Grad-CAM)"
        title = f"{heading}{shown}, probability {probability:.2f}"
        return Panel(title, to_db(image, self.spectrogram.features), attention, start_s)


def confused(clips: pd.DataFrame, images: np.ndarray, pair: tuple[str, str], explainer: Explainer) -> Figure:
    """Test clips of two labels, each with the evidence for the predicted label and for the alternative.

    The alternative of a wrong clip is its truth, that of a correct one the other label of the pair.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip: columns clip, truth, prediction, animal (the most probable of the labels that are scored), and a
        probability for each of these.
    images : np.ndarray of shape (clips, n_mels, frames, 3), int8
        Log-mel images of the clips.
    pair : tuple of two str
        The labels.
    explainer : Explainer
        The classifier.

    Returns
    -------
    Figure
        A row of two panels for each clip, or of one if there is no evidence to show.
    """
    rows = []
    for clip, image in zip(clips.to_dict("records"), images, strict=True):
        animal, truth = clip["animal"], clip["truth"]
        correct = animal == truth
        alternative = next(label for label in pair if label != truth) if correct else truth
        verdict = f"{clip['clip']}: {'correct' if correct else 'wrong'}"
        verdict += ", but rejected" if clip["prediction"] == NONE != animal else ""
        row = [
            explainer.panel(image, animal, clip[animal], f"{verdict}\n"),
            explainer.panel(image, alternative, clip[alternative], f"truth: {display_name(truth)}\n"),
        ]
        if row[0].attention is None:  # both would be the same
            odds = ", ".join(f"{display_name(label)} {clip[label]:.2f}" for label in (animal, alternative))
            row = [replace(row[0], title=f"{verdict}; truth: {display_name(truth)}; {odds}")]
        rows.append(row)
    title = f"{join_words([display_name(label) for label in pair])}: test clips, wrong ones first"
    return overlays(rows, explainer.spectrogram.features, title)


def example(clip: dict[str, Any], image: np.ndarray, explainer: Explainer) -> Figure:
    """A test clip with the evidence for its most probable animal.

    Parameters
    ----------
    clip : dict
        Its clip, animal, and a probability for each label.
    image : np.ndarray of shape (n_mels, frames, 3), int8
        Log-mel image of the clip.
    explainer : Explainer
        The classifier.

    Returns
    -------
    Figure
    """
    panel = explainer.panel(image, clip["animal"], clip[clip["animal"]])
    return overlays([[panel]], explainer.spectrogram.features, clip["clip"])


def recording(summary: dict[str, Any], windows: pd.DataFrame, samples: np.ndarray, explainer: Explainer) -> Figure:
    """The window of an unseen recording in which its label is most probable, with the evidence for the label.

    If no animal was found, the most probable animal is shown.

    Parameters
    ----------
    summary : dict
        The recording's row of recordings.csv: recording, label, confidence, truth, verdict.
    windows : pd.DataFrame
        Its rows of windows.csv: columns start_s, end_s, and a probability for each label.
    samples : np.ndarray of shape (n,), float
        The recording.
    explainer : Explainer
        The classifier.

    Returns
    -------
    Figure
    """
    features = explainer.spectrogram.features
    most_probable = windows[list(explainer.labels)].max().idxmax()
    label = most_probable if summary["label"] == NONE else summary["label"]
    window = windows.loc[windows[label].idxmax()]
    start = round(window["start_s"] * features.sample_rate)
    image = explainer.spectrogram.image(samples[start : start + features.window_samples])
    seconds = f"{window['start_s']:g} to {window['end_s']:g} s: "
    panel = explainer.panel(image, label, window[label], seconds, window["start_s"])
    confidence = "" if pd.isna(summary["confidence"]) else f" {summary['confidence']:.2f}"
    title = recording_title(summary, f"{display_name(summary['label'])}{confidence}")
    return overlays([[panel]], features, title)

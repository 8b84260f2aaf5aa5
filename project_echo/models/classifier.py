"""The trained classifier as a folder, and prediction with its LiteRT model, which needs no TensorFlow.

models/classifier/model.keras       spectrogram to probabilities, for Keras
models/classifier/model.tflite      the same for LiteRT
models/classifier/classifier.json   labels, features, temperature and threshold and what they rest on, how it was
                                    trained, versions, SHA-256 of the two
"""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema, validate
from project_echo.features.config import Features
from project_echo.media.errors import UnusableMediaError
from project_echo.media.levels import measure_peak
from project_echo.media.resample import resample
from project_echo.models import calibration, litert, rejection
from project_echo.models.litert import Network
from project_echo.models.windows import predict_windows, window_table

KERAS, LITERT, CARD = "model.keras", "model.tflite", "classifier.json"


class CalibrationSources(Schema):
    """How much temperature and threshold rest on."""

    sources: int  # of validation clips, for the temperature
    background_sources: int | None  # of validation clips of background, for the threshold
    note: str  # a warning if these are too few, else empty


class Card(Schema):
    """What classifier.json holds."""

    labels: tuple[str, ...]
    features: Features
    temperature: float
    threshold: float | None
    calibration: CalibrationSources | None = None  # None in a classifier of an earlier version
    trained: dict[str, Any]
    versions: dict[str, str]
    sha256: dict[str, str]


@dataclass(frozen=True)
class Classifier:
    """A trained classifier: labels, features, calibration and the network. `load_classifier` loads one.

    Attributes
    ----------
    labels : tuple of str
        The animals by name, then ``none`` if it was trained with background.
    features : Features
        How sound becomes a log-mel image: sample_rate (Hz), window_s (s) and others.
    temperature : float
        By which probabilities are calibrated.
    threshold : float or None
        Of the probability of any animal, below which the label is ``none``; None rejects nothing.
    network : callable
        From an image to probabilities, not calibrated.
    """

    labels: tuple[str, ...]
    features: Features
    temperature: float
    threshold: float | None
    network: Network

    def predict(self, samples: np.ndarray, sample_rate: int, *, hop_seconds: float | None = None) -> pd.DataFrame:
        """Predict the probability of each label in windows over a waveform.

        The probabilities are those of a recording with these samples in `screen`.

        Parameters
        ----------
        samples : np.ndarray of shape (n,), float
            Mono sound of any length; shorter than a window, it is padded with zeros.
        sample_rate : int
            Hz. Sound at another rate than the classifier's is resampled.
        hop_seconds : float, optional
            Step between windows, s; by default the length of a window. Rounded to whole spectrogram frames.

        Returns
        -------
        pd.DataFrame
            A row per window: start_s and end_s (s from the start), and a column of probabilities for each label.

        Raises
        ------
        ValueError
            If the samples are not one channel of finite numbers, or the rate or the step is not above 0.

        Examples
        --------
        >>> samples, sample_rate = soundfile.read("night.wav")
        >>> classifier = project_echo.load_classifier("models/classifier")
        >>> windows = classifier.predict(samples, sample_rate, hop_seconds=2.5)
        >>> windows[windows["boar"] > 0.8]
        """
        hop_s = self.features.window_s if hop_seconds is None else hop_seconds
        if not 0 < hop_s < float("inf"):
            raise ValueError(f"hop_seconds is {hop_seconds}: pass a number of seconds above 0")
        if not sample_rate > 0 or sample_rate != int(sample_rate):
            raise ValueError(f"sample_rate is {sample_rate}: pass a whole number of Hz above 0")
        waveform = resample(_mono_waveform(samples), int(sample_rate), self.features.sample_rate)
        probabilities = predict_windows([waveform], self.features, self.predict_images, hop_s)
        duration_s = len(waveform) / self.features.sample_rate
        return window_table(probabilities, self.labels, self.features, hop_s, duration_s)

    def predict_images(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of clips or windows.

        Parameters
        ----------
        images : np.ndarray of shape (clips, n_mels, frames, 3)
            In dB, as `features.melspectrogram` makes them.

        Returns
        -------
        np.ndarray of shape (clips, labels), float32
        """
        probabilities = np.empty((len(images), len(self.labels)), dtype=np.float32)
        for row, image in enumerate(images):  # one by one is as fast as in batches, and independent of the batch
            probabilities[row] = self.network(image[np.newaxis].astype(np.float32))[0]
        return calibration.apply_temperature(probabilities, self.temperature)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """The label of each clip, shape (clips,), of probabilities of shape (clips, labels)."""
        return rejection.decide(probabilities, self.labels, self.threshold)


def _mono_waveform(samples: np.ndarray) -> np.ndarray:
    """Samples as float32. Raises ValueError if they are not one channel of finite floats."""
    samples = np.asarray(samples)
    if samples.ndim != 1:
        raise ValueError(
            f"samples have shape {samples.shape}: pass one channel, shape (n,), such as the mean of the channels"
        )
    if samples.dtype.kind != "f":
        raise ValueError(
            f"samples have dtype {samples.dtype}: pass floats, such as samples / 32768 for 16-bit integers"
        )
    if not samples.size:
        raise ValueError("samples are empty: pass at least one")
    waveform = samples.astype(np.float32)
    try:
        measure_peak(waveform)
    except UnusableMediaError as error:
        raise ValueError(f"samples: {error}") from None
    return waveform


def load_classifier(folder: str | os.PathLike[str]) -> Classifier:
    """Load a trained classifier from its folder.

    The same classifier is loaded once in a process. Several threads may use it.

    Parameters
    ----------
    folder : str or path
        What the train stage writes, models/classifier.

    Returns
    -------
    Classifier

    Raises
    ------
    EchoError
        If the folder holds no classifier, or one of an earlier version, or a file was changed after it was saved.

    Examples
    --------
    >>> classifier = project_echo.load_classifier("models/classifier")
    >>> classifier.labels
    ('boar', 'cane_toad', 'fox', 'tree_frog', 'none')
    """
    return _load(Path(folder).resolve(), card_digest(Path(folder)))


@lru_cache(maxsize=4)
def _load(folder: Path, _digest: str) -> Classifier:
    card = read_card(folder)
    for name in (KERAS, LITERT):
        if not (folder / name).is_file() or sha256(folder / name) != card.sha256.get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train again: dvc repro train."
            )
    network = litert.load(folder / LITERT)
    return Classifier(card.labels, card.features, card.temperature, card.threshold, network)


def card_digest(folder: Path) -> str:
    """SHA-256 of classifier.json, which identifies a classifier. Raises EchoError if the folder has none."""
    if not (folder / CARD).is_file():
        raise EchoError(f"{folder} contains no classifier ({CARD}). Train one (dvc repro), or choose another folder.")
    return sha256(folder / CARD)


def read_card(folder: Path) -> Card:
    """Read classifier.json. Raises EchoError if it is missing, or was saved by another version of this project."""
    values = files.read_json(folder / CARD)
    try:
        return validate(Card, values, folder / CARD)
    except EchoError as error:
        raise EchoError(
            f"{folder}: {CARD} was saved by another version of this project. Train again: dvc repro train."
        ) from error


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

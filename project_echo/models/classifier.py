"""A trained classifier: prediction of waveforms and images, which needs no TensorFlow."""

import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media.errors import UnusableMediaError
from project_echo.media.levels import measure_peak
from project_echo.media.resample import resample
from project_echo.models import rejection
from project_echo.models.calibration import Calibration, with_none
from project_echo.models.card import BACKBONE, FILTERS, HEAD, card_digest, read_card
from project_echo.models.embedding import embed
from project_echo.models.head import Head, read_head, window_scores
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooling
from project_echo.models.windows import WINDOWS_PER_BLOCK, predict_windows, window_table

SAMPLE_RATES = 1000, 1_000_000  # Hz, of waveforms
MAX_HOP_S = 86_400
DECIMALS = 6  # of probabilities
_loading = threading.Lock()


@dataclass(frozen=True)
class Classifier:
    """A trained classifier: labels, features, calibration, backbone and head. `load_classifier` loads one.

    Attributes
    ----------
    labels : tuple of str
        The animals by name, then ``none`` if it was trained with background.
    calibration : Calibration
        Slope and intercept of each animal's log-odds.
    threshold : float or None
        Minimum probability of an animal; below it the label is ``none``. None disables rejection.
    spectrogram : MelSpectrogram
        Maps sound to images.
    network : Network
        The backbone: maps an image to activations.
    pooling : Pooling
        How activations become an embedding.
    head : Logistic or Dense
        Maps embeddings to uncalibrated log-odds.
    folder : Path
        Where it was loaded from. A classifier is accepted wherever the path of one is.
    """

    labels: tuple[str, ...]
    calibration: Calibration
    threshold: float | None
    spectrogram: MelSpectrogram = field(repr=False, compare=False)
    network: Network = field(repr=False, compare=False)
    pooling: Pooling
    head: Head = field(repr=False, compare=False)
    folder: Path

    @property
    def features(self) -> Features:
        """How sound becomes a log-mel image: sample_rate (Hz), window_s (s) and others."""
        return self.spectrogram.features

    def __fspath__(self) -> str:
        return os.fspath(self.folder)

    def predict(self, samples: npt.ArrayLike, sample_rate: float, *, hop_seconds: float | None = None) -> pd.DataFrame:
        """Predict the probability of each label in windows over a waveform.

        The probabilities are those of a recording with these samples in `screen`.

        Parameters
        ----------
        samples : array-like of shape (n,), float
            Mono sound of any length; shorter than a window, it is padded with zeros.
        sample_rate : int
            Hz. Sound at a rate other than the classifier's is resampled.
        hop_seconds : float, optional
            Step between windows, s; by default the length of a window. Rounded to whole spectrogram frames.

        Returns
        -------
        pd.DataFrame
            A row per window: start_s and end_s (s from the start), and a column of probabilities for each label.

        Raises
        ------
        ValueError
            If the samples are not one channel of finite numbers, or the rate or the step makes no sense.

        Examples
        --------
        >>> import project_echo, soundfile
        >>> samples, sample_rate = soundfile.read("night.wav")
        >>> classifier = project_echo.load_classifier("models/classifier")
        >>> windows = classifier.predict(samples, sample_rate, hop_seconds=2.5)
        >>> windows[windows["boar"] > 0.8]
        """
        hop_s = self.features.window_s if hop_seconds is None else hop_seconds
        if not 0 < hop_s <= MAX_HOP_S:
            raise ValueError(f"hop_seconds is {hop_seconds}: pass a number of seconds above 0, at most {MAX_HOP_S}")
        lowest, highest = SAMPLE_RATES
        if not lowest <= sample_rate <= highest or sample_rate != int(sample_rate):
            raise ValueError(f"sample_rate is {sample_rate}: pass a whole number of Hz from {lowest} to {highest}")
        waveform = resample(_mono_waveform(samples), int(sample_rate), self.features.sample_rate)
        step = WINDOWS_PER_BLOCK * self.features.window_samples  # the images of all windows would fill the memory
        blocks = (waveform[start : start + step] for start in range(0, len(waveform), step))
        probabilities = predict_windows(blocks, self.spectrogram, self.predict_images, hop_s)
        duration_s = len(waveform) / self.features.sample_rate
        return window_table(probabilities, self.labels, self.features, hop_s, duration_s)

    def predict_images(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of clips or windows: of each animal by itself, and of none of them.

        Parameters
        ----------
        images : np.ndarray of shape (clips, n_mels, frames, 3), int8
            As `features.melspectrogram` makes them.

        Returns
        -------
        np.ndarray of shape (clips, labels), float32
            With six decimals: what is beyond depends on the processor.
        """
        if not len(images):
            return np.zeros((0, len(self.labels)), np.float32)
        embeddings = np.stack([embed(self.network(image), self.pooling) for image in images])
        scores = window_scores(self.head.slice_scores(embeddings))
        n_animals = len(self.calibration.slope)
        probabilities = np.round(self.calibration.probabilities(scores[:, :n_animals]), DECIMALS)
        if len(self.labels) > n_animals:
            probabilities = np.round(with_none(probabilities), DECIMALS)
        return probabilities.astype(np.float32)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Choose the label of each clip or window.

        Parameters
        ----------
        probabilities : np.ndarray of shape (clips, labels)
            Such as ``windows[list(classifier.labels)].to_numpy()``.

        Returns
        -------
        np.ndarray of str, shape (clips,)
            The most probable animal, or ``none`` below the threshold.
        """
        return rejection.decide(probabilities, self.labels, self.threshold)


def _mono_waveform(samples: npt.ArrayLike) -> np.ndarray:
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


def load_classifier(folder: str | os.PathLike[str] = "models/classifier") -> Classifier:
    """Load a trained classifier from its folder.

    The same classifier is loaded once in a process. Several threads may use it at once, and a copy of it may be sent to
    other processes.

    Parameters
    ----------
    folder : str or path
        What the train stage writes.

    Returns
    -------
    Classifier

    Raises
    ------
    EchoError
        If the folder holds no classifier, or one of an earlier version, or a file was changed after it was saved.

    Examples
    --------
    >>> import project_echo
    >>> classifier = project_echo.load_classifier("models/classifier")
    >>> classifier.labels
    ('boar', 'cane_toad', 'fox', 'tree_frog', 'none')
    """
    with _loading:  # the cache alone would let two threads load it at once
        return _load(Path(folder).resolve(), card_digest(Path(folder)))


@lru_cache(maxsize=4)
def _load(folder: Path, _digest: str) -> Classifier:
    card = read_card(folder)
    for name in (BACKBONE, HEAD, FILTERS):
        if not (folder / name).is_file() or files.sha256(folder / name) != card.sha256.get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train again: dvc repro train."
            )
    return Classifier(
        labels=card.labels,
        calibration=Calibration(card.slope, card.intercept),
        threshold=card.threshold,
        spectrogram=MelSpectrogram(card.features, read_mel_filters(folder / FILTERS, card.features)),
        network=Network(folder / BACKBONE),
        pooling=card.pooling,
        head=read_head(folder / HEAD),
        folder=folder,
    )

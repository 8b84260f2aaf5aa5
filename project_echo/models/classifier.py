"""A trained classifier: prediction of waveforms and images, which needs no TensorFlow."""

import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.features.slices import slice_times
from project_echo.media.errors import UnusableMediaError
from project_echo.media.levels import measure_peak
from project_echo.media.resample import resample
from project_echo.models import rejection
from project_echo.models.calibration import Calibration
from project_echo.models.card import FILTERS, HEAD, backbone_files, card_digest, read_card
from project_echo.models.embedder import Embedder, Windows, load_embedder
from project_echo.models.head import Head, read_head, window_scores
from project_echo.models.windows import WINDOWS_PER_BLOCK, predict_windows

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_RATES = 1000, 1_000_000  # Hz, of waveforms
MAX_HOP_S = 86_400
DECIMALS = 6  # of probabilities
DENSE_THRESHOLD = 0.5  # more probable than all other labels together
_loading = threading.Lock()


@dataclass(frozen=True)
class Classifier:
    """A trained classifier: labels, features, calibration, backbone and head. `load_classifier` loads one.

    Attributes
    ----------
    labels : tuple of str
        The animals by name.
    calibration : Calibration
        Slope and intercept of each animal's log-odds.
    thresholds : tuple of float, optional
        Of each label, from which on a window is taken for it. None for the study's dense head, whose probabilities add
        up to 1: it takes every window for its most probable label.
    embedder : PooledEmbedder or CustomEmbedder
        Maps windows of sound to embeddings of their slices, with the backbone.
    head : Logistic or Dense
        Maps embeddings to uncalibrated log-odds.
    folder : Path
        Where it was loaded from. A classifier is accepted wherever the path of one is.
    """

    labels: tuple[str, ...]
    calibration: Calibration
    thresholds: tuple[float, ...] | None
    embedder: Embedder = field(repr=False, compare=False)
    head: Head = field(repr=False, compare=False)
    folder: Path

    @property
    def spectrogram(self) -> MelSpectrogram:
        """Maps sound to log-mel images."""
        return self.embedder.spectrogram

    @property
    def features(self) -> Features:
        """How sound becomes a log-mel image: sample_rate (Hz), window_s (s) and others."""
        return self.spectrogram.features

    def __fspath__(self) -> str:
        return os.fspath(self.folder)

    def predict(
        self,
        samples: npt.ArrayLike,
        sample_rate: float,
        *,
        hop_seconds: float | None = None,
        slices: bool = False,
    ) -> "pd.DataFrame":
        """Predict the probability of each label, by itself, in windows over a waveform.

        The probabilities are those of a recording with these samples in `screen`.

        Parameters
        ----------
        samples : array-like of shape (n,), float
            Mono sound of any length; shorter than a window, it is padded with zeros.
        sample_rate : int
            Hz. Sound at a rate other than the classifier's is resampled.
        hop_seconds : float, optional
            Step between windows, s; by default the length of a window. Rounded to whole spectrogram frames.
        slices : bool
            Whether to return a row for each slice of a window, which tells when in the window a label is heard, as
            `find_events` takes them.

        Returns
        -------
        pd.DataFrame
            A row per window or slice: start_s and end_s (s from the start), and a column of probabilities for each
            label.

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
        from project_echo.models import window_tables  # noqa: PLC0415  (pandas, which workers do without)

        hop_s = self.features.window_s if hop_seconds is None else hop_seconds
        if not 0 < hop_s <= MAX_HOP_S:
            raise ValueError(f"hop_seconds is {hop_seconds}: pass a number of seconds above 0, at most {MAX_HOP_S}")
        lowest, highest = SAMPLE_RATES
        if not lowest <= sample_rate <= highest or sample_rate != int(sample_rate):
            raise ValueError(f"sample_rate is {sample_rate}: pass a whole number of Hz from {lowest} to {highest}")
        waveform = resample(_mono_waveform(samples), int(sample_rate), self.features.sample_rate)
        step = WINDOWS_PER_BLOCK * self.features.window_samples  # all windows would fill the memory
        blocks = (waveform[start : start + step] for start in range(0, len(waveform), step))
        probabilities = predict_windows(blocks, self.features, self.predict_windows, hop_s)
        duration_s = len(waveform) / self.features.sample_rate
        if slices:
            return window_tables.slice_table(probabilities, self.labels, self.features, hop_s, duration_s)
        return window_tables.window_table(probabilities.max(axis=1), self.labels, self.features, hop_s, duration_s)

    def predict_windows(self, samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of the slices of windows of a recording; see `predict_slices`.

        Parameters
        ----------
        samples : np.ndarray of shape (n,), float32
            At the classifier's sample rate; padded with zeros if they are shorter than a window.
        starts : np.ndarray of int, shape (windows,)
            Start frames of the windows.

        Returns
        -------
        np.ndarray of shape (windows, slices, labels), float32
        """
        return self.predict_slices(self.embedder.windows(samples, starts))

    def predict_slices(self, windows: Windows) -> np.ndarray:
        """Calibrated probabilities of the slices of clips or windows, of each label by itself.

        Parameters
        ----------
        windows : np.ndarray or sequence of np.ndarray
            As `embedder.windows` makes them: for MobileNetV2, images of shape (windows, n_mels, frames, 3), int8.

        Returns
        -------
        np.ndarray of shape (windows, slices, labels), float32
            The highest of a window is the window's: that of its two highest slices together, to which each is bounded.
            With six decimals: what is beyond depends on the processor.
        """
        if not len(windows):
            return np.zeros((0, self.embedder.slices, len(self.labels)), np.float32)
        return self.probabilities(self.embedder.embed(windows))

    def probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """What `predict_slices` returns, from what `embedder.embed` makes of the windows."""
        scores = self.head.slice_scores(embeddings)[..., : len(self.labels)]
        bounded = np.minimum(scores, window_scores(scores)[:, np.newaxis])
        probabilities: np.ndarray = np.round(self.calibration.probabilities(bounded), DECIMALS).astype(np.float32)
        return probabilities

    def predict_images(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of clips or windows, shape (clips, labels), float32; see `predict_slices`."""
        probabilities: np.ndarray = self.predict_slices(images).max(axis=1)
        return probabilities

    @property
    def slice_times(self) -> np.ndarray:
        """Start and end of each slice of a window, shape (slices, 2), s from the start of the window."""
        return slice_times(self.embedder.slices, self.features.window_s)

    @property
    def event_thresholds(self) -> tuple[float, ...]:
        """Of each label, from which on a slice is part of an event."""
        return self.thresholds or (DENSE_THRESHOLD,) * len(self.labels)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Choose the label of each clip or window.

        Parameters
        ----------
        probabilities : np.ndarray of shape (clips, labels)
            Such as ``windows[list(classifier.labels)].to_numpy()``.

        Returns
        -------
        np.ndarray of str, shape (clips,)
            The most probable of the labels that reach their thresholds, or ``none``.
        """
        return rejection.decide(probabilities, self.labels, self.thresholds)


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
    ('boar', 'cane_toad', 'fox', 'tree_frog')
    """
    with _loading:  # the cache alone would let two threads load it at once
        return _load(Path(folder).resolve(), card_digest(Path(folder)))


@lru_cache(maxsize=4)
def _load(folder: Path, _digest: str) -> Classifier:
    card = read_card(folder)
    for name in (*backbone_files(card), HEAD, FILTERS):
        if not (folder / name).is_file() or files.sha256(folder / name) != card.sha256.get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train again: project-echo train, or "
                "dvc repro train."
            )
    spectrogram = MelSpectrogram(card.features, read_mel_filters(folder / FILTERS, card.features))
    return Classifier(
        labels=card.labels,
        calibration=Calibration(card.slope, card.intercept),
        thresholds=None if card.thresholds is None else tuple(threshold.value for threshold in card.thresholds),
        embedder=load_embedder(folder, spectrogram, card.pooling),
        head=read_head(folder / HEAD),
        folder=folder,
    )

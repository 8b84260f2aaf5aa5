"""Screening of one recording whose samples are in memory: its windows, its summary and its events."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.models.classifier import Classifier
from project_echo.screening.events import merge_windows
from project_echo.screening.summary import summarize_windows


def screen_samples(
    samples: np.ndarray, classifier: Classifier, hop_s: float, truth: str = ""
) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Screen a recording whose samples are in memory.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float32
        At the classifier's sample rate.
    classifier : Classifier
    hop_s : float
        Step between windows, s.
    truth : str
        The true label, empty if it is not known.

    Returns
    -------
    windows : pd.DataFrame
        What `Classifier.predict` returns.
    summary : dict
        What `summary.summarize_windows` returns.
    events : pd.DataFrame
        What `events.merge_windows` returns, of any confidence.
    """
    windows = classifier.predict(samples, classifier.features.sample_rate, hop_seconds=hop_s)
    labels = list(classifier.labels)
    summary = summarize_windows(windows[labels].to_numpy(), labels, classifier.threshold, truth)
    return windows, summary, merge_windows(windows, labels, classifier.threshold, min_confidence=0.0)

"""Screening of one recording whose samples are in memory: its windows, its summary and its events."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.models.classifier import Classifier
from project_echo.models.window_tables import window_table
from project_echo.models.windows import TIME_COLUMNS
from project_echo.screening.events import event_criteria, event_rows, event_table
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
        columns.EVENT, by the classifier's thresholds.
    """
    features, labels = classifier.features, list(classifier.labels)
    slices = classifier.predict(samples, features.sample_rate, hop_seconds=hop_s, slices=True)
    probabilities = slices[labels].to_numpy()
    by_window = probabilities.reshape(-1, classifier.embedder.slices, len(labels)).max(axis=1)
    windows = window_table(by_window, labels, features, hop_s, len(samples) / features.sample_rate)
    start_s, end_s = (slices[name].to_numpy() for name in TIME_COLUMNS)
    events = event_table(event_rows(start_s, end_s, probabilities, event_criteria(classifier)))
    return windows, summarize_windows(by_window, labels, classifier.thresholds, events, truth), events

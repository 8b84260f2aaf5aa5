"""Screening of one recording whose samples are in memory: its windows, its summary and its events."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.models.classifier import Classifier
from project_echo.screening.events import merge_windows
from project_echo.screening.windows import predict_windows, summarize_windows, window_table


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
        What `windows.window_table` returns.
    summary : dict
        What `windows.summarize_windows` returns.
    events : pd.DataFrame
        What `events.merge_windows` returns, of any confidence; none ends after the recording.
    """
    windows = window_table(predict_windows([samples], classifier, hop_s), classifier, hop_s)
    labels = list(classifier.labels)
    summary = summarize_windows(windows[labels], classifier.threshold, truth)
    duration_s = len(samples) / classifier.features.sample_rate
    within = windows.assign(end_s=windows["end_s"].clip(upper=duration_s))
    return windows, summary, merge_windows(within, labels, classifier.threshold, min_confidence=0.0)

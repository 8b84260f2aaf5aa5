"""Sliding windows over a recording: probabilities per window, and a summary per recording."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from project_echo.features import melspectrogram
from project_echo.models import rejection
from project_echo.models.classifier import Classifier

TIME_COLUMNS = ["start_s", "end_s"]
SUMMARY_COLUMNS = ["label", "confidence", "runner_up", "runner_up_confidence", "windows", "agreement", "longest_run"]
SUMMARY_COLUMNS += ["truth", "verdict"]


def predict_windows(blocks: Iterable[np.ndarray], classifier: Classifier, hop_s: float) -> np.ndarray:
    """Predict the label probabilities of every window of a recording, reading it block by block.

    Only one block, and less than a window of the blocks before it, is in memory. The windows are those of
    melspectrogram.window_starts, wherever the blocks begin and end.

    Parameters
    ----------
    blocks : iterable of np.ndarray of shape (n,), float32
        Samples of the recording in order, at the classifier's sample rate.
    classifier : Classifier
        Trained classifier.
    hop_s : float
        Step between windows, s; rounded to whole spectrogram frames.

    Returns
    -------
    np.ndarray of shape (windows, labels), float32
        A recording shorter than a window has one window, padded with zeros.
    """
    features = classifier.features
    step = melspectrogram.window_step(features, hop_s)
    probabilities = []
    buffer: np.ndarray = np.zeros(0, np.float32)
    to_skip = 0  # samples before the next window, where the hop is longer than a window
    for block in blocks:
        buffer = np.concatenate([buffer, block[to_skip:]])
        to_skip = max(0, to_skip - len(block))
        if len(buffer) >= features.window_samples:
            starts = melspectrogram.window_starts(len(buffer), features, hop_s)
            probabilities.append(classifier.predict(melspectrogram.window_images(buffer, starts, features)))
            next_start = (starts[-1] + step) * features.hop_length
            buffer, to_skip = buffer[next_start:], max(0, next_start - len(buffer))
    if not probabilities:  # shorter than a window
        probabilities.append(classifier.predict(melspectrogram.window_images(buffer, np.zeros(1, int), features)))
    return np.concatenate(probabilities)


def window_table(probabilities: np.ndarray, classifier: Classifier, hop_s: float) -> pd.DataFrame:
    """Tabulate window probabilities with the times of their windows.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
        As predict_windows returns them.
    classifier : Classifier
        Trained classifier.
    hop_s : float
        Step between windows, s.

    Returns
    -------
    pd.DataFrame
        A row per window: start_s, end_s (s from the start of the recording) and a column of probabilities per label.
    """
    features = classifier.features
    frames = np.arange(len(probabilities)) * melspectrogram.window_step(features, hop_s)
    start_s = frames * features.hop_length / features.sample_rate
    windows = pd.DataFrame({"start_s": start_s, "end_s": start_s + features.window_s})
    return windows.join(pd.DataFrame(probabilities, columns=list(classifier.labels)))


def summarize_windows(probabilities: pd.DataFrame, threshold: float | None, truth: str = "") -> dict[str, Any]:
    """Summarize a recording from the probabilities of its windows.

    The mean over windows is decided like a single clip (rejection.decide). With a threshold below one half, the label
    may be an animal although ``none`` is more probable. The threshold was chosen for single clips; the mean of windows
    uses the same one.

    Parameters
    ----------
    probabilities : pd.DataFrame of shape (windows, labels)
        A column per label.
    threshold : float or None
        Rejection threshold of the classifier.
    truth : str
        True label of the recording, empty if it is not known.

    Returns
    -------
    dict
        SUMMARY_COLUMNS: label and its confidence (mean probability); runner_up, the most probable other label, and its
        confidence; number of windows; agreement, the share of windows whose own label is the recording's; longest_run,
        the most such windows in a row; truth; verdict, "correct", "wrong", or empty if the truth is not known.
    """
    values, labels = probabilities.to_numpy(), list(probabilities.columns)
    mean = values.mean(axis=0)
    label = str(rejection.decide(mean[np.newaxis], labels, threshold)[0])
    runners_up = [index for index in np.argsort(-mean, kind="stable") if labels[index] != label]
    agrees = rejection.decide(values, labels, threshold) == label
    return {
        "label": label,
        "confidence": float(mean[labels.index(label)]),
        "runner_up": labels[runners_up[0]],
        "runner_up_confidence": float(mean[runners_up[0]]),
        "windows": len(values),
        "agreement": float(agrees.mean()),
        "longest_run": longest_run(agrees),
        "truth": truth,
        "verdict": ("correct" if label == truth else "wrong") if truth else "",
    }


def longest_run(values: np.ndarray) -> int:
    """Length of the longest run of True.

    Parameters
    ----------
    values : np.ndarray of shape (n,), bool

    Returns
    -------
    int
        0 if there is no True.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def summary_metrics(summaries: pd.DataFrame) -> dict[str, Any]:
    """Count the recordings with a known label and those classified correctly.

    Parameters
    ----------
    summaries : pd.DataFrame
        A row per recording, with the columns of summarize_windows.

    Returns
    -------
    dict
        recordings, with_truth, correct (counts), and mean_confidence, 0 if there are no recordings.
    """
    return {
        "recordings": len(summaries),
        "with_truth": int((summaries["verdict"] != "").sum()),
        "correct": int((summaries["verdict"] == "correct").sum()),
        "mean_confidence": float(summaries["confidence"].mean()) if len(summaries) else 0.0,
    }

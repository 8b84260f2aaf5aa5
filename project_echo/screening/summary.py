"""Summary of a recording from the probabilities of its windows."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from project_echo.models import rejection

SUMMARY_COLUMNS = ["label", "confidence", "runner_up", "runner_up_confidence", "windows", "agreement", "longest_run"]
SUMMARY_COLUMNS += ["truth", "verdict"]


def summarize_windows(
    probabilities: np.ndarray, labels: Sequence[str], threshold: float | None, truth: str = ""
) -> dict[str, Any]:
    """Summarize a recording from the probabilities of its windows.

    The mean over windows is decided like a single clip (rejection.decide). With a threshold below one half, the label
    may be an animal although ``none`` is more probable. The threshold was chosen for single clips; the mean of windows
    uses the same one.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
    labels : sequence of str
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
    # fsum does not depend on the order of adding, which NumPy chooses by the processor.
    mean = np.array([math.fsum(column) / len(column) for column in probabilities.T.tolist()])
    label = str(rejection.decide(mean[np.newaxis], labels, threshold)[0])
    runners_up = [index for index in np.argsort(-mean, kind="stable") if labels[index] != label]
    agrees = rejection.decide(probabilities, labels, threshold) == label
    return {
        "label": label,
        "confidence": float(mean[list(labels).index(label)]),
        "runner_up": labels[runners_up[0]],
        "runner_up_confidence": float(mean[runners_up[0]]),
        "windows": len(probabilities),
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

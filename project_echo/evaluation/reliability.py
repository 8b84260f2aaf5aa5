"""How well probabilities are calibrated: confidence against accuracy."""

import numpy as np
import pandas as pd

BINS = 10


def reliability_bins(confidences: np.ndarray, correct: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Confidence against accuracy in bins of confidence (reliability diagram).

    Parameters
    ----------
    confidences : np.ndarray of shape (clips,)
    correct : np.ndarray of bool, shape (clips,)
    bins : int

    Returns
    -------
    pd.DataFrame
        Columns from, to, clips, confidence, accuracy; bins without clips are left out.
    """
    edges = np.linspace(0, 1, bins + 1)
    bin_of_clip = np.clip(np.digitize(confidences, edges[1:-1], right=True), 0, bins - 1)
    rows = [
        (edges[number], edges[number + 1], inside.sum(), confidences[inside].mean(), correct[inside].mean())
        for number in range(bins)
        if (inside := bin_of_clip == number).any()
    ]
    return pd.DataFrame(rows, columns=["from", "to", "clips", "confidence", "accuracy"])


def expected_calibration_error(confidences: np.ndarray, correct: np.ndarray) -> float:
    """The mean distance of confidence from accuracy over bins, weighted by clips.

    Parameters
    ----------
    confidences : np.ndarray of shape (clips,)
    correct : np.ndarray of bool, shape (clips,)

    Returns
    -------
    float

    References
    ----------
    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    table = reliability_bins(confidences, correct)
    return float(np.average((table["confidence"] - table["accuracy"]).abs(), weights=table["clips"]))

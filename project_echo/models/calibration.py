"""Temperature scaling of probabilities, and how well they are calibrated."""

import numpy as np
import pandas as pd
from scipy.special import softmax

BINS = 10
HIGHEST = 20.0  # temperature; the lowest is its inverse
HALVINGS = 40  # of the interval of logarithms: to 1e-11
SMALLEST = 1e-12  # probabilities that float32 has rounded to 0 count as this


def fit_temperature(log_probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Fit the temperature that maximizes the likelihood of the targets.

    Parameters
    ----------
    log_probabilities : np.ndarray of shape (clips, labels)
    targets : np.ndarray of int, shape (clips,)

    Returns
    -------
    float
        Between 1/20 and 20: clips that are all classified correctly would ask for 0.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    # The loss is convex in the inverse temperature, so its slope changes sign once. Halving finds where to many digits
    # on every processor; a search for the lowest loss would not, as it is flat there.
    logs = np.ascontiguousarray(log_probabilities.T)
    of_targets = logs[targets, np.arange(len(targets))].mean()
    low, high = -np.log(HIGHEST), np.log(HIGHEST)  # of the logarithm of the temperature
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = (softmax(logs / np.exp(middle), axis=0) * logs).sum(axis=0).mean() - of_targets
        low, high = (middle, high) if slope > 0 else (low, middle)
    return float(np.exp((low + high) / 2))


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Scale probabilities by a temperature: above 1 they become less confident, below 1 more; their order stays.

    Parameters
    ----------
    probabilities : np.ndarray of shape (clips, labels)
    temperature : float

    Returns
    -------
    np.ndarray of shape (clips, labels)
        Of the dtype of `probabilities`.
    """
    logs = np.log(np.maximum(probabilities, SMALLEST), dtype=np.float64)
    return scale(logs, temperature).astype(probabilities.dtype)


def scale(log_probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities, shape (clips, labels), of log-probabilities scaled by a temperature; see `apply_temperature`."""
    scaled: np.ndarray = softmax(log_probabilities / temperature, axis=1)
    return scaled


def reliability(confidences: np.ndarray, correct: np.ndarray, bins: int = BINS) -> pd.DataFrame:
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
    table = reliability(confidences, correct)
    return float(np.average((table["confidence"] - table["accuracy"]).abs(), weights=table["clips"]))

"""Probabilities that mean what they say: temperature scaling, and how far off they are."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

BINS = 10
SMALLEST = 1e-12  # a probability that float32 has rounded to nothing


def fit_temperature(log_probabilities: np.ndarray, targets: np.ndarray) -> float:
    """The temperature at which the targets, shape (clips,), are most probable; log-probabilities (clips, labels).

    Source: Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", ICML 2017. Between 1/20 and 20:
    clips that are all named rightly would ask for 0.
    """
    rows = np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(log_probabilities / np.exp(log_temperature), axis=1)
        return -float(scaled[rows, targets].mean())

    best = minimize_scalar(loss, bounds=(-np.log(20), np.log(20)), method="bounded")
    return float(np.exp(best.x))


def scale(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities, shape (clips, labels), at a temperature: above 1 less sure, below 1 surer; the order stays."""
    logs = np.log(np.maximum(probabilities, SMALLEST), dtype=np.float64)
    scaled: np.ndarray = softmax(logs / temperature, axis=1).astype(probabilities.dtype)
    return scaled


def reliability(confidences: np.ndarray, right: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Confidence against accuracy, both of shape (clips,), in bins: from, to, clips, confidence, accuracy.

    Bins without clips are left out.
    """
    edges = np.linspace(0, 1, bins + 1)
    places = np.clip(np.digitize(confidences, edges[1:-1], right=True), 0, bins - 1)
    rows = [
        (edges[place], edges[place + 1], inside.sum(), confidences[inside].mean(), right[inside].mean())
        for place in range(bins)
        if (inside := places == place).any()
    ]
    return pd.DataFrame(rows, columns=["from", "to", "clips", "confidence", "accuracy"])


def expected_calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """The average distance of confidence from accuracy over the bins, weighted by clips; both of shape (clips,).

    Source: Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    table = reliability(confidences, right)
    return float(np.average((table["confidence"] - table["accuracy"]).abs(), weights=table["clips"]))

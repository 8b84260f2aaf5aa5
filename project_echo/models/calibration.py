"""Calibration of log-odds to probabilities, label by label (Platt scaling)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from project_echo.models.shrinkage import PSEUDO_SOURCES, shrink

SLOPES = (0.2, 5.0)  # lowest and highest
HIGHEST_INTERCEPT = 5.0  # either way
STEPS = 100  # of Newton's method
CONVERGED = 1e-10  # change of a parameter


@dataclass(frozen=True)
class Calibration:
    """Slope and intercept of each label, by which its log-odds are scaled and shifted."""

    slope: tuple[float, ...]
    intercept: tuple[float, ...]

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities of labels, each by itself, shape (..., labels), of log-odds of that shape."""
        probabilities: np.ndarray = expit(np.array(self.slope) * scores + np.array(self.intercept))
        return probabilities


def uncalibrated(n_labels: int) -> Calibration:
    """The calibration that leaves probabilities as they are."""
    return Calibration((1.0,) * n_labels, (0.0,) * n_labels)


def fit(scores: np.ndarray, truth: np.ndarray, sources: np.ndarray, known: np.ndarray | None = None) -> Calibration:
    """Fit slope and intercept of each label, shrunk towards those of all labels together.

    These are shrunk towards no calibration. Sources decide how much (`shrinkage`), as windows of one are not
    independent. The probabilities assume that labels are as frequent as in these windows.

    Parameters
    ----------
    scores : np.ndarray of shape (windows, labels)
        Log-odds.
    truth : np.ndarray of bool, shape (windows, labels)
    sources : np.ndarray of shape (windows,)
    known : np.ndarray of bool, shape (windows, labels), optional
        Where the truth is known; the rest is left out. All of it by default.

    Returns
    -------
    Calibration

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", 1999, with its smoothed targets.
    """
    known = np.ones(truth.shape, bool) if known is None else known
    every = _fit_one(scores.T[known.T], truth.T[known.T])
    shared = _shrunk(every, (0.0, 0.0), len(np.unique(sources)))
    pairs = []
    for column, of_label, is_known in zip(scores.T, truth.T, known.T, strict=True):
        n_sources = len(np.unique(sources[of_label & is_known]))
        estimate = _fit_one(column[is_known], of_label[is_known])
        pairs.append(_shrunk(estimate, shared, n_sources) if n_sources else shared)
    return Calibration(tuple(float(np.exp(slope)) for slope, _ in pairs), tuple(intercept for _, intercept in pairs))


def _shrunk(estimate: tuple[float, float], default: tuple[float, float], n_sources: int) -> tuple[float, float]:
    slope, intercept = (
        shrink(value, its_default, n_sources, PSEUDO_SOURCES)
        for value, its_default in zip(estimate, default, strict=True)
    )
    return slope, intercept


def _fit_one(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Logarithm of the slope, and the intercept, by maximum likelihood within bounds."""
    n_yes, n_no = truth.sum(), (~truth).sum()
    target = np.where(truth, (n_yes + 1) / (n_yes + 2), 1 / (n_no + 2))
    design = np.stack([scores, np.ones(len(scores))], axis=1)
    solution = np.array([1.0, 0.0])
    for _ in range(STEPS):
        probability = expit(design @ solution)
        curvature = design.T @ (design * (probability * (1 - probability))[:, np.newaxis])
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), design.T @ (target - probability))
        step /= max(1.0, float(np.abs(step).max()))  # at most 1, so that it does not overshoot
        solution = solution + step
        if np.abs(step).max() < CONVERGED:
            break
    slope = float(np.clip(solution[0], *SLOPES))
    return float(np.log(slope)), float(np.clip(solution[1], -HIGHEST_INTERCEPT, HIGHEST_INTERCEPT))

"""Thresholds: from which probability on a window is taken for a label."""

from collections.abc import Sequence

import numpy as np

from project_echo.core.labels import NONE


def threshold_for_false_positive_rate(negatives: np.ndarray, false_positive_rate: float) -> float:
    """The lowest threshold that at most a share of windows without a label reaches.

    Parameters
    ----------
    negatives : np.ndarray of shape (windows,)
        Probabilities of the label in windows that do not hold it.
    false_positive_rate : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are no windows.
    """
    if not len(negatives):
        raise ValueError("a threshold needs windows without the label")
    allowed = _whole_clips(false_positive_rate * len(negatives))
    descending = np.sort(negatives)[::-1]
    return float(np.nextafter(descending[allowed], 2)) if allowed < len(descending) else 0.0


def threshold_for_recall(animals: np.ndarray, recall: float) -> float:
    """The highest threshold at which at least a share `recall` of the animals' clips, shape (clips,), is detected."""
    missed = _whole_clips((1 - recall) * len(animals))
    return float(np.sort(animals)[missed])


def decide(probabilities: np.ndarray, labels: Sequence[str], thresholds: Sequence[float] | None) -> np.ndarray:
    """The label of each window: the most probable of those that reach their thresholds, else `none`.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
    labels : sequence of str
    thresholds : sequence of float, optional
        Of each label; without them nothing is rejected.

    Returns
    -------
    np.ndarray of str, shape (windows,)
    """
    reached = probabilities if thresholds is None else np.where(probabilities >= thresholds, probabilities, -1)
    decided = np.array([*labels, NONE])[reached.argmax(axis=1)]
    return np.where(reached.max(axis=1) < 0, NONE, decided)


def _whole_clips(clips: float) -> int:
    """Whole clips in a share of them: 1 in (1 - 0.9) * 10, which floating point makes a little less."""
    return int(round(clips, 6))

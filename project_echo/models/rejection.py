"""Rejection of background: from which probability on a clip is taken for an animal."""

from collections.abc import Sequence

import numpy as np

from project_echo.core.labels import NONE, animal_labels


def animal_columns(probabilities: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """The columns of the animals, shape (clips, animals), of probabilities of shape (clips, labels)."""
    columns: np.ndarray = probabilities[:, [label != NONE for label in labels]]
    return columns


def animal_probability(probabilities: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """The probability of the most probable animal, shape (clips,), of probabilities of shape (clips, labels)."""
    highest: np.ndarray = animal_columns(probabilities, labels).max(axis=1)
    return highest


def threshold_for_false_positive_rate(background: np.ndarray, false_positive_rate: float) -> float:
    """The lowest threshold at which at most a share of background clips is taken for an animal.

    Parameters
    ----------
    background : np.ndarray of shape (clips,)
        Animal probabilities of background clips. A clip is taken for an animal from the threshold on.
    false_positive_rate : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are no clips.
    """
    if not len(background):
        raise ValueError("a threshold needs background clips")
    allowed = _whole_clips(false_positive_rate * len(background))
    descending = np.sort(background)[::-1]
    return float(np.nextafter(descending[allowed], 2)) if allowed < len(descending) else 0.0


def threshold_for_recall(animals: np.ndarray, recall: float) -> float:
    """The highest threshold at which at least a share `recall` of the animals' clips, shape (clips,), is detected."""
    missed = _whole_clips((1 - recall) * len(animals))
    return float(np.sort(animals)[missed])


def decide(probabilities: np.ndarray, labels: Sequence[str], threshold: float | None) -> np.ndarray:
    """The label of each clip: its most probable animal, or `none` below the threshold.

    Parameters
    ----------
    probabilities : np.ndarray of shape (clips, labels)
    labels : sequence of str
    threshold : float or None
        Of the probability of the most probable animal; None rejects nothing.

    Returns
    -------
    np.ndarray of str, shape (clips,)
    """
    decided = np.array(animal_labels(labels))[animal_columns(probabilities, labels).argmax(axis=1)]
    if threshold is not None:
        decided = np.where(animal_probability(probabilities, labels) < threshold, NONE, decided)
    return decided


def _whole_clips(clips: float) -> int:
    """Whole clips in a share of them: 1 in (1 - 0.9) * 10, which floating point makes a little less."""
    return int(round(clips, 6))

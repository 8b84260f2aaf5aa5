"""What is none of the animals: its label, and from which probability on something is taken for an animal."""

from collections.abc import Sequence

import numpy as np

from project_echo.core.labels import NONE, animal_labels


def animals_only(probabilities: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """The animals' columns, shape (clips, animals)."""
    columns: np.ndarray = probabilities[:, [label != NONE for label in labels]]
    return columns


def animal_probability(probabilities: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """How probable it is that a clip holds one of the animals, shape (clips,), of probabilities (clips, labels)."""
    known: np.ndarray = animals_only(probabilities, labels).sum(axis=1)
    return known


def threshold_for_false_positive_rate(background: np.ndarray, false_alarms: float) -> float:
    """The lowest animal probability at which at most a share of `false_alarms` of background clips are named.

    `background` has their animal probabilities, shape (clips,). A clip is named from the threshold on. Raises
    ValueError if there are no clips.
    """
    if not len(background):
        raise ValueError("a threshold needs background clips")
    allowed = _whole(false_alarms * len(background))
    loudest = np.sort(background)[::-1]
    return float(np.nextafter(loudest[allowed], 2)) if allowed < len(loudest) else 0.0


def threshold_for_recall(animals: np.ndarray, recall: float) -> float:
    """The highest threshold at which at least a share of `recall` of animals' clips, shape (clips,), is named."""
    lost = _whole((1 - recall) * len(animals))
    return float(np.sort(animals)[lost])


def decide(probabilities: np.ndarray, labels: Sequence[str], threshold: float | None) -> np.ndarray:
    """The answer for each clip, shape (clips,): its most probable animal, or ``none`` below the threshold.

    `probabilities` has shape (clips, labels). Without a threshold nothing is rejected.
    """
    answers = np.array(animal_labels(labels))[animals_only(probabilities, labels).argmax(axis=1)]
    if threshold is not None:
        answers = np.where(animal_probability(probabilities, labels) < threshold, NONE, answers)
    return answers


def _whole(clips: float) -> int:
    """Whole clips in a share of them: 1 in (1 - 0.9) * 10, which floating point makes a little less."""
    return int(round(clips, 6))

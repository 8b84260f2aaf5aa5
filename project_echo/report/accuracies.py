"""Which accuracy is the headline, and what the other one is called."""

from collections.abc import Iterable, Mapping
from typing import Any

from project_echo.core.labels import NONE


def headline_accuracy(scores: Mapping[str, Any]) -> Mapping[str, float]:
    """The accuracy that counts: of decisions by thresholds, or without thresholds that of the most probable label.

    Parameters
    ----------
    scores : mapping
        metrics/crossval.json or metrics/evaluate.json. Those of earlier versions have no `decided`.

    Returns
    -------
    mapping
        value, low, high.
    """
    accuracy: Mapping[str, float] = (scores.get("decided") or scores)["accuracy"]
    return accuracy


def study_accuracy(labels: Iterable[str]) -> str:
    """Name of the study's accuracy, that of the most probable label whatever the thresholds.

    Parameters
    ----------
    labels : iterable of str
        Those that are scored (`labels.scored_labels`).

    Returns
    -------
    str
    """
    return "accuracy against background" if NONE in labels else "accuracy among animals"

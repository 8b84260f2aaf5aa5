"""Which accuracy is the headline, what the other one is called, and accuracy by label."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.evaluation.bootstrap import proportion_ci
from project_echo.evaluation.crossval import PAIRED_SEED

ALL = "all labels"  # beside each of them


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


def label_accuracies(predictions: pd.DataFrame, labels: Sequence[str], series: str) -> pd.DataFrame:
    """Share of the clips of each label that are predicted as it, with 95% cluster bootstrap confidence intervals.

    Parameters
    ----------
    predictions : pd.DataFrame
        A row per clip and draw: columns source, truth, prediction.
    labels : sequence of str
        Clips of others are left out.
    series : str
        Name of these shares.

    Returns
    -------
    pd.DataFrame
        Columns label, series, value, low, high. The first row is for `ALL` labels together, the others for each that
        has clips.
    """
    scored = predictions[predictions["truth"].isin(labels)]
    parts = {ALL: scored} | {label: scored[scored["truth"] == label] for label in labels}
    rows = [
        {
            "label": label,
            "series": series,
            **proportion_ci(
                (part["truth"] == part["prediction"]).to_numpy(),
                part["source"].to_numpy(),
                part["truth"].to_numpy(),
                PAIRED_SEED,
            ),
        }
        for label, part in parts.items()
        if len(part)
    ]
    return pd.DataFrame(rows, columns=["label", "series", "value", "low", "high"])

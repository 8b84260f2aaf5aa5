"""The section on uncertainty: charts over all draws of crossval."""

from typing import Any

import pandas as pd

from project_echo.core.text import count
from project_echo.evaluation.metrics import confusion, per_class
from project_echo.report import charts


def uncertainty_charts(
    pooled: pd.DataFrame, accuracies: pd.DataFrame, curve: pd.DataFrame, crossval: dict[str, Any], labels: list[str]
) -> list[charts.Chart]:
    """Charts over all draws: confusion, F1, learning curve, accuracies of single draws.

    Parameters
    ----------
    pooled, accuracies, curve : pd.DataFrame
        predictions.csv, accuracies.csv and curve.csv of plots/crossval.
    crossval : dict
        metrics/crossval.json.
    labels : list of str
        Those that are scored (`labels.scored_labels`).

    Returns
    -------
    list of Chart
        In the order above.
    """
    truth, prediction = pooled["truth"].to_numpy(), pooled["prediction"].to_numpy()
    draws = count(crossval["draws"], "draw")
    return [
        charts.confusion(confusion(truth, prediction, labels), labels, f"Confusion over {draws}"),
        charts.f1_scores(per_class(truth, prediction, labels), f"F1 of each label over {draws}"),
        charts.learning_curve(curve),
        charts.draw_accuracies(accuracies, crossval["accuracy"]),
    ]

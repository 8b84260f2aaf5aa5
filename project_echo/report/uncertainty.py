"""The section on uncertainty: charts over all draws of crossval."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, scored_labels, sorted_labels
from project_echo.core.text import count
from project_echo.evaluation.metrics import confusion, per_class
from project_echo.report import charts


def uncertainty_charts(
    pooled: pd.DataFrame,
    decided: pd.DataFrame,
    accuracies: pd.DataFrame,
    curve: pd.DataFrame,
    crossval: dict[str, Any],
    labels: Sequence[str],
) -> list[charts.Chart]:
    """Charts over all draws: confusion, F1, learning curve, accuracies of single draws.

    The confusion is of decisions by thresholds, with `none`; all else is of the most probable label, as in the study.

    Parameters
    ----------
    pooled, decided, accuracies, curve : pd.DataFrame
        predictions.csv, decided.csv, accuracies.csv and curve.csv of plots/crossval.
    crossval : dict
        metrics/crossval.json.
    labels : sequence of str
        The animals.

    Returns
    -------
    list of Chart
        In the order above.
    """
    scored = scored_labels([*labels, NONE])
    scores = per_class(pooled["truth"].to_numpy(), pooled["prediction"].to_numpy(), scored)
    truth, prediction = decided["truth"].to_numpy(), decided["prediction"].to_numpy()
    confused = sorted_labels(list({*labels, *truth, *prediction}))
    draws = count(crossval["draws"], "draw")
    return [
        charts.confusion(confusion(truth, prediction, confused), confused, f"Confusion over {draws}"),
        charts.f1_scores(scores, f"F1 of each label over {draws}"),
        charts.learning_curve(curve),
        charts.draw_accuracies(accuracies, crossval["accuracy"]),
    ]

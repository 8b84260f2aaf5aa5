"""Scores over many draws of sources, with cluster bootstrap confidence intervals."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import scored_labels
from project_echo.evaluation import bootstrap
from project_echo.evaluation.metrics import most_confused
from project_echo.evaluation.predictions import POOLED_COLUMNS, draw_accuracies, pooled_predictions

PAIRED_SEED = 1  # of paired differences: the report and pull requests show the same intervals


def score(pooled: pd.DataFrame, animals: list[str], seed: int) -> dict[str, Any]:
    """Accuracy and macro F1 with confidence intervals, recall per class, and the most confused pair.

    The 95% confidence intervals are by bootstrap over sources within classes, not over draws: draws share their
    sources, so more draws add no information about other animals. They hold for this pool of training sources. Macro F1
    is of the pooled predictions: of the two clips per class of a single draw it would be biased.

    Parameters
    ----------
    pooled : pd.DataFrame
        What `pooled_predictions` returns.
    animals : list of str
    seed : int

    Returns
    -------
    dict
        `draws`, `sources`, `accuracy` and `macro_f1` (`value`, `low`, `high`), `single_draw_accuracy` (the median, and
        the 5th and 95th percentile of the accuracies of single draws), `recall` by animal, `most_confused` (`pair`,
        `errors`, and their `rate` among the clips of the pair).

    References
    ----------
    Forman & Scholz, "Apples-to-apples in cross-validation studies", SIGKDD Explorations 12, 2010.
    """
    truth, prediction = pooled["truth"].to_numpy(), pooled["prediction"].to_numpy()
    counts, strata = source_confusions(pooled, animals)
    total = counts.sum(axis=0)
    low, median, high = draw_accuracies(pooled)["accuracy"].quantile([0.05, 0.5, 0.95])
    confused = most_confused(truth, prediction, animals)
    pair_clips = np.isin(truth, confused["pair"] or []).sum()
    return {
        "draws": int(pooled["draw"].nunique()),
        "sources": len(counts),
        "accuracy": bootstrap.statistic_ci(counts, strata, bootstrap.accuracy, seed),
        "single_draw_accuracy": {"value": float(median), "low": float(low), "high": float(high)},
        "macro_f1": bootstrap.statistic_ci(counts, strata, bootstrap.macro_f1, seed),
        "recall": {animal: float(total[i, i] / total[i].sum()) for i, animal in enumerate(animals)},
        "most_confused": {**confused, "rate": float(confused["errors"] / max(1, pair_clips))},
    }


def paired_difference(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    """Difference in accuracy and macro F1 on the clips that the same draws of both tested.

    The 95% confidence intervals are paired: every replicate takes the same sources of both.

    Parameters
    ----------
    before, after : pd.DataFrame
        Two tables of `pooled_predictions`.

    Returns
    -------
    dict
        `draws`: the number of draws in common; 0 if the tables have other animals. If there are any, `same_draws`
        (whether the tables have these draws and no others), `accuracy` and `macro_f1`, each with both scores (`before`,
        `after`) and their difference (`value`, `low`, `high`).
    """
    common = before.merge(after, on=POOLED_COLUMNS[:-1], suffixes=("_before", "_after"))
    if common.empty or set(before["truth"]) != set(after["truth"]):  # draws of other animals are not the same draws
        return {"draws": 0}
    animals = sorted({*before["truth"], *before["prediction"], *after["prediction"]})
    (first, strata), (second, _) = (
        source_confusions(common.rename(columns={f"prediction_{side}": "prediction"}), animals)
        for side in ("before", "after")
    )
    drawn = bootstrap.resample_sources(strata, PAIRED_SEED)
    difference: dict[str, Any] = {
        "draws": int(common["draw"].nunique()),
        "same_draws": len(before) == len(after) == len(common),
    }
    for name, statistic in (("accuracy", bootstrap.accuracy), ("macro_f1", bootstrap.macro_f1)):
        replicates = [statistic(np.tensordot(drawn, counts, axes=1)) for counts in (first, second)]
        low, high = bootstrap.percentile_interval(replicates[1] - replicates[0])
        scores = [float(statistic(counts.sum(axis=0))) for counts in (first, second)]
        difference[name] = {
            "before": scores[0],
            "after": scores[1],
            "value": scores[1] - scores[0],
            "low": low,
            "high": high,
        }
    return difference


def learning_curve(predictions: pd.DataFrame, labels: list[str], seed: int) -> pd.DataFrame:
    """Accuracy against training sources per class.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
    seed : int

    Returns
    -------
    pd.DataFrame
        Columns train, accuracy, low, high.
    """
    rows = []
    scored = scored_labels(labels)
    for train, rows_of_size in predictions[predictions["held_out"] == ""].groupby("train"):
        counts, strata = source_confusions(pooled_predictions(rows_of_size, labels), scored)
        interval = bootstrap.statistic_ci(counts, strata, bootstrap.accuracy, seed)
        rows.append((train, interval["value"], interval["low"], interval["high"]))
    return pd.DataFrame(rows, columns=["train", "accuracy", "low", "high"])


def source_confusions(pooled: pd.DataFrame, animals: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Confusion counts of each source, shape (sources, animals, animals), and its class, shape (sources,)."""
    codes, sources = pd.factorize(pooled["source"], sort=True)
    truth, prediction = (pooled[column].map(animals.index).to_numpy() for column in ("truth", "prediction"))
    strata = pooled.groupby("source")["truth"].first().loc[sources].to_numpy()
    return bootstrap.confusion_by_source(truth, prediction, codes, len(animals)), strata

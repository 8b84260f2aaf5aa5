"""Calibration of the probabilities, and rejection of background, over many draws of sources."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, animal_labels
from project_echo.datasets.views import UNKNOWN, YES
from project_echo.evaluation import bootstrap
from project_echo.evaluation.decision import calibrate
from project_echo.evaluation.metrics import rejection_rates
from project_echo.evaluation.predictions import complete_rows
from project_echo.evaluation.reliability import expected_calibration_error, reliability_bins
from project_echo.evaluation.view_truth import split_truth
from project_echo.models import rejection
from project_echo.models.calibration import uncalibrated

DETECTION_RATE = 0.9  # of animals, at which false positives on held-out background are counted


def calibration_and_rejection(
    predictions: pd.DataFrame, labels: list[str], false_positive_rate: float, seed: int, head: str
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Calibration, decisions and rejection on the test clips of every draw.

    Calibration and thresholds of a draw come from the validation windows of all draws, without the sources that it
    tests.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
        With `none` if there is background to be told from.
    false_positive_rate : float
        The target of the thresholds.
    seed : int
    head : {"logistic", "dense"}

    Returns
    -------
    scores : dict
        `calibration` (median `slope` over draws and labels; `expected_calibration_error` and `brier_score` before and
        after; `prevalence`, the share of pairs of a clip and a label that hold), `decided` (the `accuracy` of decisions
        on clips of animals; None for the dense head of several animals, which rejects nothing) and, if there is
        background, `rejection` (`target_false_positive_rate`, `metrics.rejection_rates` with an interval of
        `false_positive_rate`, `held_out_background`).
    clips : pd.DataFrame
        A row per test clip of a draw: draw, clip, source, kind, truth, prediction (with `none`).
    pairs : pd.DataFrame
        A row per test clip and label: before, after (probability of the label), correct (whether the clip holds it);
        none where that is unknown.
    """
    slopes, tables, pairs, rejects = [], [], [], False
    animals = animal_labels(labels)
    plain = uncalibrated(len(animals))
    validation = complete_rows(predictions, "validation")
    of_labels = predictions[predictions["label"].isin(labels)]
    for _, tested in complete_rows(of_labels, "test").groupby("draw"):
        decision = calibrate(validation, labels, false_positive_rate, set(tested["source"]), head)
        odds = tested[animals].to_numpy()
        before, after = plain.probabilities(odds), decision.calibration.probabilities(odds)
        truth = split_truth(tested["truth"], animals)
        known = truth != UNKNOWN
        pairs.append({"before": before[known], "after": after[known], "correct": truth[known] == YES})
        rejects = decision.thresholds is not None
        thresholds = None if decision.thresholds is None else [threshold.value for threshold in decision.thresholds]
        tables.append(
            tested[["draw", "clip", "source", "kind"]].assign(
                truth=tested["label"], prediction=rejection.decide(after, animals, thresholds)
            )
        )
        slopes.append(np.median(decision.calibration.slope))
    clips = pd.concat(tables, ignore_index=True)
    table = pd.concat([pd.DataFrame(of_draw) for of_draw in pairs], ignore_index=True)
    is_correct = table["correct"].to_numpy()
    scores: dict[str, Any] = {
        "calibration": {
            "slope": float(np.median(slopes)),
            "expected_calibration_error": {
                when: expected_calibration_error(table[when].to_numpy(), is_correct) for when in ("before", "after")
            },
            "brier_score": {
                when: float(np.square(table[when].to_numpy() - is_correct).mean()) for when in ("before", "after")
            },
            "prevalence": float(is_correct.mean()),
        },
        "decided": None,
    }
    if rejects:
        of_animals = clips[clips["truth"] != NONE]
        hits = (of_animals["prediction"] == of_animals["truth"]).to_numpy()
        scores["decided"] = {
            "accuracy": bootstrap.proportion_ci(
                hits, of_animals["source"].to_numpy(), of_animals["kind"].to_numpy(), seed
            )
        }
    if NONE in labels:
        background = clips[clips["truth"] == NONE]
        false_positives = (background["prediction"] != NONE).to_numpy()
        scores["rejection"] = {
            "target_false_positive_rate": false_positive_rate,
            **rejection_rates(clips["truth"], clips["prediction"]),
            # Instead of Wilson's interval, as the draws share their sources.
            "false_positive_rate": bootstrap.proportion_ci(
                false_positives, background["source"].to_numpy(), background["kind"].to_numpy(), seed
            ),
            "held_out_background": held_out_background(predictions, labels, seed),
        }
    return scores, clips, table


def reliability_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Probability against share in bins, before and after calibration.

    Parameters
    ----------
    pairs : pd.DataFrame
        The third table of `calibration_and_rejection`.

    Returns
    -------
    pd.DataFrame
        The columns of `reliability_bins`, and `scaling`: before or after.
    """
    correct = pairs["correct"].to_numpy()
    return pd.concat(
        [reliability_bins(pairs[when].to_numpy(), correct).assign(scaling=when) for when in ("before", "after")]
    )


def held_out_background(predictions: pd.DataFrame, labels: list[str], seed: int) -> dict[str, Any]:
    """False positives on each kind of background when nothing was learned from it.

    The threshold of a draw is that at which 90% of the validation clips of animals in all draws are detected, without
    the sources that it tests.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
    seed : int

    Returns
    -------
    dict
        For each kind `false_positive_rate` (`value`, `low`, `high`), and the `detection_rate` of the test clips of
        animals at the same thresholds.
    """
    by_kind = {}
    held_out = predictions[predictions["held_out"] != ""]
    held_out = held_out.assign(score=held_out[animal_labels(labels)].max(axis=1), animal=held_out["label"] != NONE)
    for kind, rows in held_out.groupby("held_out"):
        tested, validation = (
            rows[rows["part"] == "test"],
            rows[rows["animal"] & (rows["part"] == "validation") & (rows["view"] == 0)],
        )
        sources, scores = validation["source"].to_numpy(), validation["score"].to_numpy()
        thresholds = {
            draw: rejection.threshold_for_recall(scores[~np.isin(sources, of_draw.unique())], DETECTION_RATE)
            for draw, of_draw in tested.groupby("draw")["source"]
        }
        pooled = tested.assign(detected=tested["score"] >= tested["draw"].map(thresholds))
        background = pooled[~pooled["animal"]]
        by_kind[str(kind)] = {
            "false_positive_rate": bootstrap.proportion_ci(
                background["detected"].to_numpy(),
                background["source"].to_numpy(),
                background["kind"].to_numpy(),
                seed,
            ),
            "detection_rate": float(pooled.loc[pooled["animal"], "detected"].mean()),
        }
    return by_kind

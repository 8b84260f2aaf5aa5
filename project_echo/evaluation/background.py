"""Calibration of the probabilities, and rejection of background, over many draws of sources."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, animal_labels
from project_echo.evaluation import bootstrap
from project_echo.evaluation.decision import calibrate
from project_echo.evaluation.metrics import rejection_rates
from project_echo.evaluation.predictions import complete_rows, probabilities
from project_echo.models import calibration, rejection
from project_echo.models.calibration import uncalibrated

DETECTION_RATE = 0.9  # of animals, at which false positives on held-out background are counted


def calibration_and_rejection(
    predictions: pd.DataFrame, labels: list[str], false_positive_rate: float, seed: int, head: str
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Calibration and rejection on the test clips of every draw.

    Calibration and threshold of a draw come from the validation windows of all draws, without the sources that it tests.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
    false_positive_rate : float
        The target of the thresholds.
    seed : int
    head : {"logistic", "dense"}

    Returns
    -------
    scores : dict
        `calibration` (median `slope` over draws and labels, `expected_calibration_error` before and after) and, if there is background,
        `rejection` (`target_false_positive_rate`, `metrics.rejection_rates` with an interval of `false_positive_rate`,
        `held_out_background`).
    clips : pd.DataFrame
        A row per test clip of a draw: label, kind, source, before, after (confidence in the most probable label),
        correct, prediction (with `none`).
    """
    slopes, tables = [], []
    plain = uncalibrated(len(animal_labels(labels)))
    validation = complete_rows(predictions, "validation")
    of_labels = predictions[predictions["label"].isin(labels)]
    for _, tested in complete_rows(of_labels, "test").groupby("draw"):
        decision = calibrate(validation, labels, false_positive_rate, set(tested["source"]), head)
        raw = probabilities(tested, labels, plain)
        scaled = probabilities(tested, labels, decision.calibration)
        tables.append(
            pd.DataFrame(
                {
                    "label": tested["label"].to_numpy(),
                    "kind": tested["kind"].to_numpy(),
                    "source": tested["source"].to_numpy(),
                    "before": raw.max(axis=1),
                    "after": scaled.max(axis=1),
                    "correct": np.array(labels)[raw.argmax(axis=1)] == tested["label"].to_numpy(),
                    "prediction": rejection.decide(scaled, labels, decision.threshold),
                }
            )
        )
        slopes.append(np.median(decision.calibration.slope))
    clips = pd.concat(tables, ignore_index=True)
    errors = {
        when: calibration.expected_calibration_error(clips[when].to_numpy(), clips["correct"].to_numpy())
        for when in ("before", "after")
    }
    scores: dict[str, Any] = {"calibration": {"slope": float(np.median(slopes)), "expected_calibration_error": errors}}
    if NONE in labels:
        background = clips[clips["label"] == NONE]
        false_positives = (background["prediction"] != NONE).to_numpy()
        scores["rejection"] = {
            "target_false_positive_rate": false_positive_rate,
            **rejection_rates(clips["label"], clips["prediction"]),
            # Instead of Wilson's interval, as the draws share their sources.
            "false_positive_rate": bootstrap.proportion_ci(
                false_positives, background["source"].to_numpy(), background["kind"].to_numpy(), seed
            ),
            "held_out_background": held_out_background(predictions, labels, seed),
        }
    return scores, clips


def reliability_table(clips: pd.DataFrame) -> pd.DataFrame:
    """Confidence against accuracy in bins, before and after calibration.

    Parameters
    ----------
    clips : pd.DataFrame
        The second table of `calibration_and_rejection`.

    Returns
    -------
    pd.DataFrame
        The columns of `calibration.reliability`, and `scaling`: before or after.
    """
    correct = clips["correct"].to_numpy()
    return pd.concat(
        [calibration.reliability(clips[when].to_numpy(), correct).assign(scaling=when) for when in ("before", "after")]
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

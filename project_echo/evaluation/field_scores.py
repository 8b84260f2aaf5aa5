"""Scores of the windows of recordings with known truth: average precision, areas under ROC curves, pairs found.

Classifiers of different folds do not share a scale, so ranks are compared within a fold, and folds are averaged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.evaluation.bootstrap import percentile_interval, proportion_ci, resample_sources

HELD_S = 1.0  # a window holds a call if it holds this much of it, or HELD_SHARE
HELD_SHARE = 0.5
TOLERANCE_S = 1e-6
BLOCKS = 20  # of replicates, to limit memory
RECALLS = np.linspace(0, 1, 51)

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of weights of positives and negatives by rank


@dataclass(frozen=True)
class WindowTruth:
    """What windows hold.

    Attributes
    ----------
    positive : np.ndarray of bool, shape (windows, labels)
        Whether a window holds a second, or half, of a call of the label.
    empty : np.ndarray of bool, shape (windows,)
        Background alone: no part of any call or distractor.
    distractor : np.ndarray of bool, shape (windows,)
        A second, or half, of a distractor, and no part of any call.
    """

    positive: np.ndarray
    empty: np.ndarray
    distractor: np.ndarray

    @classmethod
    def concatenate(cls, parts: Sequence["WindowTruth"]) -> "WindowTruth":
        """What the windows of several recordings hold, one after the other."""
        return cls(*(np.concatenate([getattr(part, of.name) for part in parts]) for of in fields(cls)))


def window_truth(truth: pd.DataFrame, start_s: np.ndarray, end_s: np.ndarray, labels: Sequence[str]) -> WindowTruth:
    """What the windows of one recording hold.

    Parameters
    ----------
    truth : pd.DataFrame
        The calls of the recording, as `field_recordings.build_recording` returns them.
    start_s, end_s : np.ndarray of shape (windows,)
        s.
    labels : sequence of str
        `none` has no calls: it is never positive.

    Returns
    -------
    WindowTruth
    """
    starts, ends = truth["start_s"].to_numpy(dtype=float), truth["end_s"].to_numpy(dtype=float)
    shared_s = np.minimum(end_s[:, np.newaxis], ends) - np.maximum(start_s[:, np.newaxis], starts)
    touched = shared_s > TOLERANCE_S
    held = touched & (shared_s >= np.minimum(HELD_S, HELD_SHARE * (ends - starts)) - TOLERANCE_S)
    names = truth["label"].to_numpy()
    is_call = names != NONE
    positive = [(held & is_call & (names == label)).any(axis=1) for label in labels]
    without_call = ~touched[:, is_call].any(axis=1)
    return WindowTruth(np.stack(positive, axis=1), ~touched.any(axis=1), held[:, ~is_call].any(axis=1) & without_call)


def average_precision(truth: np.ndarray, scores: np.ndarray) -> float:
    """Average precision, as scikit-learn's `average_precision_score` defines it; NaN without a positive.

    Parameters
    ----------
    truth : np.ndarray of bool, shape (n,)
    scores : np.ndarray of shape (n,)

    Returns
    -------
    float
    """
    return float(weighted_average_precision(*_by_rank(truth, scores)(np.ones(len(truth)))))


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Area under the ROC curve: how often a positive scores higher than a negative, ties counting half.

    Parameters
    ----------
    positive, negative : np.ndarray of shape (n,)
        Scores.

    Returns
    -------
    float
        NaN if there are no positives or no negatives.
    """
    truth = np.arange(len(positive) + len(negative)) < len(positive)
    return float(weighted_auc(*_by_rank(truth, np.append(positive, negative))(np.ones(len(truth)))))


def weighted_average_precision(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Average precision from the weights of positives and negatives at each score, highest first.

    Parameters
    ----------
    positives, negatives : np.ndarray of shape (..., scores)

    Returns
    -------
    np.ndarray of shape (...)
        NaN without a positive.
    """
    found = positives.cumsum(axis=-1)
    precision = found / np.maximum(found + negatives.cumsum(axis=-1), 1e-12)
    return _divide((positives * precision).sum(axis=-1), positives.sum(axis=-1))


def weighted_auc(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Area under the ROC curve from the weights of positives and negatives at each score, highest first.

    Parameters
    ----------
    positives, negatives : np.ndarray of shape (..., scores)

    Returns
    -------
    np.ndarray of shape (...)
        NaN without a positive or without a negative.
    """
    higher = positives.cumsum(axis=-1) - positives / 2
    return _divide((negatives * higher).sum(axis=-1), positives.sum(axis=-1) * negatives.sum(axis=-1))


def score_windows(
    windows: pd.DataFrame,
    truth: WindowTruth,
    labels: Sequence[str],
    folds: np.ndarray,
    reached: np.ndarray,
    seed: int,
) -> dict[str, Any]:
    """Scores of windows, with 95% confidence intervals.

    A window may hold calls of several sources, and windows overlap, so whole recordings are resampled, within their
    folds: a recording with its windows is a cluster. Sources that are heard in several recordings make the intervals a
    little narrow. They are corrected for the bias of the replicates.

    Parameters
    ----------
    windows : pd.DataFrame
        A row per window: recording, and a column of probabilities per label.
    truth : WindowTruth
        Of the same windows, in the same order.
    labels : sequence of str
        The columns of `truth.positive`.
    folds : np.ndarray of shape (windows,)
        The fold of each window.
    reached : np.ndarray of bool, shape (windows, labels)
        Whether the probability reaches the threshold of the label.
    seed : int

    Returns
    -------
    dict
        `windows`, their number; `map` (mean average precision), `auc` (windows with a label against all others),
        `auc_background` (against background alone), `auc_distractors` (against windows with distractors alone), each
        the mean over labels as `value`, `low`, `high`; `both_found`, the share of windows with two labels or more in
        which all of them are found, and `windows_with_two`. `per_label`: the same values, and `windows` with the
        label. None for what is not defined.
    """
    everything = np.ones(len(windows), dtype=bool)
    against = {
        "map": (weighted_average_precision, everything),
        "auc": (weighted_auc, everything),
        "auc_background": (weighted_auc, truth.empty),
        "auc_distractors": (weighted_auc, truth.distractor),
    }
    animals = [(column, label) for column, label in enumerate(labels) if label != NONE]
    names, first, codes = np.unique(windows["recording"].to_numpy(), return_index=True, return_inverse=True)
    drawn = np.vstack([np.ones(len(names)), resample_sources(folds[first], seed)])  # the first row is the value itself
    result: dict[str, Any] = {"windows": len(windows)}
    per_label: dict[str, dict[str, Any]] = {
        label: {"windows": int(truth.positive[:, column].sum())} for column, label in animals
    }
    for name, (score, negatives) in against.items():
        values = np.full((len(animals), len(drawn)), np.nan)
        for row, (column, label) in enumerate(animals):
            positive, scores = truth.positive[:, column], windows[label].to_numpy()
            values[row] = _mean_over_folds(score, positive, scores, positive | negatives, folds, codes, drawn)
            per_label[label]["average_precision" if name == "map" else name] = _or_none(values[row, 0])
        result[name] = _interval(_nan_mean(values))
    two = truth.positive.sum(axis=1) > 1
    both = np.all(~truth.positive | reached, axis=1)[two]
    result["windows_with_two"] = int(two.sum())
    result["both_found"] = proportion_ci(both, codes[two], folds[two], seed) if two.any() else None
    return result | {"per_label": per_label}


def precision_recall_curves(
    windows: pd.DataFrame, truth: WindowTruth, labels: Sequence[str], folds: np.ndarray
) -> pd.DataFrame:
    """Precision of each label at given recalls, the mean over the folds in which it occurs.

    Parameters
    ----------
    windows, truth, labels, folds
        As in `score_windows`.

    Returns
    -------
    pd.DataFrame
        Columns label, recall, precision, at the RECALLS: the precision at the highest score that reaches each recall.
    """
    tables = []
    for column, label in enumerate(labels):
        curves = []
        for fold in np.unique(folds[truth.positive[:, column]]):
            inside = folds == fold
            ranked = _by_rank(truth.positive[inside, column], windows[label].to_numpy()[inside])
            found, wrong = (weights.cumsum() for weights in ranked(np.ones(inside.sum())))
            reached = np.searchsorted(found, np.maximum(RECALLS * found[-1] - 1e-9, 1e-9))
            curves.append((found / (found + wrong))[reached])
        if curves:
            precision = np.mean(curves, axis=0)
            tables.append(pd.DataFrame({"label": label, "recall": RECALLS, "precision": precision}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["label", "recall", "precision"])


def _by_rank(truth: np.ndarray, scores: np.ndarray) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """A function that sums weights, shape (..., n), of positives and of negatives at each score, highest first."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if len(order) else np.array([], dtype=int)
    is_positive = truth[order]

    def sums(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weights = weights[..., order]
        if not len(starts):
            return weights, weights
        positives, negatives = (
            np.add.reduceat(weights * chosen, starts, axis=-1) for chosen in (is_positive, ~is_positive)
        )
        return positives, negatives

    return sums


def _mean_over_folds(
    score: Score,
    positive: np.ndarray,
    scores: np.ndarray,
    chosen: np.ndarray,
    folds: np.ndarray,
    codes: np.ndarray,
    drawn: np.ndarray,
) -> np.ndarray:
    """Mean over folds of a score of the chosen windows, for each row of `drawn` (replicates, recordings)."""
    values = []
    for fold in np.unique(folds[positive]):
        inside = np.flatnonzero(chosen & (folds == fold))
        ranked = _by_rank(positive[inside], scores[inside])
        blocks = np.array_split(drawn, BLOCKS)
        values.append(np.concatenate([score(*ranked(block[:, codes[inside]])) for block in blocks]))
    return _nan_mean(np.array(values)) if values else np.full(len(drawn), np.nan)


def _nan_mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is not NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    return _divide(np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0))


def _divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.where(denominator > 0, numerator / np.where(denominator > 0, denominator, 1), np.nan)
    return quotient


def _interval(values: np.ndarray) -> dict[str, float] | None:
    """Value, which comes first, and the 95% interval of its replicates; None if it is not defined.

    Replicates are shifted by their bias: the windows of a recording that is drawn twice are side by side in the
    ranking, which raises the average precision of rare labels.
    """
    value, replicates = float(values[0]), values[1:][~np.isnan(values[1:])]
    if np.isnan(value):
        return None
    low, high = percentile_interval(np.clip(replicates + (value - replicates.mean()), 0, 1))
    return {"value": value, "low": low, "high": high}


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)

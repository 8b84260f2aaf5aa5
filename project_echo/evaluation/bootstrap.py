"""Cluster bootstrap confidence intervals, resampling sources."""

from collections.abc import Callable

import numpy as np

from project_echo.core.seeds import generator
from project_echo.evaluation.metrics import wilson_ci

REPLICATES = 2000
Statistic = Callable[[np.ndarray], np.ndarray]


def confusion_by_source(truth: np.ndarray, prediction: np.ndarray, sources: np.ndarray, n_labels: int) -> np.ndarray:
    """Confusion counts of each source.

    Parameters
    ----------
    truth, prediction : np.ndarray of int, shape (clips,)
        Indices of labels.
    sources : np.ndarray of int, shape (clips,)
        Indices of sources.
    n_labels : int

    Returns
    -------
    np.ndarray of shape (sources, labels, labels)
        Rows are the truth, columns the prediction.
    """
    counts = np.zeros((sources.max() + 1, n_labels, n_labels))
    np.add.at(counts, (sources, truth, prediction), 1)
    return counts


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Accuracy of confusion counts of shape (..., labels, labels), shape (...)."""
    correct: np.ndarray = np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))
    return correct


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """Macro F1 of confusion counts of shape (..., labels, labels), shape (...).

    A label that is neither true nor predicted anywhere counts 0.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    total = counts.sum(axis=-1) + counts.sum(axis=-2)
    f1: np.ndarray = (2 * hits / np.maximum(total, 1e-12)).mean(axis=-1)
    return f1


def resample_sources(strata: np.ndarray, seed: int) -> np.ndarray:
    """Draw sources with replacement within their strata.

    The same strata and seed give the same draws, so two experiments can be paired.

    Parameters
    ----------
    strata : np.ndarray of shape (sources,)
        The stratum of each source.
    seed : int

    Returns
    -------
    np.ndarray of shape (REPLICATES, sources)
        How often each source is drawn in each replicate.

    References
    ----------
    Davison & Hinkley, "Bootstrap methods and their application", 1997, chapter 3 (stratified resampling).
    """
    drawn = np.zeros((REPLICATES, len(strata)))
    for stratum in np.unique(strata):
        inside = np.flatnonzero(strata == stratum)
        even = np.full(len(inside), 1 / len(inside))
        drawn[:, inside] = generator(seed, "bootstrap", str(stratum)).multinomial(len(inside), even, REPLICATES)
    return drawn


def percentile_interval(replicates: np.ndarray) -> tuple[float, float]:
    """95% percentile interval of the values of replicates, shape (replicates,)."""
    low, high = np.quantile(replicates, [0.025, 0.975])
    return float(low), float(high)


def proportion_ci(hits: np.ndarray, sources: np.ndarray, strata: np.ndarray, seed: int) -> dict[str, float]:
    """Proportion with its 95% cluster bootstrap confidence interval.

    Parameters
    ----------
    hits : np.ndarray of bool, shape (clips,)
    sources, strata : np.ndarray of shape (clips,)
        The source of each clip, and the stratum of the source.
    seed : int

    Returns
    -------
    dict
        `value`, `low`, `high`. Where no clip is a hit, or every one, the interval is Wilson's, as in `statistic_ci`.
    """
    names, first_clips, codes = np.unique(sources, return_index=True, return_inverse=True)
    n_hits, n_clips = np.bincount(codes, hits, len(names)), np.bincount(codes, minlength=len(names))
    drawn = resample_sources(strata[first_clips], seed)
    low, high = percentile_interval((drawn @ n_hits) / (drawn @ n_clips))
    return _with_interval(float(hits.mean()), low, high, len(names))


def statistic_ci(counts: np.ndarray, strata: np.ndarray, statistic: Statistic, seed: int) -> dict[str, float]:
    """Statistic of pooled confusion counts with its 95% cluster bootstrap confidence interval.

    Parameters
    ----------
    counts : np.ndarray of shape (sources, labels, labels)
        What `confusion_by_source` returns.
    strata : np.ndarray of shape (sources,)
        The stratum of each source.
    statistic : Callable
        `accuracy` or `macro_f1`.
    seed : int

    Returns
    -------
    dict
        `value`, `low`, `high`. Where every source is correct, or every one wrong, resampling shows no spread: then the
        interval is Wilson's, with a source as one trial (`metrics.wilson_ci`).
    """
    low, high = percentile_interval(statistic(np.tensordot(resample_sources(strata, seed), counts, axes=1)))
    return _with_interval(float(statistic(counts.sum(axis=0))), low, high, len(strata))


def _with_interval(value: float, low: float, high: float, n_sources: int) -> dict[str, float]:
    if low == high and value in (0, 1):
        return wilson_ci(np.full(n_sources, bool(value)))
    return {"value": value, "low": low, "high": high}

"""Intervals that know how many animals were heard: bootstrap over sources."""

from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest

from project_echo.core.seeds import generator

REPLICATES = 2000
Statistic = Callable[[np.ndarray], np.ndarray]


def confusions(truth: np.ndarray, prediction: np.ndarray, sources: np.ndarray, n_labels: int) -> np.ndarray:
    """Confusion counts of each source, shape (sources, labels, labels): rows the truth, columns the prediction.

    All of shape (clips,): `truth` and `prediction` as indices of labels, `sources` as indices of sources.
    """
    counts = np.zeros((sources.max() + 1, n_labels, n_labels))
    np.add.at(counts, (sources, truth, prediction), 1)
    return counts


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Of confusion counts, shape (..., labels, labels)."""
    right: np.ndarray = np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))
    return right


def macro_f1(counts: np.ndarray) -> np.ndarray:
    """Of confusion counts, shape (..., labels, labels). A label that is nowhere true nor predicted counts 0."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    total = counts.sum(axis=-1) + counts.sum(axis=-2)
    f1: np.ndarray = (2 * hits / np.maximum(total, 1e-12)).mean(axis=-1)
    return f1


def weights(strata: np.ndarray, seed: int) -> np.ndarray:
    """How often each source is drawn in each replicate, shape (REPLICATES, sources): within its stratum, with return.

    `strata` has shape (sources,). The same strata and seed give the same draws, so two experiments can be paired.
    Source: Davison & Hinkley, "Bootstrap methods and their application", 1997, chapter 3 (stratified resampling).
    """
    drawn = np.zeros((REPLICATES, len(strata)))
    for stratum in np.unique(strata):
        inside = np.flatnonzero(strata == stratum)
        even = np.full(len(inside), 1 / len(inside))
        drawn[:, inside] = generator(seed, "bootstrap", str(stratum)).multinomial(len(inside), even, REPLICATES)
    return drawn


def interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of replicates' values, shape (replicates,)."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def share(hits: np.ndarray, sources: np.ndarray, strata: np.ndarray, seed: int) -> dict[str, float]:
    """The 95 % interval of a share, as {low, high}: `hits` (booleans), `sources` and `strata` have shape (clips,).

    Where no clip is a hit, or every one, it is Wilson's as in `over_sources`.
    """
    names, places, codes = np.unique(sources, return_index=True, return_inverse=True)
    hit, heard = np.bincount(codes, hits, len(names)), np.bincount(codes, minlength=len(names))
    drawn = weights(strata[places], seed)
    low, high = interval((drawn @ hit) / (drawn @ heard))
    return _spread(low, high, float(hits.mean()), len(names))


def over_sources(counts: np.ndarray, strata: np.ndarray, statistic: Statistic, seed: int) -> dict[str, float]:
    """A statistic of the pooled counts (sources, labels, labels), as {pooled, low, high}; the interval is of 95 %.

    Where every source is right, or every one wrong, resampling shows no spread: then the interval is Wilson's, for so
    many sources.
    """
    low, high = interval(statistic(np.tensordot(weights(strata, seed), counts, axes=1)))
    pooled = float(statistic(counts.sum(axis=0)))
    return {"pooled": pooled, **_spread(low, high, pooled, len(strata))}


def _spread(low: float, high: float, pooled: float, n_sources: int) -> dict[str, float]:
    if low == high and pooled in (0, 1):
        wilson = binomtest(round(pooled * n_sources), n_sources).proportion_ci(0.95, method="wilson")
        low, high = float(wilson.low), float(wilson.high)
    return {"low": low, "high": high}

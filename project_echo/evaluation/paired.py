"""Paired differences: a metric of two runs on the same data, and whether chance alone could explain the difference."""

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from project_echo.evaluation.bootstrap import resample_sources
from project_echo.evaluation.crossval import PAIRED_SEED
from project_echo.evaluation.predictions import POOLED_COLUMNS

ALPHA = 0.05

Outcome = Literal["better", "worse", "same"]


@dataclass(frozen=True)
class Change:
    """A metric of two runs on the same data, and the difference with its confidence interval.

    Attributes
    ----------
    before, after : float
        The metric.
    low, high : float
        Confidence interval of `value`, by bootstrap over clusters.
    differing : int
        Clusters, such as sources, of which the two runs differ.
    alpha : float
        1 minus the level of the interval.
    replicates : np.ndarray of shape (replicates,)
        Differences in the bootstrap, for `at`; empty if they are not known.
    """

    before: float
    after: float
    low: float
    high: float
    differing: int
    alpha: float = ALPHA
    replicates: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    @property
    def value(self) -> float:
        """After minus before."""
        return self.after - self.before

    def at(self, alpha: float) -> "Change":
        """The same difference with an interval of the level 1 - alpha; as it is if replicates are not known."""
        if not len(self.replicates):
            return self
        return _with_interval(self.before, self.after, self.differing, alpha, self.replicates)

    def outcome(self, *, lower_is_better: bool = False) -> Outcome:
        """Whether the difference is told apart from chance, and in which direction."""
        return outcome(
            self.low, self.high, self.differing, lower_is_better=lower_is_better, needed=least_differing(self.alpha)
        )


def outcome(
    low: float, high: float, differing: int, *, lower_is_better: bool = False, needed: int | None = None
) -> Outcome:
    """Whether a paired difference is told apart from chance, and in which direction.

    Parameters
    ----------
    low, high : float
        Confidence interval of the difference, after minus before.
    differing : int
        Clusters, such as sources, of which the two runs differ.
    lower_is_better : bool
        As of false events.
    needed : int, optional
        Clusters that must differ; by default `least_differing` of a 95% interval.

    Returns
    -------
    {"better", "worse", "same"}
        "same" if they are not told apart.
    """
    if differing < (least_differing(ALPHA) if needed is None else needed) or low <= 0 <= high:
        return "same"
    return "better" if (low > 0) != lower_is_better else "worse"


def least_differing(alpha: float) -> int:
    """Clusters that must differ for a sign test to reject at `alpha` if all differ in one direction.

    With fewer, the bootstrap is too sure of itself.
    """
    return math.ceil(1 - math.log2(alpha))


def accuracy_change(before: pd.DataFrame, after: pd.DataFrame) -> Change:
    """Paired difference in accuracy, by bootstrap over sources within labels.

    Parameters
    ----------
    before, after : pd.DataFrame
        POOLED_COLUMNS. Clips that only one of them tests are left out.

    Returns
    -------
    Change
    """
    return _clip_change(before, after, right=True)


def error_change(before: pd.DataFrame, after: pd.DataFrame) -> Change:
    """Paired difference in the share of errors, as `accuracy_change`."""
    return _clip_change(before, after, right=False)


def _clip_change(before: pd.DataFrame, after: pd.DataFrame, *, right: bool) -> Change:
    both = before.merge(after, on=POOLED_COLUMNS[:-1], suffixes=("_before", "_after"))
    truth = both["truth"].to_numpy()
    first, second = ((both[f"prediction_{side}"].to_numpy() == truth) == right for side in ("before", "after"))
    return ratio_change(first, second, np.ones(len(both)), both["source"].to_numpy(), truth)


def ratio_change(
    before: np.ndarray, after: np.ndarray, total: np.ndarray, clusters: np.ndarray, strata: np.ndarray
) -> Change:
    """Paired difference of a share or a rate, by bootstrap over clusters within strata.

    Parameters
    ----------
    before, after : np.ndarray of shape (rows,)
        Amounts, such as calls found (0 or 1), or false events of a recording.
    total : np.ndarray of shape (rows,)
        What they are shares of: 1 for each call, or the hours of a recording.
    clusters, strata : np.ndarray of shape (rows,)
        The cluster of each row, such as its source, and the stratum of the cluster.

    Returns
    -------
    Change
        With a 95% confidence interval. Each replicate takes the same clusters of both.
    """
    names, first, codes = np.unique(clusters, return_index=True, return_inverse=True)
    sums = [np.bincount(codes, np.asarray(amount, dtype=float), len(names)) for amount in (before, after, total)]
    drawn = resample_sources(strata[first], PAIRED_SEED)
    replicates = (drawn @ (sums[1] - sums[0])) / (drawn @ sums[2])
    differs = np.asarray(before, dtype=float) != np.asarray(after, dtype=float)
    all_of_it = sums[2].sum()
    return _with_interval(
        float(sums[0].sum() / all_of_it),
        float(sums[1].sum() / all_of_it),
        len(np.unique(codes[differs])),
        ALPHA,
        replicates,
    )


def _with_interval(before: float, after: float, differing: int, alpha: float, replicates: np.ndarray) -> Change:
    low, high = np.quantile(replicates, [alpha / 2, 1 - alpha / 2])
    return Change(before, after, float(low), float(high), differing, alpha, replicates)

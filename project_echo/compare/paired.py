"""Paired differences of two revisions: the same calls, recordings or clips, answered by both."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.bootstrap import percentile_interval, resample_sources
from project_echo.evaluation.crossval import PAIRED_SEED
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report.experiments import PREDICTIONS

DECISIONS = "plots/crossval/decided.csv"
# With fewer, all in one direction, a sign test at 5% does not reject, and the bootstrap is too sure of itself.
MIN_DIFFERING = 6

Outcome = Literal["better", "worse", "same"]


@dataclass(frozen=True)
class Change:
    """A metric of two revisions on the same data, and the difference with its 95% confidence interval.

    Attributes
    ----------
    before, after : float
        The metric.
    low, high : float
        95% confidence interval of `value`, by bootstrap over clusters.
    differing : int
        Clusters, such as sources, of which the two revisions differ.
    """

    before: float
    after: float
    low: float
    high: float
    differing: int

    @property
    def value(self) -> float:
        """After minus before."""
        return self.after - self.before

    def outcome(self, *, lower_is_better: bool) -> Outcome:
        """Whether the difference is told apart from chance, and in which direction."""
        if self.differing < MIN_DIFFERING or self.low <= 0 <= self.high:
            return "same"
        return "better" if (self.value > 0) != lower_is_better else "worse"


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
        Each replicate takes the same clusters of both revisions.
    """
    names, first, codes = np.unique(clusters, return_index=True, return_inverse=True)
    sums = [np.bincount(codes, np.asarray(amount, dtype=float), len(names)) for amount in (before, after, total)]
    drawn = resample_sources(strata[first], PAIRED_SEED)
    low, high = percentile_interval((drawn @ (sums[1] - sums[0])) / (drawn @ sums[2]))
    differs = np.asarray(before, dtype=float) != np.asarray(after, dtype=float)
    all_of_it = sums[2].sum()
    return Change(sums[0].sum() / all_of_it, sums[1].sum() / all_of_it, low, high, len(np.unique(codes[differs])))


def accuracy_change(before: pd.DataFrame, after: pd.DataFrame) -> Change:
    """Paired difference in accuracy, by bootstrap over sources within labels.

    Parameters
    ----------
    before, after : pd.DataFrame
        POOLED_COLUMNS, with the same draws (`common_draws`).

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


def common_draws(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the draws that test the same clips in both tables.

    Names of clips hold the place of the loudest seconds of a recording, so recordings that only share their names are
    hardly taken for the same.

    Parameters
    ----------
    before, after : pd.DataFrame
        POOLED_COLUMNS.

    Returns
    -------
    before, after : pd.DataFrame
        Their rows of those draws; none if the labels differ.
    """
    if set(before["truth"]) != set(after["truth"]):
        return before.iloc[:0], after.iloc[:0]
    tested = [{draw: _clips(rows) for draw, rows in table.groupby("draw")} for table in (before, after)]
    common = [draw for draw, clips in tested[0].items() if clips == tested[1].get(draw)]
    return before[before["draw"].isin(common)], after[after["draw"].isin(common)]


def _clips(rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    return sorted(rows[["clip", "source", "truth"]].itertuples(index=False, name=None))


def read_predictions(revision: Revision, path: str = PREDICTIONS) -> pd.DataFrame | None:
    """Read the predictions of all draws.

    Parameters
    ----------
    revision : Revision
        A commit or an experiment.
    path : str
        PREDICTIONS, of the most probable label, or DECISIONS, by thresholds.

    Returns
    -------
    pd.DataFrame or None
        POOLED_COLUMNS, all text. None if the revision lacks the file.

    Raises
    ------
    EchoError
        If the file is not a table, or lacks a column.
    """
    table = revisions.read_text_table(revision, path)
    if table is None:
        return None
    if missing := [name for name in POOLED_COLUMNS if name not in table]:
        raise EchoError(f"{path} of {revision.name} has no column {', '.join(missing)}. Write it again: dvc repro.")
    return table[POOLED_COLUMNS]


def of_animals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of clips of animals."""
    return table[table["truth"] != NONE]


def of_background(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of clips of background."""
    return table[table["truth"] == NONE]


def interval_text(difference: dict[str, float], digits: int) -> str:
    """The confidence interval of a difference, with signs.

    Parameters
    ----------
    difference : dict
        A metric of `crossval.paired_difference`: its `low` and `high` are used.
    digits : int
        Decimals.

    Returns
    -------
    str
        "+0.01 to +0.03", for two digits.
    """
    return f"{difference['low']:+.{digits}f} to {difference['high']:+.{digits}f}"

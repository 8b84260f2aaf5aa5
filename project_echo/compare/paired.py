"""Paired difference of two revisions, on the draws of sources that their crossval stages have in common."""

from typing import Any

import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.evaluation import crossval

PREDICTIONS = "plots/crossval/predictions.csv"
COLUMNS = ["draw", "clip", "source", "truth", "prediction"]


def read_predictions(revision: Revision) -> pd.DataFrame | None:
    """Read the predictions of all draws.

    Returns
    -------
    pd.DataFrame or None
        Columns draw, clip, source, truth, prediction, all text. None if the revision lacks the file.

    Raises
    ------
    EchoError
        If the file is not a table, or lacks a column.
    """
    table = revisions.read_text_table(revision, PREDICTIONS)
    if table is None:
        return None
    if missing := [name for name in COLUMNS if name not in table]:
        raise EchoError(
            f"{PREDICTIONS} of {revision.name} has no column {', '.join(missing)}. Write it again: dvc repro."
        )
    return table[COLUMNS]


def difference(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    """Difference in accuracy and macro F1 on the draws that both tables have.

    Parameters
    ----------
    before, after : pd.DataFrame
        What `read_predictions` returns.

    Returns
    -------
    dict
        What `crossval.paired_difference` returns, and `same_draws`: whether the tables hold the same draws and no
        others. {"draws": 0} if they have no draw in common, or other animals.
    """
    if set(before["truth"]) != set(after["truth"]):
        return {"draws": 0}
    columns = [table[name] for table in (before, after) for name in ("truth", "prediction")]
    result = crossval.paired_difference(before, after, sorted(set(pd.concat(columns))), seed=1)
    n_common = len(before.merge(after, on=COLUMNS[:-1]))
    return result | {"same_draws": len(before) == len(after) == n_common}


def interval_text(change: dict[str, float], digits: int) -> str:
    """The confidence interval of a change, with signs."""
    return f"{change['low']:+.{digits}f} to {change['high']:+.{digits}f}"

"""Predictions of two revisions on the same clips, whose differences are paired (`evaluation.paired`)."""

import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report.experiments import PREDICTIONS

DECISIONS = "plots/crossval/decided.csv"


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

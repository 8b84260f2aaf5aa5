"""Predictions of the crossval stage of a revision, and their paired difference as text."""

import pandas as pd

from project_echo.compare import revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report.experiments import PREDICTIONS

DECISIONS = "plots/crossval/decided.csv"


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
        POOLED_COLUMNS, all text; of DECISIONS the clips of animals. None if the revision lacks the file.

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
    return table.loc[(table["truth"] != NONE) | (path == PREDICTIONS), POOLED_COLUMNS]


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

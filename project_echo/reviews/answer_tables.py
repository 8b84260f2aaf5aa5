"""Reading tables of events and answers, of this version and of earlier ones."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import read_table
from project_echo.reviews.exchange import ACCEPTED, ADDED_COLUMNS, COLUMNS, MODEL, REJECTED, SEPARATOR


def read_answers(path: Path, remedy: str) -> pd.DataFrame:
    """Read events.csv of a review, or the table that its page exported, also of an earlier version.

    Parameters
    ----------
    path : Path
        The table.
    remedy : str
        What the user can do if it is missing or unusable; ends the error message.

    Returns
    -------
    pd.DataFrame
        COLUMNS. In earlier versions an accepted event had its own label alone, and a rejected one was background.

    Raises
    ------
    EchoError
        If the file is missing, is not such a table, or lacks a column that every version has.
    """
    table, is_earlier = read_columns(path, COLUMNS, remedy)
    return _in_this_version(table) if is_earlier else table


def read_columns(path: Path, columns: Mapping[str, type], remedy: str) -> tuple[pd.DataFrame, bool]:
    """Read some columns of such a table.

    Parameters
    ----------
    path : Path
    columns : mapping of str to type
        As in `spreadsheets.read_table`.
    remedy : str

    Returns
    -------
    table : pd.DataFrame
        The columns in the given order; those of ADDED_COLUMNS are empty if the table lacks one.
    is_earlier : bool
        Whether it is of a version in which answers meant something else: it lacks one beside `model`.

    Raises
    ------
    EchoError
        As `read_answers`.
    """
    for missing in ([], [MODEL], ADDED_COLUMNS):
        present = {name: kind for name, kind in columns.items() if name not in missing}
        try:
            table = read_table(path, present, remedy)
        except EchoError:
            if missing == ADDED_COLUMNS:
                raise
        else:
            break
    return table.assign(**{name: "" for name in columns if name in missing})[list(columns)], missing == ADDED_COLUMNS


def _in_this_version(table: pd.DataFrame) -> pd.DataFrame:
    verdicts = table["verdict"].str.strip().str.lower()
    table["reviewed_label"] = table["reviewed_label"].mask(
        verdicts == ACCEPTED, table["label"].str.replace(SEPARATOR, "_", regex=False)
    )
    table["reviewed_label"] = table["reviewed_label"].mask(verdicts == REJECTED, NONE)
    return table

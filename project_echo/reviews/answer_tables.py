"""Reading tables of events and answers, of this version and of earlier ones."""

from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import read_table
from project_echo.reviews.exchange import ACCEPTED, ADDED_COLUMNS, COLUMNS, REJECTED, SEPARATOR


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
    try:
        return read_table(path, COLUMNS, remedy)
    except EchoError:
        earlier = {name: kind for name, kind in COLUMNS.items() if name not in ADDED_COLUMNS}
        table = read_table(path, earlier, remedy).assign(**dict.fromkeys(ADDED_COLUMNS, ""))
    verdicts = table["verdict"].str.strip().str.lower()
    table["reviewed_label"] = table["reviewed_label"].mask(
        verdicts == ACCEPTED, table["label"].str.replace(SEPARATOR, "_", regex=False)
    )
    table["reviewed_label"] = table["reviewed_label"].mask(verdicts == REJECTED, NONE)
    return table[list(COLUMNS)]

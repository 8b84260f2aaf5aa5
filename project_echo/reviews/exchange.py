"""CSV tables exchanged between screening, the review page and the corpus."""

from io import StringIO
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import unescape_formulas

EVENTS = "events.csv"
EVENT_FACTS = [
    *("event", "recording", "site", "source", "start_s", "end_s", "label", "mean_confidence", "peak_confidence"),
]
ANSWER_COLUMNS = ["verdict", "reviewed_label", "media"]
COLUMNS = [*EVENT_FACTS, *ANSWER_COLUMNS]  # of the page's export, and of the review's events.csv, without answers
KEY_COLUMNS = ["recording", "start_s", "end_s", "label"]  # identify an event in an imported table

ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED = "accepted", "rejected", "relabelled", "skipped", ""
VERDICTS = (ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED)
_NUMBERS = {"start_s", "end_s", "mean_confidence", "peak_confidence", "duration_s"}


def read_table(path: Path, columns: list[str], remedy: str) -> pd.DataFrame:
    """Read columns of a CSV table whose formulas are escaped.

    Parameters
    ----------
    path : Path
        The CSV file, UTF-8 with or without a byte order mark.
    columns : list of str
        The columns to read; the file may have others.
    remedy : str
        What the user can do if the file is missing or unusable; ends the error message.

    Returns
    -------
    pd.DataFrame
        The columns in the given order. Seconds and confidences are floats, all others are text.

    Raises
    ------
    EchoError
        If the file is missing, is not such a table, or lacks a column.
    """
    try:
        # Spreadsheets write a byte order mark, which pandas would add to the first column's name.
        text = path.read_bytes().decode("utf-8-sig")
        table = pd.read_csv(StringIO(text, newline=""), dtype=str, keep_default_na=False)
        missing = [name for name in columns if name not in table.columns]
        if missing:
            raise EchoError(f"{path} has no column {', '.join(missing)}. {remedy}")
        table = unescape_formulas(table[columns])
        for name in _NUMBERS & set(columns):
            table[name] = table[name].astype(float)
    except FileNotFoundError:
        raise EchoError(f"{path} does not exist. {remedy}") from None
    except (OSError, ValueError) as error:  # pandas' errors and wrong encodings are ValueErrors
        raise EchoError(f"{path} cannot be read as a CSV table ({error}). {remedy}") from None
    return table

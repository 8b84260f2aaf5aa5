"""Read and write CSV tables."""

import csv
from pathlib import Path

import pandas as pd

from project_echo.core.files import REMEDY, errors_of_reading, write_text

# Columns of names, even if every name looks like a number.
_NAME_COLUMNS = {
    "recording",
    "clip",
    "label",
    "kind",
    "source",
    "original",
    "reason",
    "part",
    "truth",
    "runner_up",
    "prediction",
    "animal",
    "held_out",
}


def write_table(table: pd.DataFrame, path: Path, decimals: int = 4) -> None:
    """Write a table as CSV with short numbers.

    Parameters
    ----------
    table : pd.DataFrame
        Any table; its index is not written.
    path : Path
        The CSV file to write.
    decimals : int
        Most decimals of a number. Times in seconds (columns whose name ends in ``_s``) always have up to six.
    """
    text = table.copy()
    for name in table.select_dtypes("floating").columns:
        n_decimals = 6 if str(name).endswith("_s") else decimals
        text[name] = [None if pd.isna(number) else _short(number, n_decimals) for number in table[name]]
    content = text.to_csv(index=False, lineterminator="\n")
    if "\r" in content:  # ends a row for most readers unless it is quoted, and Python quotes it since 3.13 only
        content = text.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
    write_text(content, path)


def _short(number: float, decimals: int) -> str:
    """A number without trailing zeros; what rounds to zero has no sign."""
    text = f"{round(float(number), decimals) + 0.0:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_table(path: Path, remedy: str = REMEDY) -> pd.DataFrame:
    """Read a CSV table, whatever its line ends are (LF, CRLF or CR).

    Columns of names stay text (a recording called ``001`` keeps its zeros), and missing text is empty.

    Parameters
    ----------
    path : Path
        The CSV file.
    remedy : str
        What to do if it cannot be read, for the error message; by default, to run the stage that writes it.

    Returns
    -------
    pd.DataFrame

    Raises
    ------
    EchoError
        If the file does not exist or is not a CSV table.
    """
    with errors_of_reading(path, "CSV table", remedy):
        header = pd.read_csv(path, nrows=0)
        dtypes = {name: str for name in header.columns if name in _NAME_COLUMNS}
        return pd.read_csv(path, dtype=dtypes, keep_default_na=False, na_values={})

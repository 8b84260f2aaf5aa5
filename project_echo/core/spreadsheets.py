"""Tables that are safe to open in a spreadsheet: no file name or label is run as a formula.

References
----------
OWASP, "CSV Injection".
"""

import re
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError

# Where a cell may begin, and how a formula begins. For a spreadsheet a carriage return ends a row, and in many
# countries ";" ends a cell. Leading spaces are included, as a spreadsheet may drop them, and apostrophes, so that text
# with apostrophes of its own is read back unchanged.
_START = r"(?:\A|(?<=[\t\r\n,;]))"
_FORMULA = r"(?=[' ]*[=+\-@\t\r\n])"
_UNGUARDED = re.compile(_START + _FORMULA)
_GUARDED = re.compile(f"{_START}'{_FORMULA}")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with short numbers (`files.write_table`) whose formulas are escaped."""
    files.write_table(escape_formulas(table), path)


def read_table(path: Path, columns: Mapping[str, type], remedy: str) -> pd.DataFrame:
    """Read columns of a CSV table whose formulas are escaped.

    Parameters
    ----------
    path : Path
        The CSV file, UTF-8 with or without a byte order mark.
    columns : mapping of str to type
        The columns to read, with their types (str, int or float); the file may have others. Text is never missing,
        but empty.
    remedy : str
        What the user can do if the file is missing or unusable; ends the error message.

    Returns
    -------
    pd.DataFrame
        The columns in the given order.

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
        return unescape_formulas(table[list(columns)]).astype(dict(columns))
    except FileNotFoundError:
        raise EchoError(f"{path} does not exist. {remedy}") from None
    except (OSError, ValueError) as error:  # pandas' errors and wrong encodings are ValueErrors
        raise EchoError(f"{path} cannot be read as a CSV table ({error}). {remedy}") from None


def escape_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run as formulas.

    Parameters
    ----------
    table : pd.DataFrame
        Any table.

    Returns
    -------
    pd.DataFrame
        A table with escaped texts and column names. Numbers stay numbers.
    """
    return _mapped(table, lambda text: _UNGUARDED.sub("'", text))


def unescape_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Remove the apostrophes that `escape_formulas` added.

    Parameters
    ----------
    table : pd.DataFrame
        A table as `escape_formulas` returns it.

    Returns
    -------
    pd.DataFrame
        The original table.
    """
    return _mapped(table, lambda text: _GUARDED.sub("", text))


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def cell(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    changed = table.rename(columns=cell)
    for position, dtype in enumerate(table.dtypes):
        if dtype.kind == "O":
            changed.isetitem(position, table.iloc[:, position].map(cell))
    return changed

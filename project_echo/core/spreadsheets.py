"""Tables that are safe to open in a spreadsheet: no file name or label is run as a formula.

References
----------
OWASP, "CSV Injection".
"""

import codecs
import csv
import locale
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pandas as pd

from project_echo.core import tables
from project_echo.core.errors import EchoError

# Where a cell may begin, and how a formula begins. For a spreadsheet a carriage return ends a row, and in many
# countries ";" ends a cell. Leading spaces are included, as a spreadsheet may drop them, and apostrophes, so that text
# with apostrophes of its own is read back unchanged.
_START = r"(?:\A|(?<=[\t\r\n,;]))"
_FORMULA = r"(?=[' ]*[=+\-@\t\r\n])"
_UNGUARDED = re.compile(_START + _FORMULA)
_GUARDED = re.compile(f"{_START}'{_FORMULA}")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_EXCEL_SEPARATOR = re.compile(r"\"?sep=.\"?\r?\n", re.IGNORECASE)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with short numbers (`tables.write_table`) whose formulas are escaped."""
    tables.write_table(escape_formulas(table), path)


def read_table(path: Path, columns: Mapping[str, type], remedy: str) -> pd.DataFrame:
    """Read columns of a CSV table whose formulas are escaped, also if a spreadsheet has saved it in between.

    Spreadsheets of many countries write ";" or tabs between cells, commas in numbers, the system's code page or UTF-16,
    and add empty rows and columns.

    Parameters
    ----------
    path : Path
        The CSV file.
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
        If the file is missing, is not such a table, lacks a column, or has a text in a column of numbers.
    """
    try:
        table = unescape_formulas(_parse(_decode(path.read_bytes()), columns))
        missing = [name for name in columns if name not in table.columns]
        if missing:
            raise EchoError(f"{path} has no column {', '.join(missing)}. {remedy}")
        table = table[list(columns)]
        if set(columns.values()) - {str}:  # every row has a number
            table = table[(table != "").any(axis=1)].reset_index(drop=True)
        return pd.DataFrame({name: _typed(table[name], kind) for name, kind in columns.items()})
    except FileNotFoundError:
        raise EchoError(f"{path} does not exist. {remedy}") from None
    except (OSError, ValueError, csv.Error) as error:  # pandas' errors and wrong encodings are ValueErrors
        raise EchoError(f"{path} cannot be read as a CSV table ({error}). {remedy}") from None


def _decode(content: bytes) -> str:
    """Text in UTF-8 or UTF-16, with or without a byte order mark, or in a code page of Windows.

    The code page is that of this system if it has one (Windows), else that of western Europe.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding)
    if b"\0" in content[:2]:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    system = locale.getpreferredencoding(do_setlocale=False)
    for encoding in ("utf-8", system if system.lower().startswith("cp") else "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")  # has all bytes


def _parse(text: str, columns: Collection[str]) -> pd.DataFrame:
    """A table of text, with the separator that finds most of the columns in the header."""
    if first := _EXCEL_SEPARATOR.match(text):  # a line for Excel, which does not show it
        text = text[first.end() :]
    headers = {
        separator: next(csv.reader(StringIO(text, newline=""), delimiter=separator), []) for separator in ",;\t|"
    }
    found = {separator: len(set(columns) & set(header)) for separator, header in headers.items()}
    separator = max(found, key=lambda separator: found[separator])  # the first of equal ones
    return pd.read_csv(StringIO(text, newline=""), sep=separator, dtype=str, keep_default_na=False, index_col=False)


def _typed(texts: pd.Series, kind: type) -> pd.Series:
    """Text as numbers if `kind` is a number; a comma may be the decimal sign. Raises ValueError, naming the column."""
    if kind is str:
        return texts
    try:
        numbers = texts.str.strip().str.replace(",", ".").astype(float)
        if kind is int and (numbers % 1 != 0).any():
            raise ValueError("a number is not whole")
        return numbers.astype(kind)
    except ValueError as error:
        raise ValueError(f"column {texts.name}: {error}") from None


def empty_table(columns: Mapping[str, type]) -> pd.DataFrame:
    """A table without rows that has these columns and types."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})


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

"""Tables that are safe to open in a spreadsheet: no file name or label is run as a formula.

References
----------
OWASP, "CSV Injection".
"""

import re
from collections.abc import Callable

import pandas as pd

# Where a cell may begin, and how a formula begins. For a spreadsheet a carriage return ends a row, and in many
# countries ";" ends a cell. Leading spaces are included, as a spreadsheet may drop them, and apostrophes, so that text
# with apostrophes of its own is read back unchanged.
_START = r"(?:\A|(?<=[\t\r\n,;]))"
_FORMULA = r"(?=[' ]*[=+\-@\t\r\n])"
_UNGUARDED = re.compile(_START + _FORMULA)
_GUARDED = re.compile(f"{_START}'{_FORMULA}")


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

"""Tables that are safe to open in a spreadsheet: no name of a file or label is run as a formula."""

import re
from collections.abc import Callable

import pandas as pd

# What a formula begins with, and where a cell may begin: a spreadsheet takes a carriage return for the end of a row,
# and in many countries ";" for the end of a cell. Source: OWASP, "CSV Injection". Spaces before it are counted in, as
# they may be dropped, and apostrophes, so that text which has them by itself is read back as it was.
_START = r"(?:\A|(?<=[\t\r\n,;]))"
_FORMULA = r"(?=[' ]*[=+\-@\t\r\n])"
_UNGUARDED = re.compile(_START + _FORMULA)
_GUARDED = re.compile(f"{_START}'{_FORMULA}")


def escape_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with an apostrophe before text, and names of columns, that would be run; numbers stay numbers."""
    return _mapped(table, lambda text: _UNGUARDED.sub("'", text))


def unescape_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """What `escape_formulas` was given, of what it gave."""
    return _mapped(table, lambda text: _GUARDED.sub("", text))


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def cell(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    changed = table.rename(columns=cell)
    for place, kind in enumerate(table.dtypes):
        if kind.kind == "O":
            changed.isetitem(place, table.iloc[:, place].map(cell))
    return changed

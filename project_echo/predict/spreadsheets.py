"""Tables that are safe to open in a spreadsheet: no name of a file or label is run as a formula."""

import re
from collections.abc import Callable

import pandas as pd

# What a cell that is a formula begins with. Source: OWASP, "CSV injection". Apostrophes before it are counted in, so
# that text which happens to begin with one is read back as it was.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


def guarded(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with an apostrophe before text, and names of columns, that would be run; numbers stay numbers."""
    return _mapped(table, lambda text: f"'{text}" if _FORMULA.match(text) else text)


def unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """What `guarded` was given, of what it gave."""
    return _mapped(table, lambda text: text[1:] if _GUARDED.match(text) else text)


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def cell(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    changed = table.rename(columns=cell)
    for place, kind in enumerate(table.dtypes):
        if kind.kind == "O":
            changed.isetitem(place, table.iloc[:, place].map(cell))
    return changed

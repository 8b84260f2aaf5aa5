"""The tables that go between screening, the page and the corpus: events, and what people said of them."""

from io import StringIO
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import unescape_formulas

EVENTS = "events.csv"
FACTS = ["event", "recording", "site", "source", "start_s", "end_s", "label", "mean_confidence", "peak_confidence"]
ANSWER = ["verdict", "reviewed_label", "media"]
COLUMNS = [*FACTS, *ANSWER]  # of the page's export, and of REVIEW/events.csv, where nothing is answered yet
SAME = ["recording", "start_s", "end_s", "label"]  # by which an event is known again

ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED = "accepted", "rejected", "relabelled", "skipped", ""
VERDICTS = (ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED)
_NUMBERS = {"start_s", "end_s", "mean_confidence", "peak_confidence", "duration_s"}


def read(path: Path, columns: list[str], remedy: str) -> pd.DataFrame:
    """These columns of a escape_formulas CSV table, all of it text as it was, but numbers where numbers stand.

    Raises EchoError, with what to do about it (`remedy`), if it is not there, or no such table.
    """
    try:
        # pandas takes a byte order mark, which spreadsheets write, for a part of the first name.
        text = path.read_bytes().decode("utf-8-sig")
        table = pd.read_csv(StringIO(text, newline=""), dtype=str, keep_default_na=False)
        missing = [name for name in columns if name not in table.columns]
        if missing:
            raise EchoError(f"{path} has no column {', '.join(missing)}. {remedy}")
        table = unescape_formulas(table[columns])
        for name in _NUMBERS & set(columns):
            table[name] = table[name].astype(float)
    except FileNotFoundError:
        raise EchoError(f"{path} is not there. {remedy}") from None
    except (OSError, ValueError) as error:  # pandas' errors and wrong encodings are ValueErrors
        raise EchoError(f"{path} cannot be read as a table ({error}). {remedy}") from None
    return table

"""labels.csv from answers that are on disk: the same bytes as the page of the review exports for these answers."""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files, spreadsheets
from project_echo.core.errors import EchoError, file_reason
from project_echo.reviews import exchange
from project_echo.reviews.stored_answers import AnswerChange, Change, NoteChange

_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)  # of review.html
_MISSING_IN_SEARCH = ("mean_confidence", "peak_confidence")  # similarities are no confidences


def read_page_data(page: Path) -> dict[str, Any]:
    """Read the data of a review from its page, which has the events' ids and the numbers that it exports.

    Parameters
    ----------
    page : Path
        The review's index.html.

    Returns
    -------
    dict
        `Data` of data.js.

    Raises
    ------
    EchoError
        If the file cannot be read or is no page of a review.
    """
    try:
        found = _DATA.search(page.read_text(encoding="utf-8"))
        data = json.loads(found[1]) if found else None
    except OSError as error:
        raise EchoError(f"{page}: {file_reason(error)}.") from error
    except ValueError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("events"), list):
        raise EchoError(f"{page} is not the page of a review. Write the review again.")
    return data


def label_table(data: dict[str, Any], changes: Iterable[Change]) -> pd.DataFrame:
    """The table of labels, as the page exports it.

    Parameters
    ----------
    data : dict
        From `read_page_data`.
    changes : iterable of Change
        From `stored_answers.read_changes`. Those of events of other reviews are left out.

    Returns
    -------
    pd.DataFrame
        A row per event, with the columns that the page exports: exchange.COLUMNS, or those of its version. Confidences
        of a search are NaN.
    """
    stored = list(changes)
    answers = {change.event: change.answer for change in stored if isinstance(change, AnswerChange)}
    notes = {change.event: change.note for change in stored if isinstance(change, NoteChange)}
    missing = dict.fromkeys(_MISSING_IN_SEARCH, math.nan) if data["searched"] else {}
    rows = []
    for event in data["events"]:
        answer = answers.get(event["id"])
        verdict, label = (answer.verdict, answer.label) if answer else (exchange.UNDECIDED, "")
        given = {"verdict": verdict, "reviewed_label": label, "note": notes.get(event["id"], "")}
        rows.append({**event, **missing, **given})
    kinds = {name: exchange.COLUMNS[name] for name in data["columns"]}  # that the page exports, of its version
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def write_labels(page: Path, changes: Iterable[Change], output: Path) -> pd.DataFrame:
    """Write labels.csv, for `collect_labels`, `improve` and `set_thresholds`.

    Parameters
    ----------
    page : Path
        The review's index.html.
    changes : iterable of Change
        From `stored_answers.read_changes`.
    output : Path
        The CSV file to write.

    Returns
    -------
    pd.DataFrame
        From `label_table`.

    Raises
    ------
    EchoError
        If the page cannot be used.
    """
    table = label_table(read_page_data(page), changes)
    numbers = table.select_dtypes("floating")
    cells = spreadsheets.escape_formulas(table).assign(**{name: numbers[name].map(_number) for name in numbers})
    files.write_text(cells.to_csv(index=False, lineterminator="\r\n"), output)
    return table


def _number(value: float) -> str:
    """A number of the page as JavaScript writes it; the page has six decimals at most."""
    return "NaN" if math.isnan(value) else f"{value + 0.0:.6f}".rstrip("0").rstrip(".")

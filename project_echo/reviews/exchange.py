"""Columns and values of the tables exchanged between the review page and the corpus."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import read_table

EVENTS, MEDIA = "events.csv", "media"  # in the folder of a review
FACTS: Mapping[str, type] = {
    "event": str,
    "recording": str,
    "site": str,
    "source": str,
    "start_s": float,
    "end_s": float,
    "label": str,
    "mean_confidence": float,
    "peak_confidence": float,
}
# Of the page's export, and, without answers, of the review's events.csv.
COLUMNS: Mapping[str, type] = {
    **FACTS,
    "sample": str,  # random for a window drawn at random, which has a row for each label; empty for an event
    "verdict": str,
    "reviewed_label": str,
    "note": str,
    "media": str,
}
ADDED_COLUMNS = ["sample", "note"]  # tables of earlier versions lack them
KEY_COLUMNS = ["recording", "start_s", "end_s", "label"]  # identify an event in an imported table

ACCEPTED = "accepted"  # the label is heard; reviewed_label has it, and what else is heard
RELABELLED = "relabelled"  # it is not, but what reviewed_label has
NOT_THIS_LABEL = "not_this_label"  # it is not; nothing is said about others, and reviewed_label is empty
REJECTED = "rejected"  # none of the labels is heard; reviewed_label is none
SKIPPED, UNDECIDED = "skipped", ""
VERDICTS = (ACCEPTED, RELABELLED, NOT_THIS_LABEL, REJECTED, SKIPPED, UNDECIDED)
SEPARATOR = "|"  # of several labels in reviewed_label; Windows allows it in no name


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


def split_labels(text: str) -> list[str]:
    """The labels of a cell of reviewed_label, each once, in their order."""
    return list(dict.fromkeys(filter(None, (label.strip() for label in text.split(SEPARATOR)))))


def join_labels(labels: Iterable[str]) -> str:
    """Labels as one cell."""
    return SEPARATOR.join(label.replace(SEPARATOR, "_") for label in labels)

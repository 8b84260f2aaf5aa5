"""Answers of a review, event by event and label by label: whether the label was confirmed, and at which confidence."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.text import join_words
from project_echo.reviews import exchange, ledger
from project_echo.reviews.answer_tables import read_columns
from project_echo.reviews.exchange import MODEL, RANDOM, SAMPLE

COLUMNS: Mapping[str, type] = {
    "recording": str,
    "site": str,
    "start_s": float,
    "end_s": float,
    "label": str,
    "peak_confidence": float,  # an event is reported if its peak reaches the threshold
    "verdict": str,
}
# SAMPLE is optional: RANDOM in rows of windows that were drawn at random. Such a window has a row per label that people
# were asked for, whose peak_confidence is the probability of the label in it.
REMEDY = "Export it from the page of the review."
UNSURE = (exchange.SKIPPED, exchange.UNDECIDED)


def read_answered(path: Path, labels: Sequence[str], model: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the table that the page of a review exported.

    Parameters
    ----------
    path : Path
    labels : sequence of str
        Labels of the classifier.
    model : str
        SHA-256 of its card.

    Returns
    -------
    events, windows : pd.DataFrame
        A row per event, or random window, and label: recording, site, label, confidence, and correct (boolean): whether
        the label was confirmed, missing where nobody has said so. Rows that repeat others are left out.

    Raises
    ------
    EchoError
        If the table cannot be used; names the file and the row.
    """
    table, _ = read_columns(path, {**COLUMNS, SAMPLE: str, MODEL: str}, REMEDY)
    if set(table[MODEL]) - {"", exchange.model_name(model)}:
        raise EchoError(
            f"{path} has answers to events of another classifier, also if it was trained again. Thresholds are valid "
            "only for the classifier that found the events: pass that one, or review the results of this one."
        )
    table["verdict"] = table["verdict"].str.strip().str.lower()
    table = table.assign(row=range(2, len(table) + 2), key=ledger.keys(table, [*exchange.KEY_COLUMNS, SAMPLE]))
    _check(table, path, labels)
    correct = (table["verdict"] == exchange.ACCEPTED).astype("boolean").mask(table["verdict"].isin(UNSURE))
    table = table.assign(correct=correct, confidence=table["peak_confidence"])
    answered = table[correct.notna()]
    several = answered.groupby("key")[["correct", "confidence"]].transform("nunique").gt(1).any(axis=1)
    if several.any():
        row = answered[several & answered["key"].duplicated()].iloc[0]
        raise EchoError(
            f"{_where(path, row)}: an earlier row has the same event with another verdict or confidence. Remove one of "
            "them."
        )
    unique = pd.concat([answered, table[correct.isna()]]).drop_duplicates("key").sort_values("row")
    is_random = unique[SAMPLE] == RANDOM
    kept = unique[["recording", "site", "label", "confidence", "correct"]]
    return kept[~is_random].reset_index(drop=True), kept[is_random].reset_index(drop=True)


def _check(table: pd.DataFrame, path: Path, labels: Sequence[str]) -> None:
    verdicts = ", ".join(filter(None, exchange.VERDICTS))
    wrong = [
        (f"unknown verdict. Use one of {verdicts}", ~table["verdict"].isin(exchange.VERDICTS)),
        (
            f"not a label of the model ({join_words(labels)}). Pass the model that screened the recordings",
            ~table["label"].isin(labels),
        ),
        (
            "peak_confidence is not a number from 0 to 1. Use the table of a review; that of a search has none",
            ~table["peak_confidence"].between(0, 1),
        ),
    ]
    for problem, rows in wrong:
        if rows.any():
            row = table[rows].iloc[0]
            raise EchoError(f"{_where(path, row)}: {problem}.")


def _where(path: Path, row: pd.Series) -> str:
    return f"{path}, row {row['row']} ({row['recording']}, {row['start_s']:g} s, {row['label']!r})"

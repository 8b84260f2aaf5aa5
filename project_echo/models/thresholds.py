"""The table thresholds.csv: thresholds that were chosen on reviewed events, and take the place of calibrated ones."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from project_echo.core import files, spreadsheets
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import escape_formulas
from project_echo.core.tables import write_table
from project_echo.core.text import join_words
from project_echo.models.card import DECIMALS, Reviewed, Threshold, probabilities_digest, read_card, save_card

TABLE = "thresholds.csv"
COLUMNS: Mapping[str, type] = {
    "label": str,
    "threshold": float,
    "low": float,  # of its 95% interval
    "high": float,
    "precision": float,  # that the events at or above it had to reach, as all below in `Reviewed`
    "events": int,
    "recordings": int,
}
MODEL = "model"  # column: `card.probabilities_digest` of the model that screened the events; other models differ
REMEDY = f"Use the table that `project-echo thresholds` wrote, or one with only the header {','.join(COLUMNS)}."


def read_thresholds(path: Path, labels: Sequence[str]) -> pd.DataFrame:
    """Read thresholds.csv.

    Parameters
    ----------
    path : Path
    labels : sequence of str
        Labels of the classifier.

    Returns
    -------
    pd.DataFrame
        COLUMNS and MODEL, a row per label that has a threshold there. MODEL is empty in a table without it.

    Raises
    ------
    EchoError
        If the table cannot be used; names the file, and the row, where the header is row 1.
    """
    try:
        table = spreadsheets.read_table(path, {**COLUMNS, MODEL: str}, REMEDY)
    except EchoError:
        table = spreadsheets.read_table(path, COLUMNS, REMEDY).assign(**{MODEL: ""})
    for row, stated in enumerate(table.itertuples(), 2):
        where = f"{path}, row {row} ({stated.label!r})"
        if stated.label not in labels:
            raise EchoError(f"{where}: no such label. Use one of {join_words(labels)}, or remove the row.")
        if (table["label"] == stated.label).idxmax() != stated.Index:
            raise EchoError(f"{where}: an earlier row has the same label. Remove one of them.")
        if not 0 <= stated.low <= stated.threshold <= stated.high <= 1:
            raise EchoError(
                f"{where}: low {stated.low:g}, threshold {stated.threshold:g} and high {stated.high:g} are not numbers "
                "from 0 to 1 in this order. Correct them, or remove the row."
            )
        if not 0 < stated.precision < 1:
            raise EchoError(f"{where}: precision {stated.precision:g} is not between 0 and 1. Correct it.")
    return table


def write_thresholds(table: pd.DataFrame, path: Path) -> None:
    """Write a table of COLUMNS and MODEL as thresholds.csv."""
    write_table(escape_formulas(table[[*COLUMNS, MODEL]]), path, DECIMALS)


def apply_thresholds(folder: Path, table: pd.DataFrame) -> int:
    """Replace thresholds of a classifier by those that were chosen on it.

    Parameters
    ----------
    folder : Path
        Of the classifier. Its card stays as it is if none is replaced.
    table : pd.DataFrame
        What `read_thresholds` returns. Rows of other models, whose probabilities mean something else, do not count.

    Returns
    -------
    int
        How many were replaced; none of a classifier without thresholds, as the dense head's of several animals.
    """
    card = read_card(folder)
    if card.thresholds is None:
        return 0
    applied = table[table[MODEL] == probabilities_digest(card)]
    if len(applied):
        thresholds = replace_thresholds(card.thresholds, card.labels, applied)
        save_card(card.model_copy(update={"thresholds": thresholds, "reviewed": reviewed_labels(applied)}), folder)
    return len(applied)


def replace_thresholds(
    thresholds: Sequence[Threshold], labels: Sequence[str], table: pd.DataFrame
) -> tuple[Threshold, ...]:
    """Thresholds of `labels`, with those of a table in place of the given ones.

    Parameters
    ----------
    thresholds : sequence of Threshold
        Of each label.
    labels : sequence of str
    table : pd.DataFrame
        COLUMNS.

    Returns
    -------
    tuple of Threshold
        Those of the table have six decimals.
    """
    stated = {
        row.label: Threshold(*(round(float(value), DECIMALS) for value in (row.threshold, row.low, row.high)))
        for row in table.itertuples()
    }
    return tuple(stated.get(label, usual) for label, usual in zip(labels, thresholds, strict=True))


def reviewed_labels(table: pd.DataFrame) -> dict[str, Reviewed]:
    """What the thresholds of a table rest on, by label."""
    return {
        row.label: Reviewed(precision=float(row.precision), events=int(row.events), recordings=int(row.recordings))
        for row in table.itertuples()
    }


def copy_model(model: Path, table: pd.DataFrame, folder: Path) -> None:
    """Write a copy of a classifier with other thresholds, and thresholds.csv beside its files.

    Parameters
    ----------
    model : Path
        Folder of a classifier that has thresholds.
    table : pd.DataFrame
        COLUMNS, of some of its labels.
    folder : Path
        Folder of the copy. Its thresholds.csv also has thresholds that the model has from an earlier one.
    """
    card = read_card(model)
    thresholds = replace_thresholds(card.thresholds or (), card.labels, table)
    reviewed = {**card.reviewed, **reviewed_labels(table)}
    with files.atomic_folder(folder) as temporary:
        shutil.copytree(model, temporary, copy_function=shutil.copyfile, dirs_exist_ok=True)
        stated = _threshold_table(card.labels, thresholds, reviewed).assign(**{MODEL: probabilities_digest(card)})
        write_thresholds(stated, temporary / TABLE)
        sha256 = {**card.sha256, TABLE: files.sha256(temporary / TABLE)}
        save_card(card.model_copy(update={"thresholds": thresholds, "reviewed": reviewed, "sha256": sha256}), temporary)


def _threshold_table(
    labels: Sequence[str], thresholds: Sequence[Threshold], reviewed: Mapping[str, Reviewed]
) -> pd.DataFrame:
    """Thresholds that were chosen on reviewed events as a table of COLUMNS, in the order of labels."""
    rows = [
        (label, *threshold, *reviewed[label].model_dump().values())
        for label, threshold in zip(labels, thresholds, strict=True)
        if label in reviewed
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))

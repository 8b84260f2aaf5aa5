"""The ledger of a corpus: which of its files come from reviews, and keeping those files up to date."""

import filecmp
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import empty_table, read_table
from project_echo.corpora import joined

LEDGER = joined.LEDGER  # hidden, as collecting a corpus ignores hidden files
COLUMNS: Mapping[str, type] = {
    "file": str,
    "recording": str,
    "source": str,
    "start_s": float,
    "end_s": float,
    "prediction": str,
    "verdict": str,
    "truth": str,
}
SEGMENT = ["recording", "start_s", "end_s"]
KEY = [*SEGMENT, "prediction"]  # of an event: labels are independent, so several may be heard in one segment
EARLIER_COLUMN = "heard_as"  # of ledgers of earlier versions, in place of `prediction`
DECIMALS = 3  # of seconds; segments that differ by less are the same


def load_ledger(corpus: Path) -> pd.DataFrame:
    """Load the files that earlier reviews added to a corpus and that still exist.

    Parameters
    ----------
    corpus : Path
        Folder of the corpus; it need not exist.

    Returns
    -------
    pd.DataFrame
        COLUMNS, a row per event; `file` is relative to the corpus. Several events may be told in one file. `truth` is
        as `decisions.decide` returns it.

    Raises
    ------
    EchoError
        If the ledger exists but cannot be read, or was written by an earlier version of this project.
    """
    path = corpus / LEDGER
    if not path.exists():
        return empty_table(COLUMNS)
    if _is_of_earlier_version(path):  # which also named the kinds of background differently
        raise EchoError(
            f"{path} was written by an earlier version of this project: it has a column {EARLIER_COLUMN}. Copy your "
            "own recordings into a new folder, and collect the labels of all reviews into that one."
        )
    table = read_table(path, COLUMNS, "Restore it: it lists the files of the corpus that come from reviews.")
    return table[[(corpus / file).is_file() for file in table["file"]]]


def _is_of_earlier_version(path: Path) -> bool:
    try:
        header = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except OSError:
        return False  # reading the table reports it
    return EARLIER_COLUMN in header.strip().split(",")


def keys(table: pd.DataFrame, columns: list[str] = KEY) -> pd.Series:
    """Keys that identify the rows of a table.

    Parameters
    ----------
    table : pd.DataFrame
        Has `columns`.
    columns : list of str
        The columns that make up a key.

    Returns
    -------
    pd.Series of str
        A key for each row, with the index of `table`.
    """
    rows = [
        "\n".join(f"{value:.{DECIMALS}f}" if isinstance(value, float) else str(value) for value in row)
        for row in table[columns].itertuples(index=False)
    ]
    return pd.Series(rows, index=table.index, dtype=str)


def update_files(before: pd.DataFrame, after: pd.DataFrame, sounds: dict[str, Path], corpus: Path) -> dict[str, int]:
    """Add, move and remove files of a corpus so that it matches a new ledger.

    Only files that `before` lists are moved or removed. Events of one segment share a file.

    Parameters
    ----------
    before, after : pd.DataFrame
        The old and the new ledger, of the events that have a sound of their own: SEGMENT, and `file` relative to the
        corpus.
    sounds : dict of str to Path
        The sound of each segment that may have to be added, by its key.
    corpus : Path
        Folder of the corpus.

    Returns
    -------
    dict of str to int
        Number of files "added", "moved" and "removed".

    Raises
    ------
    EchoError
        If a file that did not come from a review is in the way; nothing is changed then.
    """
    # Earlier versions gave each label of a segment a file of its own.
    old = {corpus / file: key for key, file in zip(keys(before, SEGMENT), before["file"], strict=True)}
    new = {key: corpus / file for key, file in zip(keys(after, SEGMENT), after["file"], strict=True)}
    origins = {**sounds, **{key: path for path, key in old.items()}}
    for key, path in new.items():
        if path.exists() and path not in old and not filecmp.cmp(path, origins[key], shallow=False):
            raise EchoError(f"{path} exists and did not come from a review. Move it elsewhere.")
    counts = {"added": 0, "moved": 0, "removed": 0}
    known = set(old.values())
    for key, path in new.items():
        if not path.exists():
            counts["moved" if key in known else "added"] += 1
            with files.atomic_path(path) as temporary:
                shutil.copyfile(origins[key], temporary)
    new_ids = {_file_id(path) for path in new.values()}
    for path, key in old.items():
        if path != new.get(key):
            counts["removed"] += key not in new
            if _file_id(path) not in new_ids:  # Owl/ and owl/ are the same folder where the file system ignores case
                path.unlink()
                _remove_empty_folders(path.parent, corpus)
    return counts


def _file_id(path: Path) -> tuple[int, int]:
    """The same for two paths of one file (`Path.samefile`)."""
    status = path.stat()
    return status.st_dev, status.st_ino


def _remove_empty_folders(folder: Path, corpus: Path) -> None:
    """Remove a folder and its parents as far as they are empty; collecting a corpus would report them as skipped."""
    while folder != corpus and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent

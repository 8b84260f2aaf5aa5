"""Tables of a collected corpus: its recordings, and what was skipped.

Columns of the recordings: `recording` (path inside the corpus), `label` (``none`` for background), `kind` (the label of
an animal; of background what it is, for example rain, engine or owl), `source` (individual, site, video or device; a
split never divides it), `unseen` (for screening only; `label` is then the truth, empty where unknown), `original`
(name of the file it came from).
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.errors import EchoError

COLUMNS = ["recording", "label", "kind", "source", "unseen", "original"]


@dataclass
class Corpus:
    """A collected corpus: `recordings` with the columns above, `skipped` with columns `recording` and `reason`."""

    recordings: pd.DataFrame
    skipped: pd.DataFrame


def recordings_table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The table of recordings, from rows in the order of COLUMNS."""
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"unseen": bool})
    for name in ("label", "kind", "source", "original"):  # names that are not UTF-8 must still fit in a table
        table[name] = table[name].map(_printable)
    return table


def skipped_table(rows: list[tuple[str, str]]) -> pd.DataFrame:
    """The table of skipped recordings, from their names and the reasons."""
    return pd.DataFrame([(_printable(name), reason) for name, reason in rows], columns=["recording", "reason"])


def _printable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", errors="backslashreplace")


def copy_recording(path: Path, target: Path) -> str:
    """Copy a recording into the corpus.

    Parameters
    ----------
    path : Path
        The recording.
    target : Path
        The copy; its folder is created if needed.

    Returns
    -------
    str
        The reason if it cannot be read; empty if it was copied.

    Raises
    ------
    EchoError
        If the copy cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except (PermissionError, FileNotFoundError) as error:
        target.unlink(missing_ok=True)
        return f"cannot be read ({error.strerror})"
    except OSError as error:
        raise EchoError(
            f"{path} cannot be copied to {target} ({error.strerror}). Check the disk, then run again."
        ) from None
    return ""

"""A collected corpus: a table of recordings, and what was left out.

Columns: `recording` (path inside the corpus), `label` (``none`` for background, which holds none of the animals),
`kind` (of an animal its label, of background what it is: rain, engine, owl), `source` (individual, site, video or
device: what a split may not divide), `unseen` (kept for screening only; `label` is then the truth, empty where
unknown), `original` (the name it came with).
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.errors import EchoError

COLUMNS = ["recording", "label", "kind", "source", "unseen", "original"]
UNSEEN = "unseen"


@dataclass
class Corpus:
    """Recordings by the columns above, and what was left out: columns `recording`, `reason`."""

    recordings: pd.DataFrame
    skipped: pd.DataFrame


def recordings(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The table of recordings, from rows in the order of COLUMNS."""
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"unseen": bool})
    for name in ("label", "kind", "source", "original"):  # names that are not UTF-8 must still be writable in a table
        table[name] = table[name].map(_printable)
    return table


def skipped(rows: list[tuple[str, str]]) -> pd.DataFrame:
    """The table of what was left out, with the reasons."""
    return pd.DataFrame([(_printable(name), reason) for name, reason in rows], columns=["recording", "reason"])


def _printable(text: str) -> str:
    return os.fsencode(text).decode("utf-8", errors="backslashreplace")


def copy(path: Path, target: Path) -> str:
    """Copy a recording into the corpus; the reason if it may not be read. Raises EchoError if it cannot be written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except (PermissionError, FileNotFoundError) as error:
        target.unlink(missing_ok=True)
        return f"cannot be read ({error.strerror})"
    except OSError as error:
        raise EchoError(f"{path} cannot be copied to {target}: {error.strerror}.") from None
    return ""

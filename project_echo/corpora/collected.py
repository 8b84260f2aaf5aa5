"""Tables of a collected corpus: its recordings, and what was skipped.

Columns of the recordings: `recording` (path inside the corpus), `label` (``none`` for background, PARTIAL where nothing
is known but what is stated), `kind` (the label of an animal; of background what it is, for example rain, engine or
owl), `source` (individual, site, video or device; a split never divides it), `unseen` (for screening only; `label` is
then the truth, empty where unknown), `original` (name of the file it came from).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.names import printable
from project_echo.datasets.stated import STATED

LISTED = 3  # examples in a message
COLUMNS = ["recording", "label", "kind", "source", "unseen", "original"]


@dataclass
class Corpus:
    """A collected corpus: `recordings` with the columns above, `skipped` with columns `recording` and `reason`.

    `stated` is what is known of parts of recordings (`partial.read_stated`), with columns STATED.
    """

    recordings: pd.DataFrame
    skipped: pd.DataFrame
    stated: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=STATED))


@dataclass(frozen=True)
class Found:
    """A recording before it is collected: its row of the table, and the files that it is copied or joined from."""

    recording: str
    label: str
    kind: str
    source: str
    unseen: bool
    original: str
    paths: tuple[Path, ...]


def found_table(found: Iterable[Found]) -> pd.DataFrame:
    """The table of recordings that were found."""
    return recordings_table([tuple(getattr(recording, name) for name in COLUMNS) for recording in found])


def recordings_table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The table of recordings, from rows in the order of COLUMNS."""
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"unseen": bool})
    for name in ("label", "kind", "source", "original"):  # names that are not UTF-8 must still fit in a table
        table[name] = table[name].map(printable)
    return table


def skipped_table(rows: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """The table of skipped recordings, from their names and the reasons, sorted."""
    return pd.DataFrame(sorted((printable(name), reason) for name, reason in rows), columns=["recording", "reason"])


def examples(texts: Sequence[str]) -> str:
    """The first of some texts, for a message: "a; b; c and 4 more"."""
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    return printable("; ".join(texts[:LISTED])) + more

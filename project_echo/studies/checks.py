"""Checks of a folder of recordings before anything is trained: what it contains, and what cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.text import count, join_words
from project_echo.corpora.collected import Found, examples, found_table
from project_echo.corpora.copies import leave_out_copies
from project_echo.corpora.joined import check_labels, find_joined
from project_echo.corpora.readable import check_readable
from project_echo.datasets.split import PARTS

MIN_SOURCES = len(PARTS)  # of a label, and of a kind of background: one for each part
ENOUGH_SOURCES = 10  # below, a label is worth a hint
LISTED = 12  # labels in the table


@dataclass(frozen=True)
class Recordings:
    """What a folder of recordings contains.

    Attributes
    ----------
    table : pd.DataFrame
        The recordings that are used: `corpora.collected.COLUMNS`.
    skipped : list of (str, str)
        Names of the files that are not, and the reasons, as far as they are known without decoding.
    """

    table: pd.DataFrame
    skipped: list[tuple[str, str]]


def check_recordings(folder: Path, reviewed: Path) -> Recordings:
    """Check whether a classifier can be trained on a folder of recordings, without decoding any.

    Parameters
    ----------
    folder : Path
        The folder of labels (`corpora.folder.find_recordings`).
    reviewed : Path
        The folder of reviewed events that is joined with it; it need not exist.

    Returns
    -------
    Recordings

    Raises
    ------
    EchoError
        If it is not a folder, a file cannot be read, there is nothing to tell apart, the same recording has two labels,
        or a label or a kind of background has fewer sources than MIN_SOURCES.
    """
    if not folder.is_dir():
        raise EchoError(f"{folder} is not a folder. Name the folder that contains <label>/<recording>.")
    for path in (folder, *([reviewed] if reviewed.exists() else [])):
        check_readable(path, str(path))
    found, skipped, _ = find_joined(folder, reviewed)
    try:
        check_labels(found, folder)
        kept, copies = leave_out_copies(found, folder)
        _check_sources(kept, folder)
    except EchoError as error:
        if not skipped:
            raise
        raise EchoError(f"{error} Not used: {_reasons(skipped)}.") from None
    return Recordings(found_table(kept), [*skipped, *copies])


def count_sources(table: pd.DataFrame) -> pd.DataFrame:
    """Recordings and sources of each label and of each kind of background.

    Parameters
    ----------
    table : pd.DataFrame
        Recordings: `corpora.collected.COLUMNS`.

    Returns
    -------
    pd.DataFrame
        A row for each: label, kind, recordings, sources. Labels come first, without unseen and partially labelled ones.
    """
    known = table[~table["unseen"] & (table["label"] != PARTIAL)]
    counts = known.groupby(["label", "kind"], as_index=False).agg(
        recordings=("recording", "size"), sources=("source", "nunique")
    )
    order = counts.assign(is_background=counts["label"] == NONE).sort_values(["is_background", "kind"])
    return order.drop(columns="is_background").reset_index(drop=True)


def describe_recordings(recordings: Recordings) -> list[str]:
    """Lines on what a folder of recordings contains: a table of labels, and what is not used.

    Parameters
    ----------
    recordings : Recordings

    Returns
    -------
    list of str
    """
    counts = count_sources(recordings.table)
    names = [_name(row.label, row.kind) for row in counts.itertuples()]
    width = max(map(len, (*names, "label")))
    lines = [f"{'label':{width}}  recordings  sources"]
    lines += [
        f"{name:{width}}  {row.recordings:10d}  {row.sources:7d}"
        for name, row in zip(names[:LISTED], counts.itertuples(), strict=False)
    ]
    if len(counts) > LISTED:
        lines.append(f"and {len(counts) - LISTED} more")
    return [*lines, *hints(recordings)]


def hints(recordings: Recordings) -> list[str]:
    """Sentences on what is not used, and on what would make a classifier better.

    Parameters
    ----------
    recordings : Recordings

    Returns
    -------
    list of str
    """
    counts = count_sources(recordings.table)
    lines = []
    if not (counts["label"] == NONE).any():
        lines.append(
            "There is no background. With recordings of what else is heard there, such as rain, engines and other "
            "animals, in none/<kind>/, false alarms are fewer, and are measured."
        )
    for label, name in ((PARTIAL, "partially labelled"), ("", "unseen, which are screened at the end")):
        if n := int((recordings.table["label"] == label).sum()):
            lines.append(f"{count(n, 'recording')} {name}")
    if recordings.skipped:
        lines.append(f"{count(len(recordings.skipped), 'file')} not used: {_reasons(recordings.skipped)}")
    animals = counts[counts["label"] != NONE]
    if few := [f"{row.label} ({row.sources})" for row in animals.itertuples() if row.sources < ENOUGH_SOURCES]:
        lines.append(f"Few sources of {join_words(few)}: from {ENOUGH_SOURCES} on, results are much more certain.")
    return lines


def _name(label: str, kind: str) -> str:
    return f"{NONE}/{kind}" if label == NONE and kind != NONE else label


def _reasons(skipped: Sequence[tuple[str, str]]) -> str:
    return examples([f"{name} ({reason})" for name, reason in skipped])


def _check_sources(found: Sequence[Found], folder: Path) -> None:
    """Raise EchoError, naming every label and kind of background with too few sources."""
    counts = count_sources(found_table(found))
    few = counts[counts["sources"] < MIN_SOURCES]
    if few.empty:
        return
    names = [f"{_name(row.label, row.kind)} has {count(row.sources, 'source')}" for row in few.itertuples()]
    remedies = []
    if (few["label"] != NONE).any():
        remedies.append(
            f"Add recordings of other animals or places to a label, {ENOUGH_SOURCES} in all or more, or move its "
            f"folder into {NONE}/ if you do not want to find it"
        )
    if (few["label"] == NONE).any():
        remedies.append(
            f"Add recordings to a kind of background, or move them into the folder of another kind in {NONE}/"
        )
    raise EchoError(
        f"{folder}: {'; '.join(names)}. Each label and kind of background needs at least {MIN_SOURCES}: one to learn "
        f"from, one to choose on and one to be tested on. {'. '.join(remedies)}. Each file in the folder of a label is "
        "a source, or each folder in it."
    )

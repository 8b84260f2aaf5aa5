"""Recordings of a corpus that lies in folders: one of recordings, and perhaps one of reviewed events beside it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NO_ANIMAL, NONE, PARTIAL, RESERVED, UNSEEN, label_key, same_names
from project_echo.core.names import portable_name
from project_echo.core.text import count
from project_echo.corpora.collected import Found
from project_echo.corpora.folder import find_recordings
from project_echo.corpora.partial import leave_out_unstated, read_stated

LEDGER = ".labels.csv"  # of a folder to which `project-echo collect-labels` has added events


def find_joined(corpus: Path, reviewed: Path) -> tuple[list[Found], list[tuple[str, str]], pd.DataFrame]:
    """Find the recordings in a folder of recordings, and the events of reviews that another folder holds.

    Parameters
    ----------
    corpus : Path
        Folder of labelled recordings (`folder.find_recordings`).
    reviewed : Path
        A folder of the same layout that `project-echo collect-labels` has written; any other one is passed over, and so
        is `corpus` itself.

    Returns
    -------
    found : list of Found
    skipped : list of (str, str)
        Name and reason of what cannot be used, as far as can be known without decoding.
    stated : pd.DataFrame
        What both state about parts of recordings (`partial.read_stated`).

    Raises
    ------
    EchoError
        As `find_recordings` and `partial.read_stated`, or if both have a recording of the same name.
    """
    folders = [corpus]
    if (reviewed / LEDGER).is_file() and reviewed.resolve() != corpus.resolve():
        folders.append(reviewed)
    parts = [find_recordings(folder) for folder in folders]
    for found, _ in parts[1:]:
        found[:] = _with_sources_of(parts[0][0], found)
    everything = [recording for found, _ in parts for recording in found]
    names: dict[str, Path] = {}
    for recording in everything:
        path = recording.paths[0]
        if (first := names.setdefault(recording.recording.casefold(), path)) != path:
            raise EchoError(f"{path} has the same name as {first}, with which it is joined. Rename one of them.")
    tables = [read_stated(folder, found, everything) for folder, (found, _) in zip(folders, parts, strict=True)]
    filled = [table for table in tables if len(table)]
    stated = pd.concat(filled, ignore_index=True) if filled else tables[0]
    kept, unstated = leave_out_unstated(everything, stated)
    return kept, [*(entry for _, skipped in parts for entry in skipped), *unstated], stated


def _with_sources_of(recordings: Sequence[Found], reviewed: Sequence[Found]) -> list[Found]:
    """Reviewed events with the sources that the recordings have: a review's site is the folder of the same name.

    Its name in the folder of reviewed events has no spaces or letters that other systems lack. Taken for two sources,
    one place could be trained and tested on.
    """
    names = {portable_name(recording.source): recording.source for recording in recordings}
    return [replace(event, source=names.get(event.source, event.source)) for event in reviewed]


def check_labels(found: Sequence[Found], origin: Path) -> None:
    """Check that a classifier can be trained on the labels of recordings.

    Parameters
    ----------
    found : sequence of Found
    origin : Path
        The corpus, for the error message.

    Raises
    ------
    EchoError
        If there is nothing to tell apart (two labels, or one and background), a label is a reserved name, or names are
        the same but for case, spaces or accents.
    """
    labelled = [recording for recording in found if not recording.unseen]
    labels = sorted({recording.label for recording in labelled}.difference(NO_ANIMAL))
    kinds = {recording.kind for recording in labelled if recording.label == NONE}
    if len(labels) + bool(kinds) < 2 or not labels:
        raise EchoError(
            f"{origin} contains {count(len(found), 'recording')} of {count(len(labels), 'label')}"
            f"{': ' * bool(labels)}{', '.join(labels)}{' and of background' * bool(kinds)}. A classifier needs at "
            "least two labels, or one and background: put recordings in <label>/<file> and none/<kind>/<file>."
        )
    reserved_keys = {label_key(name) for name in (*RESERVED, UNSEEN, *NO_ANIMAL)}
    reserved = [label for label in labels if label_key(label) in reserved_keys]
    if reserved := reserved + [kind for kind in kinds if label_key(kind) == PARTIAL]:
        raise EchoError(
            f"{origin}: the name {reserved[0]} is reserved, for a column of the results or a folder with a meaning of "
            "its own. Rename it."
        )
    if clash := same_names(labels) or same_names(kinds):
        raise EchoError(f"{origin}: {clash} differ only in case, spaces or accents. Rename or merge them.")
    keys = {label_key(label) for label in labels}
    if ambiguous := sorted(kind for kind in kinds if label_key(kind) in keys):
        raise EchoError(f"{origin}: {ambiguous[0]} is both a label and a kind of background. Rename one of them.")

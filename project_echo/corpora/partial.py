"""What a table beside a folder of recordings states about parts of them: which labels are heard, and which are not."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NO_ANIMAL, PARTIAL, label_key
from project_echo.core.spreadsheets import read_table
from project_echo.corpora.collected import Found
from project_echo.datasets.stated import ABSENT, PRESENT, STATED

TABLE = "labels.csv"
INPUT = {"file": str, "start_s": float, "end_s": float, "label": str, "present": str}


def read_stated(folder: Path, found: Sequence[Found], corpus: Sequence[Found] | None = None) -> pd.DataFrame:
    """Read labels.csv of a folder of recordings, if it has one.

    Of labelled recordings it states what is learned from them; of those in the folder PARTIAL it is all that is
    learned. In an unseen one the events of a label are scored where the table has rows of both: rows with yes are all
    of its calls there, and without any it does not call.

    Parameters
    ----------
    folder : Path
        Its table has the columns file (path in the folder), start_s, end_s (s), label, and present (yes or no).
    found : sequence of Found
        The recordings of the folder.
    corpus : sequence of Found, optional
        The recordings of all folders that are joined, whose labels may be stated; by default `found`.

    Returns
    -------
    pd.DataFrame
        STATED, by recording and start; empty if there is no table. Rows of files that are not used, such as those in
        skipped.csv, are left out.

    Raises
    ------
    EchoError
        Naming the first row with a file that does not exist, an unknown label, a time that makes no sense, or neither
        yes nor no.
    """
    path = folder / TABLE
    if not path.is_file():
        return pd.DataFrame(columns=STATED)
    table = read_table(path, INPUT, f"Its columns are {', '.join(INPUT)}.")
    known = found if corpus is None else corpus
    labels = {label_key(item.label): item.label for item in known if not item.unseen and item.label not in NO_ANIMAL}
    recordings = {Path(item.original).as_posix(): item.recording for item in found}
    rows = []
    for number, row in enumerate(table.itertuples(index=False), start=2):  # the header is row 1
        problem = _problem(row.start_s, row.end_s, row.label, row.present, labels)
        if not problem and not (folder / row.file).is_file():
            problem = f"there is no file {row.file!r} in the folder. Correct its path, or remove the row."
        if problem:
            raise EchoError(f"{path}, row {number}: {problem}")
        recording = recordings.get(Path(row.file).as_posix())
        if recording is not None:
            present = row.present.strip().casefold()
            rows.append((recording, labels[label_key(row.label)], row.start_s, row.end_s, present))
    return pd.DataFrame(rows, columns=STATED).sort_values(STATED, ignore_index=True)


def leave_out_unstated(found: Sequence[Found], stated: pd.DataFrame) -> tuple[list[Found], list[tuple[str, str]]]:
    """Leave out the recordings in the folder PARTIAL that nothing is stated of.

    Parameters
    ----------
    found : sequence of Found
    stated : pd.DataFrame
        From `read_stated`.

    Returns
    -------
    kept : list of Found
    skipped : list of (str, str)
        Name and reason of the others.
    """
    known = set(stated["recording"])
    unstated = [item for item in found if item.label == PARTIAL and item.recording not in known]
    reason = f"{TABLE} states nothing of it, and nothing else is known of recordings in {PARTIAL}"
    return [item for item in found if item not in unstated], [(item.original, reason) for item in unstated]


def _problem(start_s: float, end_s: float, label: str, present: str, labels: dict[str, str]) -> str:
    """What is wrong with a row, and what to do; empty if nothing is."""
    if not 0 <= start_s < end_s < float("inf"):
        return f"start_s {start_s:g} and end_s {end_s:g} are not a stretch of time. Give seconds, the start first."
    if label_key(label) not in labels:
        return f"the label {label!r} has no folder. Use one of {', '.join(sorted(labels.values()))}."
    if present.strip().casefold() not in (PRESENT, ABSENT):
        return f"present is {present!r}. Write yes or no."
    return ""

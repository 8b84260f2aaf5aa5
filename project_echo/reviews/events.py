"""Events of a screening as a table to review, and the recordings that they come from."""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError, file_reason
from project_echo.media.errors import UnusableMediaError
from project_echo.models.card import card_digest
from project_echo.screening import columns, discovery
from project_echo.screening.identity import is_unchanged
from project_echo.screening.journal import SETTINGS, Journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.results import Results

RECORDING_COLUMNS = ["recording", "site", "recorded_at", "duration_s"]


def load_journal(results: Path, model: Path) -> tuple[Journal, str]:
    """Load the journal of a results folder.

    Parameters
    ----------
    results : Path
        Output folder of `project-echo predict`.
    model : Path
        Folder of the classifier that screened the recordings.

    Returns
    -------
    Journal
    str
        SHA-256 of the classifier's card.

    Raises
    ------
    EchoError
        If `results` is no results folder, `model` contains no classifier, or another one made the results.
    """
    settings = results / JOURNAL / SETTINGS
    if not settings.is_file():
        raise EchoError(
            f"{results} contains no screening results ({JOURNAL}/{SETTINGS} is missing). Pass the output folder of "
            "`project-echo predict`; if it was copied, copy its hidden folder as well."
        )
    digest = str(files.read_json(settings, "Screen again without resuming (--no-resume).").get("model"))
    if digest != card_digest(model):
        raise EchoError(
            f"{results} contains results from a different model than {model}. Pass the model that made them, or screen "
            "again with this one."
        )
    return Journal(results / JOURNAL), digest


def load_events(results: Path, digest: str) -> pd.DataFrame:
    """Load the events of a results folder, with the facts of their recordings.

    Parameters
    ----------
    results : Path
        Output folder of `project-echo predict`.
    digest : str
        SHA-256 of the classifier's card, from `load_journal`.

    Returns
    -------
    pd.DataFrame
        A row per event: columns.EVENTS, RECORDING_COLUMNS, `event` (its number, from 1), `source` (the site, or the
        recording if there is none; a split never divides it) and `id` (the same for the same event of the same model,
        however many events there are).

    Raises
    ------
    EchoError
        If events.csv or recordings.csv is missing or unusable.
    """
    recordings = Results(results).recordings[RECORDING_COLUMNS].drop_duplicates("recording")
    table = Results(results).events.merge(recordings, on="recording", how="left", validate="many_to_one")
    table = _with_source(table.fillna({"site": "", "recorded_at": "", "duration_s": table["end_s"]}))
    table["id"] = [_event_id(digest, event) for event in table[list(columns.EVENTS)].to_dict("records")]
    return table.assign(event=range(1, len(table) + 1))


def load_recordings(results: Path) -> pd.DataFrame:
    """The screened recordings of a results folder: RECORDING_COLUMNS, `windows` (their number) and `source`."""
    table = Results(results).recordings[[*RECORDING_COLUMNS, "windows"]].drop_duplicates("recording")
    return _with_source(table.reset_index(drop=True))


def _with_source(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(source=table["site"].where(table["site"] != "", table["recording"]))


def _event_id(digest: str, event: dict[str, Any]) -> str:
    text = "\n".join([digest, *(str(event[name]) for name in columns.EVENTS)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def locate_recording(recording: str, journal: Journal) -> Path:
    """Find the file of a screened recording.

    Parameters
    ----------
    recording : str
        Its name in the results.
    journal : Journal
        The journal of the screening.

    Returns
    -------
    Path

    Raises
    ------
    UnusableMediaError
        If the file is missing, cannot be read, or was changed since it was screened.
    """
    path = discovery.recording_path(recording)
    try:
        unchanged = is_unchanged(path, journal.metadata(recording) or {})
    except OSError as error:
        raise UnusableMediaError(f"the recording {file_reason(error)}") from None
    if not unchanged:
        raise UnusableMediaError("the recording was changed since it was screened: screen it again")
    return path

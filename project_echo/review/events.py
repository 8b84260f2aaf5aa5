"""What a screening found, as a table of events to review, and where their recordings are now."""

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.media.decode import UnusableMediaError
from project_echo.models import classifier
from project_echo.review import exchange
from project_echo.screening import discovery, worker
from project_echo.screening.journal import SETTINGS, Journal
from project_echo.screening.output import JOURNAL

HEARD = ["recording", "label", "start_s", "end_s", "windows", "mean_confidence", "peak_confidence"]
RECORDED = ["recording", "site", "recorded_at", "duration_s"]


def journal(results: Path, model: Path) -> tuple[Journal, str]:
    """The journal of a results folder, and the digest of its model.

    Raises EchoError if it is no such folder, or was made by another model than `model`.
    """
    settings = results / JOURNAL / SETTINGS
    if not settings.is_file():
        raise EchoError(
            f"{results} holds no results of a screening (no {JOURNAL}/{SETTINGS}). Name the --output of a "
            "`project-echo predict`; if it was copied, copy it with its hidden folder."
        )
    if not (model / classifier.CARD).is_file():
        raise EchoError(f"{model} holds no classifier ({classifier.CARD}). Name another: --model FOLDER.")
    digest = str(files.read_json(settings).get("model"))
    if digest != classifier.sha256(model / classifier.CARD):
        raise EchoError(
            f"{results} was made by another model than {model}. Name the one that made it (--model FOLDER), or screen "
            "anew with this one."
        )
    return Journal(results / JOURNAL), digest


def events(results: Path, digest: str) -> pd.DataFrame:
    """The events of a results folder, numbered from 1 (`event`), with HEARD, RECORDED, `source` and `id`.

    A source is what a split may not divide: the site, where there is one, else the recording. An `id` is the same for
    the same event of the same model, however many events there are by now.
    """
    remedy = f"Run `project-echo predict ... --output {results}` to its end."
    found = exchange.read(results / "events.csv", HEARD, remedy)
    recorded = exchange.read(results / "recordings.csv", RECORDED, remedy).drop_duplicates("recording")
    table = found.merge(recorded, on="recording", how="left", validate="many_to_one")
    table = table.fillna({"site": "", "recorded_at": "", "duration_s": table["end_s"]})
    table["source"] = table["site"].where(table["site"] != "", table["recording"])
    table["id"] = [_id(digest, event) for event in table[HEARD].to_dict("records")]
    return table.assign(event=range(1, len(table) + 1))


def _id(digest: str, event: dict[str, Any]) -> str:
    return hashlib.sha256("\n".join([digest, *(str(event[name]) for name in HEARD)]).encode()).hexdigest()[:16]


def located(recording: str, noted: Journal) -> Path:
    """Where the recording of an event is. Raises UnusableMediaError if it is not the one that was screened."""
    path = discovery.path_of(recording)
    try:
        now = worker.stamp(path)
    except OSError as error:
        raise UnusableMediaError(f"the recording cannot be read ({error.strerror})") from None
    about = noted.find(recording)
    if about is None or not now.items() <= about.items():
        raise UnusableMediaError("the recording was changed since it was screened")
    return path

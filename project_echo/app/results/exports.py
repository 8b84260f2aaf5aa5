"""Exports of results: the screening is run again with formats added, which screens nothing again."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, get_args

from project_echo.app.jobs.job import Job
from project_echo.app.opened import OpenedFolders
from project_echo.core.errors import EchoError
from project_echo.screening.screen import Format

PROGRAMS = {"audacity": "Audacity", "kaleidoscope": "Kaleidoscope", "raven": "Raven"}
FORMATS: tuple[str, ...] = get_args(Format)


def find_screening(jobs: Iterable[Job], folder: Path) -> Job | None:
    """The last job that has written the results in a folder; None if another program has.

    Parameters
    ----------
    jobs : iterable of Job
        The newest first.
    folder : Path
        Of the results.

    Returns
    -------
    Job or None
    """
    written = (job for job in jobs if job.action == "predict" and job.state == "done")
    return next((job for job in written if Path(job.arguments["output"]) == folder), None)


def export_arguments(job: Job, model: Path, formats: Sequence[str], opened: OpenedFolders) -> dict[str, Any]:
    """Arguments of the job that exports results.

    Parameters
    ----------
    job : Job
        From `find_screening`.
    model : Path
        Folder of the classifier that made the results; the one of the job may have been trained again since.
    formats : sequence of str
        Formats to add; earlier ones are written again, so that all are of the same events.
    opened : OpenedFolders

    Returns
    -------
    dict

    Raises
    ------
    EchoError
        If there is no such format, or a folder of recordings is no longer opened.
    """
    unknown = set(formats) - set(FORMATS)
    if unknown or not formats:
        raise EchoError("Choose a format: " + ", ".join(PROGRAMS[name] for name in FORMATS) + ".")
    for text in job.arguments["recordings"]:
        try:
            opened.check(Path(text))
        except PermissionError:
            raise EchoError(f"{text} is no longer opened. Open it on the page Recordings, then export.") from None
    return {**job.arguments, "model": str(model), "formats": sorted({*job.arguments.get("formats", ()), *formats})}


def zip_folder(folder: Path, target: IO[bytes], opened: OpenedFolders) -> None:
    """Pack a folder into a file that is open for writing. Raises PermissionError if a link in it leads outside."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(opened.check(path), path.relative_to(folder))

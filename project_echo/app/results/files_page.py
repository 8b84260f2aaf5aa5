"""Files of results: tables to download, exports for other programs, and what was skipped or gave an alert."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from project_echo.app.context import Form, context_of, field, start, takes_form
from project_echo.app.made_by import made_by
from project_echo.app.results.exports import FORMATS, PROGRAMS, export_arguments, find_screening, zip_folder
from project_echo.app.results.shown import attachment, folder_of, show_section
from project_echo.core.errors import EchoError
from project_echo.screening.results import read_results

TABLES = {
    "events.csv": "each event: recording, label, start, end, confidence",
    "recordings.csv": "each recording: site, time, length, and events of each label",
    "activity.csv": "events of each label by site, day and hour, per recorded hour",
    "activity.png": "the same as a figure",
    "windows.parquet": "the probability of each label in each window",
    "alerts.csv": "events that matched an alert rule",
    "skipped.csv": "recordings that could not be used, with the reasons",
    "sites.csv": "the coordinates of sites that you have entered",
}
MAX_ROWS = 500  # of skipped recordings and of alerts on the page
BLOCK = 1 << 16  # bytes


def show_files(request: Request) -> HTMLResponse:
    """The files, and the exports that are there or can be made."""
    name = request.query_params.get("name", "")
    folder = folder_of(request, name)
    job = find_screening(context_of(request).queue.all(), folder)
    return show_section(
        request,
        "results/files",
        name,
        folder,
        where=folder,
        quoted=shlex.quote(str(folder)),
        files=[
            (file, text, (folder / file).stat().st_size) for file, text in TABLES.items() if (folder / file).is_file()
        ],
        exports=[(form, PROGRAMS[form], _count_files(folder / form)) for form in FORMATS],
        job=job,
    )


def show_notes(request: Request) -> HTMLResponse:
    """Recordings that were skipped, with the reasons, and alerts."""
    name = request.query_params.get("name", "")
    folder = folder_of(request, name)
    results = read_results(folder)
    skipped = results.skipped if (folder / "skipped.csv").is_file() else None
    return show_section(
        request,
        "results/notes",
        name,
        folder,
        skipped=[] if skipped is None else skipped.head(MAX_ROWS).to_dict("records"),
        n_skipped=0 if skipped is None else len(skipped),
        alerts=results.alerts.head(MAX_ROWS),
        n_alerts=len(results.alerts),
        has_rules=(folder / "alerts.csv").is_file(),
        max_rows=MAX_ROWS,
    )


def export(request: Request, form: Form) -> Response:
    """Start the export to formats of other programs."""
    name = field(form, "name")
    folder = folder_of(request, name)
    context = context_of(request)
    job = find_screening(context.queue.all(), folder)
    if job is None:
        raise EchoError(f"{name} was not screened here. Screen the recordings with this name, then export.")
    classifier = made_by(folder, context.workspace)
    if classifier is None:
        raise EchoError(f"An export needs the model that made the results {name}, which is no longer here.")
    formats = form.get("format", [])
    arguments = export_arguments(job, classifier.folder, formats, context.opened)
    return start(request, "predict", arguments, f"Export {name} for {', '.join(PROGRAMS[name_] for name_ in formats)}")


def download(request: Request) -> Response:
    """A table, or the files of a format: packed, if there may be several."""
    name = request.query_params.get("name", "")
    folder, file = folder_of(request, name), request.query_params.get("file", "")
    opened = context_of(request).opened
    if file in TABLES and (folder / file).is_file():
        return FileResponse(opened.check(folder / file), headers=attachment(f"{name} {file}"))
    if file == "kaleidoscope" and (table := folder / file / "kaleidoscope.csv").is_file():
        return FileResponse(opened.check(table), headers=attachment(f"{name} {file}.csv"))
    if file in FORMATS and (folder / file).is_dir():
        packed = TemporaryFile()  # noqa: SIM115  (the answer closes it)
        zip_folder(opened.check(folder / file), packed, opened)
        return StreamingResponse(
            _blocks(packed), headers=attachment(f"{name} {file}.zip"), media_type="application/zip"
        )
    raise HTTPException(404)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        stream.seek(0)
        while block := stream.read(BLOCK):
            yield block


def _count_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else 0


ROUTES = [
    Route("/results/files", show_files),
    Route("/results/notes", show_notes),
    Route("/results/export", takes_form(export), methods=["POST"]),
    Route("/results/download", download),
]

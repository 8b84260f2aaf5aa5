"""Recordings: the folders that are opened, what they contain, and what is wrong with it."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.addresses import address_of, requested_path, whole_number
from project_echo.app.context import Form, context_of, field, go, show, takes_form
from project_echo.app.recordings import folder_picker
from project_echo.app.recordings.contents import Contents, Glance, Item, Kind, glance, read_contents
from project_echo.app.recordings.surveys import Survey, Surveys
from project_echo.app.sounds.excerpts import prepare
from project_echo.app.sounds.headers import read_header
from project_echo.app.sounds.positions import length
from project_echo.core.errors import EchoError
from project_echo.screening.discovery import recording_path
from project_echo.studies.checks import ENOUGH_SOURCES, MIN_SOURCES

ROWS = 50  # on a page
GLANCES_S = 0.6  # to look at all opened folders
HEADERS_S = 0.3  # to read headers of rows; the others follow
SURVEY_S = 0.3  # to wait for a survey, so that the page of a small folder need not change
LISTED = 100  # files with something wrong
SURVEYS = Surveys()


@dataclass(frozen=True)
class Row:
    """A recording in the table; what its header says is not known yet where it takes a while."""

    item: Item
    address: str
    is_known: bool = True
    length: str = ""
    recorded: datetime | None = None
    problem: str = ""


def show_page(request: Request) -> HTMLResponse:
    """The opened folders."""
    folders = context_of(request).opened.all()
    cards = [(folder, address_of(folder), _glance(folder, GLANCES_S / len(folders))) for folder in folders]
    return show(request, "recordings/recordings.html", page="recordings", cards=cards)


def _glance(folder: Path, budget_s: float) -> Glance | None:
    """What a folder contains; None if it is not there."""
    try:
        return glance(folder, budget_s) if folder.is_dir() else None
    except OSError:
        return None


def open_folder(request: Request, form: Form) -> Response:
    """Open the folder of a form, or of the address."""
    named = request.query_params.get("path", "")
    text = str(recording_path(named)) if named else field(form, "folder")
    folder = context_of(request).opened.open(text)
    return go(request, "recordings/folder", path=address_of(folder))


def close_folder(request: Request) -> Response:
    """Forget a folder."""
    context_of(request).opened.close(recording_path(request.query_params.get("path", "")))
    return go(request, "recordings")


def show_folder(request: Request) -> HTMLResponse:
    """What a folder contains."""
    folder, kind, guessed = _requested(request)
    prepare()
    contents = read_contents(folder, kind)
    survey = SURVEYS.get(folder, contents, lambda path: _may_read(request, path))
    return show(
        request,
        "recordings/folder.html",
        page="recordings",
        folder=folder,
        is_guessed=kind == guessed,
        is_opened=folder in context_of(request).opened.all(),
        **{**_rows(request, folder, contents), **_state(folder, survey, SURVEY_S)},
    )


def show_rows(request: Request) -> HTMLResponse:
    """The part of the page with the table of recordings, as long as headers are read."""
    folder, kind, _ = _requested(request)
    rows = _rows(request, folder, read_contents(folder, kind))
    return show(request, "recordings/rows.html", page="recordings", **rows)


def show_state(request: Request) -> HTMLResponse:
    """The part of the page that changes while the folder is surveyed."""
    folder, kind, _ = _requested(request)
    survey = SURVEYS.latest(folder, kind)
    if survey is None:
        survey = SURVEYS.get(folder, read_contents(folder, kind), lambda path: _may_read(request, path))
    return show(request, "recordings/state.html", page="recordings", **_state(folder, survey))


def _requested(request: Request) -> tuple[Path, Kind, Kind]:
    """The folder of an address, as what it is shown, and as what it would be without a choice.

    Raises
    ------
    PermissionError
        If it lies outside all opened folders.
    EchoError
        If it is not there.
    """
    requested_path(request)
    folder = recording_path(request.query_params.get("path", ""))  # under the name by which it was opened
    if not folder.is_dir():
        raise EchoError(f"{folder} was not found. Connect its disk, or close the folder.")
    guessed = glance(folder, GLANCES_S).kind
    chosen = request.query_params.get("as", "")
    return folder, cast(Literal["labels", "field"], chosen) if chosen in ("labels", "field") else guessed, guessed


def _may_read(request: Request, path: Path) -> bool:
    try:
        context_of(request).opened.check(path)
    except PermissionError:
        return False
    return True


def _state(folder: Path, survey: Survey, limit_s: float = 0.0) -> dict[str, Any]:
    """What the template of the state shows, after waiting for its end for at most `limit_s`."""
    state = survey.wait(limit_s)
    wrong = [*state.skipped, *state.faults]
    return {
        "contents": survey.contents,
        "address": address_of(folder),
        "state": state,
        "wrong": wrong[:LISTED],
        "n_wrong": len(wrong),
        "total": length(sum(state.seconds.values())),
        "lengths": {name: length(seconds) for name, seconds in state.seconds.items()},
        "min_sources": MIN_SOURCES,
        "enough_sources": ENOUGH_SOURCES,
    }


def _rows(request: Request, folder: Path, contents: Contents) -> dict[str, Any]:
    """What the template of the rows shows: one page of the recordings of one group, or of all."""
    group = request.query_params.get("group", "")
    items = [item for item in contents.items if group in ("", item.group)]
    n_pages = max(1, -(-len(items) // ROWS))
    number = min(n_pages, max(1, whole_number(request.query_params.get("p", ""), 1)))
    end = time.monotonic() + HEADERS_S
    rows = [_row(request, item, end) for item in items[ROWS * (number - 1) : ROWS * number]]
    return {
        "kind": contents.kind,
        "group": group,
        "rows": rows,
        "first": ROWS * (number - 1) + 1,
        "n_items": len(items),
        "number": number,
        "n_pages": n_pages,
        "address": address_of(folder),
        "is_complete": all(row.is_known for row in rows),
    }


def _row(request: Request, item: Item, end: float) -> Row:
    """A row; what its header says only if it is not too late."""
    address = address_of(item.path)
    if not _may_read(request, item.path):
        return Row(item, address, problem="a link to a file outside the opened folders")
    if time.monotonic() > end:
        return Row(item, address, is_known=False)
    header = read_header(item.path)
    known = length(header.duration_s) if header.duration_s else ""
    return Row(item, address, True, known, header.recorded, header.problem)


ROUTES = [
    Route("/recordings", show_page),
    Route("/recordings/open", takes_form(open_folder), methods=["POST"]),
    Route("/recordings/close", close_folder, methods=["POST"]),
    Route("/recordings/folder", show_folder),
    Route("/recordings/rows", show_rows),
    Route("/recordings/state", show_state),
    *folder_picker.ROUTES,
]

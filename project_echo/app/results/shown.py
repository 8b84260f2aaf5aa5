"""What the pages of results share: which results an address names, and the frame of their pages."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse

from project_echo.app.context import context_of, show
from project_echo.app.results.loaded_results import LoadedResults, load, summarize
from project_echo.core.errors import EchoError

SECTIONS = (
    ("results", "Events"),
    ("results/activity", "Activity"),
    ("results/sites", "Map"),
    ("results/files", "Files and exports"),
    ("results/notes", "Skipped and alerts"),
)


def folder_of(request: Request, name: str) -> Path:
    """The folder of the results with a name.

    Raises
    ------
    EchoError
        If there are none.
    PermissionError
        If it, or a table in it, is a link that leads out of the opened folders.
    """
    context = context_of(request)
    if name not in context.workspace.result_names():
        raise EchoError(f'There are no results "{name}". Choose some on the page Results.')
    folder = context.workspace.results / name
    for path in (folder, *folder.glob("*.csv")):
        context.opened.check(path)
    context.queue.see_written(folder)
    return folder


def results_of(request: Request) -> tuple[str, LoadedResults]:
    """The name and the tables of the results that an address names."""
    name = request.query_params.get("name", "")
    return name, load(folder_of(request, name))


def show_section(request: Request, section: str, name: str, folder: Path, **values: Any) -> HTMLResponse:
    """Render one of SECTIONS of some results: the template with the name of its path, such as results_sites.html."""
    return show(
        request,
        f"results/{'events' if section == 'results' else section.removeprefix('results/')}.html",
        page="results",
        sections=SECTIONS,
        section=section,
        name=name,
        summary=summarize(folder),
        **values,
    )


def attachment(file_name: str) -> dict[str, str]:
    """Headers with which a browser saves an answer as a file, whatever the letters of its name."""
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(file_name)}"}

"""The reports of the models, as their studies wrote them."""

from pathlib import Path

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import context_of, link
from project_echo.app.opened import OpenedFolders

# Windows takes types from its registry, where a program may have stated another one; browsers then refuse to run it.
TYPES = {".js": "text/javascript", ".html": "text/html", ".flac": "audio/flac"}


def show_report(request: Request) -> Response:
    """A file of the report of a model."""
    workspace, opened = context_of(request).workspace, context_of(request).opened
    name, path = request.path_params["name"], request.path_params["path"]
    if name not in workspace.model_names():
        raise HTTPException(404)
    report = workspace.report(name)
    if path != report.name or not report.is_file():
        return file_of(report.parent, path, opened)
    context_of(request).queue.see_written(workspace.models / name)
    return HTMLResponse(with_way_back(opened.check(report).read_text(encoding="utf-8"), link(request, "train")))


def with_way_back(page: str, address: str) -> str:
    """A page that was made to be opened from disk, with a link to the app at its start."""
    nav = '<nav aria-label="App" style="padding: .5rem 1rem"><a href="{}">Back to Project Echo</a></nav>'
    return page.replace("<body>", f"<body>\n{Markup(nav).format(address)}", 1)


def file_of(folder: Path, name: str, opened: OpenedFolders) -> FileResponse:
    """A file below a folder, by a path from a request; anything else is not found (404).

    Raises
    ------
    PermissionError
        If the folder is a link that leads out of the opened folders.
    """
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        is_inside = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError):  # a null character, a name that is too long
        is_inside = False
    if not is_inside:
        raise HTTPException(404)
    return FileResponse(opened.check(path), media_type=TYPES.get(path.suffix))


ROUTES = [Route("/models/{name}/report/{path:path}", show_report)]

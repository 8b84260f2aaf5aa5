"""The reports of the models, as their studies wrote them."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from project_echo.app.context import context_of


def show_report(request: Request) -> FileResponse:
    """A file of the report of a model."""
    workspace = context_of(request).workspace
    name = request.path_params["name"]
    if name not in workspace.model_names():
        raise HTTPException(404)
    return file_of(workspace.report(name).parent, request.path_params["path"])


def file_of(folder: Path, name: str) -> FileResponse:
    """A file below a folder, by a path from a request; anything else is not found (404)."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        is_inside = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError):  # a null character, a name that is too long
        is_inside = False
    if not is_inside:
        raise HTTPException(404)
    return FileResponse(path)


ROUTES = [Route("/models/{name}/report/{path:path}", show_report)]

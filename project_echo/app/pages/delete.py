"""Delete results, a review or a model, after a page that names what is deleted."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from project_echo.app.context import Form, context_of, field, go, show, takes_form
from project_echo.app.deletion import Deletion, Kind, erase, find_deletion, set_aside, size_of, size_text
from project_echo.app.reviewed import count_answers
from project_echo.core.errors import EchoError

PAGES: dict[Kind, str] = {"results": "results", "review": "review", "model": "train"}  # where they are listed


def confirm(request: Request) -> HTMLResponse:
    """Name what would be deleted."""
    query = request.query_params
    kind, name = _kind(query.get("kind", "")), query.get("name", "")
    deletion = _find(request, kind, name)
    return show(
        request,
        "pages/delete.html",
        page=PAGES[kind],
        kind=kind,
        name=name,
        back=PAGES[kind],
        notes=deletion.notes,
        folders=[(path, size_text(size_of([path]))) for path in deletion.folders],
        review=[(path, size_text(size_of([path]))) for path in deletion.review],
        answers=count_answers(context_of(request).workspace, name),
    )


def delete(request: Request, form: Form) -> Response:
    """Delete it."""
    kind, name = _kind(field(form, "kind")), form.get("name", [""])[-1]
    queue = context_of(request).queue
    with queue.paused():
        deletion = _find(request, kind, name)  # only one of two clicks at once finds it
        paths = [*deletion.folders, *(deletion.review if field(form, "review") else [])]
        queue.check_unused(paths)
        asides = set_aside(paths)
    erase(asides)
    return go(request, PAGES[kind])


def _kind(text: str) -> Kind:
    if text == "results":
        return "results"
    if text == "review":
        return "review"
    if text == "model":
        return "model"
    raise EchoError("Choose what to delete on the page Results, Review or Train.")


def _find(request: Request, kind: Kind, name: str) -> Deletion:
    """What is deleted. Raises EchoError if it is not there, and PermissionError if it lies elsewhere."""
    context = context_of(request)
    deletion = find_deletion(kind, name, context.workspace)
    if deletion is None:
        raise EchoError(f'There is nothing named "{name}" to delete. It may be deleted already.')
    for path in (*deletion.folders, *deletion.review):
        context.opened.check(path)
    return deletion


ROUTES = [Route("/delete", confirm), Route("/delete", takes_form(delete), methods=["POST"])]

"""Review: check events by ear, with answers that are kept on disk."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from project_echo.app.addresses import whole_number
from project_echo.app.context import Form, choice, context_of, field, link, read_body, show, start, takes_form
from project_echo.app.made_by import made_by
from project_echo.app.pages.models import file_of, with_way_back
from project_echo.app.results.loaded_results import summarize
from project_echo.app.reviewed import find_reviews, keep_changes
from project_echo.app.workspace import Workspace
from project_echo.core.errors import EchoError
from project_echo.reviews.review import PAGE
from project_echo.reviews.stored_answers import check_changes, embed_changes, read_changes

MAX_WINDOWS = 10_000
DEFAULT_WINDOWS = 40  # answered in a few minutes


def show_page(request: Request) -> HTMLResponse:
    """The reviews, and a form to make one of some results."""
    workspace = context_of(request).workspace
    return show(
        request,
        "pages/review.html",
        page="review",
        reviews=find_reviews(workspace),
        results=workspace.result_names(),
        chosen=request.query_params.get("results", ""),
        default_windows=DEFAULT_WINDOWS,
    )


def make(request: Request, form: Form) -> Response:
    """Make the review of some results."""
    workspace = context_of(request).workspace
    name = choice(form, "results", workspace.result_names(), "results")
    classifier = made_by(workspace.results / name, workspace)
    if classifier is None:
        raise EchoError(f"The model that made the results {name} is no longer here. Screen again with one that is.")
    windows = field(form, "random_windows") or "0"
    n_windows = whole_number(windows, -1)
    if not 0 <= n_windows <= MAX_WINDOWS:
        raise EchoError(f'Random windows is "{windows}"; it must be a number from 0 to {MAX_WINDOWS:,}.')
    arguments = {
        "results": str(workspace.results / name),
        "model": str(classifier.folder),
        "output": str(workspace.reviews / name),
        "random_windows": min(n_windows, summarize(workspace.results / name).windows),
    }
    return start(request, "review", arguments, f"Make the review of {name}")


def show_file(request: Request) -> Response:
    """A file of a review; its page gets the answers that are kept on disk."""
    workspace, name = _named(request)
    opened, path = context_of(request).opened, request.path_params["path"]
    if path != PAGE:
        return file_of(workspace.reviews / name, path, opened)
    context_of(request).queue.see_written(workspace.reviews / name)
    page = opened.check(workspace.reviews / name / PAGE).read_text(encoding="utf-8")
    page = with_way_back(page, link(request, "review"))
    return HTMLResponse(embed_changes(page, read_changes(workspace.answers(name))))


async def add_answers(request: Request) -> Response:
    """Keep answers and notes; the answer is empty when they are on the disk."""
    workspace, name = await run_in_threadpool(_named, request)
    try:
        changes = check_changes(await read_body(request))
    except EchoError as error:  # the page does not send these again, as it does after any other fault
        return PlainTextResponse(str(error), 422)
    try:
        await run_in_threadpool(keep_changes, workspace, name, changes)
    except EchoError as error:
        return PlainTextResponse(str(error), 503)
    return Response(status_code=204)


def _named(request: Request) -> tuple[Workspace, str]:
    """The workspace, and the name of a review in it."""
    workspace = context_of(request).workspace
    name = request.path_params["name"]
    if name not in workspace.review_names():
        raise HTTPException(404)
    return workspace, name


ROUTES = [
    Route("/review", show_page),
    Route("/review", takes_form(make), methods=["POST"]),
    Route("/reviews/{name}/answers", add_answers, methods=["POST"]),
    Route("/reviews/{name}/{path:path}", show_file),
]

"""What the pages share: the workspace, opened folders, the queue, forms and rendering."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from project_echo.app.jobs.job import Action
from project_echo.app.jobs.queue import JobQueue
from project_echo.app.opened import OpenedFolders, short_path
from project_echo.app.workspace import Workspace
from project_echo.core.errors import EchoError
from project_echo.core.names import printable
from project_echo.web.render import render

PAGES = (
    ("recordings", "Recordings"),
    ("train", "Train"),
    ("screen", "Screen"),
    ("results", "Results"),
    ("review", "Review"),
    ("improve", "Improve"),
)
MAX_BODY_BYTES = 1_000_000
Form = dict[str, list[str]]  # fields, each with all of its values


@dataclass(frozen=True)
class Context:
    """What the app works with (``request.app.state.context``)."""

    workspace: Workspace
    opened: OpenedFolders
    queue: JobQueue


def context_of(request: Request) -> Context:
    """What the app of a request works with."""
    context: Context = request.app.state.context
    return context


def link(request: Request, path: str, /, **query: object) -> str:
    """Address of a page of the app, such as ``link(request, "results", name="may")``; any text may be in the path."""
    text = urlencode({name: value for name, value in query.items() if value not in (None, "")}, doseq=True)
    return f"{request.scope['root_path']}/{quote(path)}{'?' if text else ''}{text}"


def show(request: Request, template: str, *, page: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page in the frame of the app.

    Parameters
    ----------
    request : Request
    template : str
        Its path below project_echo/app.
    page : str
        The tab that it belongs to: a name of PAGES, or empty.
    status : int
        Of HTTP.
    **values
        Variables of the template.

    Returns
    -------
    HTMLResponse
    """

    def link_to(path: str, /, **query: object) -> str:
        return link(request, path, **query)

    frame = {
        "pages": PAGES,
        "short_path": short_path,
        "page": page,
        "link": link_to,
        "jobs": context_of(request).queue.all(),
    }
    page_text = render(f"app/{template}", **frame, **values)
    return HTMLResponse(printable(page_text), status)  # names of files may be no UTF-8


def go(request: Request, path: str, /, **query: object) -> RedirectResponse:
    """Answer a form by going to a page, so that a reload does not send the form again."""
    return RedirectResponse(link(request, path, **query), 303)


async def read_body(request: Request) -> bytes:
    """What a request sends. Raises EchoError if it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise EchoError("The form is too large.")
    return bytes(body)


async def read_form(request: Request) -> Form:
    """The fields of a form, each with all of its values.

    Raises
    ------
    EchoError
        If it is too large, or no form.
    """
    try:
        return parse_qs((await read_body(request)).decode(), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise EchoError("The form could not be read. Go back, and send it again.") from None


def takes_form(endpoint: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that is also given the form, and runs in another thread: what it does on disk holds nobody up."""

    async def read_and_answer(request: Request) -> Response:
        return await run_in_threadpool(endpoint, request, await read_form(request))

    return read_and_answer


def field(form: Form, name: str) -> str:
    """The value of a field that has one, without spaces around it; empty if it is missing."""
    return form.get(name, [""])[-1].strip()


def choice(form: Form, name: str, choices: list[str], what: str) -> str:
    """The value of a field that must be one of some. Raises EchoError, naming what is chosen, if it is not."""
    value = field(form, name)
    if value not in choices:
        raise EchoError(f"Choose {what}.")
    return value


def start(request: Request, action: Action, arguments: dict[str, Any], title: str) -> Response:
    """Queue a job, and go to its page."""
    job = context_of(request).queue.submit(action, arguments, title)
    return go(request, f"jobs/{job.number}")

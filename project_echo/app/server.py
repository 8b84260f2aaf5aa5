"""The server of the app: its routes, and starting and ending it."""

import os
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from project_echo.app.access import Access, new_token
from project_echo.app.context import Context, go, show
from project_echo.app.deletion import finish_deletions
from project_echo.app.jobs.queue import JobQueue
from project_echo.app.opened import OpenedFolders
from project_echo.app.pages import delete, improve, jobs, models, review, screen, train
from project_echo.app.recordings import page as recordings
from project_echo.app.results import page as results
from project_echo.app.sounds import page as sounds
from project_echo.app.workspace import Workspace
from project_echo.core.errors import EchoError

HOST = "127.0.0.1"  # this machine alone
HTTP_PORT = 80  # browsers leave it out
PAGES = (recordings, train, screen, results, review, improve, jobs, models, delete)


def create_app(context: Context, token: str, port: int) -> ASGIApp:
    """The app as a server runs it.

    Parameters
    ----------
    context : Context
        Its queue is closed when the server ends.
    token : str
        The first part of each address (`access.new_token`).
    port : int
        At which it is reached.

    Returns
    -------
    ASGIApp
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        context.queue.close()

    app = Starlette(
        routes=[Route("/", _first_page), *(route for page in (*PAGES, sounds) for route in page.ROUTES)],
        exception_handlers={
            EchoError: _show_error,
            PermissionError: _refuse,
            OSError: _show_file_error,
            404: _not_found,
            405: _not_found,
            Exception: _show_defect,
        },
        lifespan=lifespan,
    )
    app.state.context = context
    # Outside of all else, so that every answer has its headers.
    return Access(app, token=token, hosts=hosts_of(port))


def hosts_of(port: int) -> list[str]:
    """The hosts that a browser may name in its requests."""
    ends = [f":{port}", ""] if port == HTTP_PORT else [f":{port}"]
    return [f"{name}{end}" for name in (HOST, "localhost") for end in ends]


def run_app(folder: Path, *, port: int = 0, open_browser: bool = True) -> None:
    """Run the app until it is stopped (Ctrl-C).

    Parameters
    ----------
    folder : Path
        Of the workspace; it is made if there is none.
    port : int
        0 for one that is free.
    open_browser : bool
        Whether to open the app in the browser.

    Raises
    ------
    EchoError
        If the folder cannot be used, or the port is taken.
    """
    workspace = Workspace(folder.absolute())
    if workspace.folder.exists() and not workspace.folder.is_dir():
        raise EchoError(f"{workspace.folder} is a file. Name a folder, in which the app keeps what it makes.")
    workspace.folder.mkdir(parents=True, exist_ok=True)
    with workspace.lock(), listen(port) as listener:
        finish_deletions(workspace)
        token, port = new_token(), listener.getsockname()[1]
        context = Context(workspace, OpenedFolders(workspace.folder), JobQueue(workspace.jobs))
        address = f"http://{HOST}:{port}/{token}/"
        # The port listens already: the browser waits until the server answers.
        print(f"Project Echo is at {address}")
        print(f"Stop it with Ctrl-C. Its files are in {workspace.folder}", flush=True)
        if open_browser:
            page = write_opener(workspace.folder, address)
            threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
        app = create_app(context, token, port)
        build_server(app).run([listener])


def write_opener(folder: Path, address: str) -> Path:
    """Write a page that leads to the app, which this user alone may read.

    The browser is started with the page, as everybody on the machine sees the arguments of its process.
    """
    page = folder / ".open.html"
    page.unlink(missing_ok=True)
    page.touch(0o600)
    html = f'<!doctype html><title>Project Echo</title><meta http-equiv="refresh" content="0; url={address}">\n'
    page.write_text(html, encoding="utf-8")
    return page


def build_server(app: ASGIApp) -> uvicorn.Server:
    """What answers for the app; ``run`` takes the socket of `listen`."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=3)
    return uvicorn.Server(config)


def listen(port: int) -> socket.socket:
    """A socket that this machine alone reaches. Raises EchoError if the port (0 for a free one) cannot be used."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows another program could take the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "it must be 0 to 65535"
        raise EchoError(f"Port {port} cannot be used ({reason}). Choose another with --port.") from None
    return listener


async def _first_page(request: Request) -> RedirectResponse:
    return go(request, "recordings")


def _show_error(request: Request, error: Exception) -> HTMLResponse:
    """An error for people, which says what to do."""
    return show(request, "error.html", page="", status=400, message=" ".join(str(error).split()))


def _show_file_error(request: Request, error: Exception) -> HTMLResponse:
    """A full disk, a folder without write permission, a disk that was taken out."""
    path, reason = (error.filename, error.strerror) if isinstance(error, OSError) else (None, None)
    message = f"{path or 'The disk'}: {reason or error}. Fix this, then try again."
    return show(request, "error.html", page="", status=500, message=message)


def _show_defect(request: Request, error: Exception) -> HTMLResponse:
    """An error of this program; the server prints where it comes from."""
    message = (
        f"Unexpected error ({type(error).__name__}: {error}). Please report it, with the messages in the terminal."
    )
    return show(request, "error.html", page="", status=500, message=message)


def _refuse(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno:  # the system's: the file may be seen here, but not by this person
        return _show_file_error(request, error)
    return PlainTextResponse("This file is not in an opened folder.", 403)


def _not_found(request: Request, error: Exception) -> HTMLResponse:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return show(request, "error.html", page="", status=status, message="This page does not exist.")

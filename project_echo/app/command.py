"""The command `project-echo app`."""

import argparse
import importlib.util
from pathlib import Path

from project_echo.core.command_line import path_argument
from project_echo.core.errors import EchoError

FOLDER = "project-echo-app"  # in the home folder
_NEEDED = ("starlette", "uvicorn", "psutil")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "app",
        help="train, screen and review in the browser",
        description="Open the app in the browser, to look at recordings, train, screen, review and improve without "
        "typing commands. It can be reached only from this machine, at an address that contains a secret. Stop it "
        "with Ctrl-C.",
    )
    add = command.add_argument
    add(
        "folder",
        nargs="?",
        type=path_argument,
        metavar="FOLDER",
        default=Path("~", FOLDER),  # a system may have no home folder, and other commands need none
        help="folder for models, results and reviews (default: %(default)s)",
    )
    add("--port", type=int, default=0, metavar="N", help="port to listen on (default: a free one)")
    add("--no-browser", dest="open_browser", action="store_false", help="only print the address")
    command.set_defaults(run=_run)


def _run(folder: Path, port: int, open_browser: bool) -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EchoError(f"{', '.join(missing)} not installed. The app needs more: pip install 'project-echo[app]'.")
    from project_echo.app.server import run_app  # noqa: PLC0415  (--help should not wait for it)

    try:
        folder = folder.expanduser()
    except RuntimeError as error:
        raise EchoError(f"{folder}: {error} Name a folder: project-echo app FOLDER") from None
    run_app(folder, port=port, open_browser=open_browser)

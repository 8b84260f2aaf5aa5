"""`project-echo app` in a process of its own: how it begins and ends, and what becomes of its jobs."""

import importlib.util
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psutil
import pytest

from project_echo import cli
from project_echo.app import command, server
from project_echo.app.jobs.job import path_of
from project_echo.app.opened import OpenedFolders
from project_echo.app.workspace import Workspace
from tests.project_echo.app.process import start_app
from tests.project_echo.conftest import wait_for
from tests.sounds import fill, write_wav

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def post(address: str, path: str, form: str = "") -> None:
    """Send a form, and see that it is taken."""
    with urllib.request.urlopen(f"{address}{path}", form.encode(), timeout=60) as answer:
        assert answer.status == 200


def state(folder: Path) -> str:
    """That of the only job of a workspace, as its file tells."""
    text = path_of(1, folder / "jobs").read_text(encoding="utf-8")
    return str(json.loads(text)["state"])


def work(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """What the app has started: the process of the job, that of DVC, and that of the stage once it runs."""
    return [child for child in psutil.Process(process.pid).children(recursive=True) if child.is_running()]


@posix_only
def test_an_app_that_is_ended_ends_its_job(tmp_path: Path) -> None:
    """As when it is killed (test_story.py), but it waits for what it has started."""
    workspace, recordings = tmp_path / "Büro 1", tmp_path / "recordings"
    draw = np.random.default_rng(1)
    for name in ("frogs", "owl", "none/wind"):
        for number in range(3):
            write_wav(recordings / name / f"{number}.wav", 0.1 * draw.standard_normal(800), 8000)
    workspace.mkdir()
    OpenedFolders(workspace).open(str(recordings))
    with start_app(workspace) as app:
        post(app.url, "train", urlencode({"folder": recordings, "name": "ours"}))
        wait_for(lambda: len(work(app.process)) >= 2)
        running = work(app.process)
        app.process.send_signal(signal.SIGTERM)
        assert app.process.wait(60) == -signal.SIGTERM
    assert psutil.wait_procs(running, timeout=1)[1] == []
    assert state(workspace) == "interrupted"


@posix_only
def test_it_ends_with_ctrl_c(tmp_path: Path) -> None:
    fill(tmp_path, "results/.deleting-x/deleted/events.csv", "outside/file")
    link = tmp_path / "results" / ".deleting-link"  # cannot be deleted, which does not matter
    link.symlink_to(tmp_path / "outside")
    with start_app(tmp_path, subprocess.PIPE) as app:
        with urllib.request.urlopen(app.url, timeout=60) as answer:
            assert answer.status == 200
        app.process.send_signal(signal.SIGINT)
        _, errors = app.process.communicate(timeout=30)
    assert app.process.returncode == cli.EXIT_STOPPED
    lines = errors.splitlines()
    assert len([line for line in lines if str(link) not in line]) <= 1  # no traceback
    assert str(link) in errors
    assert list((tmp_path / "results").iterdir()) == [link]
    assert (tmp_path / "outside" / "file").exists()
    with Workspace(tmp_path).lock():  # it is free again
        pass


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> object:
    """Run the command in this process; returns what it exits with: a number, or the line of an error."""
    monkeypatch.setattr(sys, "argv", ["project-echo", "app", "--no-browser", *map(str, arguments)])
    monkeypatch.setattr(cli, "log_to_terminal", lambda: None)
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


def test_what_keeps_it_from_starting_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def error(*arguments: object) -> str:
        line = run(monkeypatch, *arguments)
        assert isinstance(line, str) and line.startswith("error: ") and "\n" not in line
        return line

    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert str(taken) in error(tmp_path / "a", "--port", taken)
    for port in (-1, 65536):
        assert str(port) in error(tmp_path / "a", "--port", port)
    with Workspace(tmp_path / "a").lock():
        assert str(tmp_path / "a") in error(tmp_path / "a")
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in error(tmp_path / "file")
    assert str(tmp_path / "file") in error(tmp_path / "file" / "below")


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_what_is_not_installed_is_named_with_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda wanted: None if wanted == name else find_spec(wanted))
    line = run(monkeypatch, tmp_path)
    assert isinstance(line, str) and name in line and "project-echo[app]" in line


def test_the_folder_is_one_of_the_home_folder_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[Path, int, bool]] = []
    monkeypatch.setattr(
        server, "run_app", lambda folder, port, open_browser: called.append((folder, port, open_browser))
    )
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for words in ([], ["~/Desktop"], ["here"]):
        arguments = vars(cli.parser().parse_args(["app", *words]))
        arguments.pop("run")(**arguments)
    folders = [tmp_path / command.FOLDER, tmp_path / "Desktop", Path("here")]
    assert called == [(folder, 0, True) for folder in folders]


def test_without_a_home_folder_a_folder_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", fail)
    monkeypatch.setattr(Path, "home", fail)
    line = run(monkeypatch)
    assert isinstance(line, str) and "FOLDER" in line


def test_the_page_that_leads_to_the_app_is_for_its_owner_alone(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:1/first/", "http://127.0.0.1:2/second/"):
        page = server.write_opener(tmp_path, address)
        assert address in page.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert page.stat().st_mode & 0o777 == 0o600

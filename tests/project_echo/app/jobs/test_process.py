"""The process of a job: what it tells of a function's call, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import psutil
import pytest

import project_echo
from project_echo.app.jobs import process as job_process
from project_echo.app.jobs.process import FUNCTIONS, run, summarize
from project_echo.app.jobs.queue import COMMAND, JobQueue
from project_echo.core.errors import EchoError
from project_echo.core.files import write_json
from project_echo.core.progress import Progress
from tests.project_echo.conftest import wait_for

# The process with other functions, which do not take seconds to load.
PROGRAM = """
import logging, os, signal, subprocess, sys, time
from project_echo.app.jobs import process as job_process
from project_echo.core.progress import Progress

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]

def tell(on_progress):
    print("print", flush=True)
    os.system("echo child")
    logging.getLogger("project_echo.studies").warning("skipped é\\n1 file")
    logging.getLogger("project_echo").info("heard")
    logging.getLogger("another").warning("not ours")
    on_progress(Progress(0.5, "half", 3.0))
    return job_process.Path("/x/index.html")

def fail(on_progress):
    print("before it fails")
    raise KeyError("no such label")

def wait(on_progress, ignore):
    subprocess.Popen(SLEEP)
    if ignore:
        job_process.STOP_S = 0.1
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    on_progress(Progress(0.0, "waiting"))
    time.sleep(600)

job_process.FUNCTIONS = {"train": tell, "predict": wait, "improve": fail}
job_process.main()
"""


@contextmanager
def started(action: str, **arguments: Any) -> Iterator["subprocess.Popen[str]"]:
    """A process with a job; its input is open."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=_ignore_interrupts if os.name == "posix" else None,  # noqa: PLW1509
    )
    assert process.stdin
    process.stdin.write(f"{json.dumps({'action': action, 'arguments': arguments})}\n")
    process.stdin.flush()
    with process:
        yield process


def _ignore_interrupts() -> None:
    """As a shell does for what a script starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def read(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    assert process.stdout
    return [json.loads(line) for line in process.stdout]


def test_it_tells_messages_progress_and_the_end_and_nothing_else() -> None:
    with started("train") as process:
        told = read(process)
        assert process.stderr
        log = process.stderr.read()
    assert told == [
        {"message": ["warning", "skipped é\n1 file"]},
        {"message": ["info", "heard"]},
        {"progress": [0.5, "half", 3.0]},
        {"result": {"page": "/x/index.html"}},
    ]
    assert {"print", "child"} <= set(log.splitlines())
    assert process.returncode == 0


def test_an_error_of_the_program_leaves_its_traceback_in_the_log() -> None:
    with started("improve") as process:
        assert read(process) == []
        assert process.stderr
        log = process.stderr.read()
    assert "KeyError: 'no such label'" in log and "before it fails" in log


@pytest.mark.parametrize("ignore", [False, True], ids=["in time", "only by force"])
def test_it_ends_with_all_that_it_started_when_its_input_is_closed(ignore: bool) -> None:
    with started("predict", ignore=ignore) as process:
        assert process.stdout and process.stdin
        assert json.loads(process.stdout.readline()) == {"progress": [0.0, "waiting", None]}
        children = psutil.Process(process.pid).children()
        assert len(children) == 1
        process.stdin.close()
        assert read(process) == ([] if ignore else [{"stopped": True}])
        gone, alive = psutil.wait_procs(children, timeout=30)
    assert (len(gone), alive) == (1, [])
    assert process.returncode == (1 if ignore else 0)


def test_a_real_job_that_cannot_work_fails_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "yaml.py").write_text("raise SystemExit('not the library')", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "work")  # modules in the folder of the terminal are not those of the app
    queue = JobQueue(tmp_path, COMMAND)
    results = tmp_path / "no results"
    queue.submit("review", {"results": str(results), "output": str(tmp_path / "review")}, "Review")
    wait_for(lambda: not queue.all()[0].is_open)
    job = queue.all()[0]
    queue.close()
    assert job.state == "failed"
    assert str(results) in job.error and "\n" not in job.error


def _calls(result: object) -> Callable[..., Any]:
    def function(on_progress: Callable[[Progress], None]) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    return function


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (EchoError("a.wav is\n  damaged."), ["a.wav is damaged."]),
        (ValueError("hop_seconds is 0"), ["hop_seconds is 0"]),
        (OSError(28, "No space left", "/disk/x"), ["/disk/x", "No space left"]),
        (PermissionError(13, "Permission denied", "/disk"), ["/disk", "Permission denied"]),
        (OSError("network"), ["network"]),
    ],
)
def test_errors_for_people_are_one_line(monkeypatch: pytest.MonkeyPatch, error: Exception, parts: list[str]) -> None:
    monkeypatch.setitem(FUNCTIONS, "train", _calls(error))
    told = run("train", {}, lambda progress: None)
    assert told.keys() == {"error"}
    assert "\n" not in told["error"]
    assert all(part in told["error"] for part in parts)


def test_results_are_told_in_numbers(tmp_path: Path) -> None:
    rows = {"recordings": 3, "events": 2, "skipped": 1, "alerts": 0}
    results = project_echo.Results(tmp_path)
    vars(results).update({name: pd.DataFrame(index=range(n)) for name, n in rows.items()})  # as if they had been read
    assert summarize(results) == rows
    assert summarize(tmp_path / "index.html") == {"page": str(tmp_path / "index.html")}
    share = {"value": 0.8, "low": 0.6, "high": 0.9}
    crossval = {"accuracy": share, "most_confused": {"pair": [], "rate": 0.0}, "recall": {"fox": 1}, "decided": None}
    write_json(crossval, tmp_path / "metrics" / "crossval.json")
    write_json({}, tmp_path / "metrics" / "field.json")
    told = summarize(SimpleNamespace(study=tmp_path, stages=["collect", "train"], comparison=None))
    assert (told["stages"], told["comparison"], told["changes"], len(told["figures"])) == (2, "", [], 1)
    assert json.loads(json.dumps(told)).keys() == told.keys()


def test_there_is_a_function_for_every_action() -> None:
    assert {action: function.__name__ for action, function in FUNCTIONS.items()} == {
        "train": "train",
        "predict": "screen",
        "review": "review",
        "improve": "improve",
    }
    assert job_process.STOP_S > 0

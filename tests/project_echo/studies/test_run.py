"""Running a pipeline: what failed in one line, and stopping and killing it at any moment."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from project_echo.core.errors import EchoError
from project_echo.studies import run
from project_echo.studies.progress import StageProgress
from project_echo.studies.run import LOG, locked, repair, run_pipeline
from tests.project_echo.conftest import ROOT, wait_for

FAILS = """
raise SystemExit("error: class owl has 2 sources")
"""
# Waits to be stopped the first time, and goes through the second time.
WAITS = """
import pathlib, time
begun = pathlib.Path("begun")
while not begun.exists():
    begun.touch()
    time.sleep(60)
pathlib.Path("second.txt").write_text("done")
"""
TRAIN = """
import sys
from pathlib import Path
from project_echo.studies import run
from project_echo.studies.progress import StageProgress
run.TARGETS = ()
study = Path(sys.argv[1])
try:
    with run.locked(study):
        run.run_pipeline(study, StageProgress(3))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture(autouse=True)
def _own_dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG"):
        monkeypatch.setenv(f"DVC_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(run, "TARGETS", ())


def pipeline(folder: Path, script: str) -> Path:
    """A folder of DVC with two stages: a quick one, and one that runs a script."""
    (folder / ".dvc" / "tmp").mkdir(parents=True)
    (folder / ".dvc" / "config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    (folder / "script.py").write_text(script)
    stages = {
        "first": {"cmd": "echo 1 > first.txt", "outs": ["first.txt"]},
        "second": {"cmd": "python script.py", "deps": ["first.txt", "script.py"], "outs": ["second.txt"]},
    }
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}, sort_keys=False))
    return folder


def start(study: Path) -> "subprocess.Popen[bytes]":
    """Run the pipeline in a process, and wait until its second stage runs."""
    process = subprocess.Popen([sys.executable, "-c", TRAIN, str(study)])
    wait_for(lambda: (study / "begun").exists() or process.poll() is not None)
    assert process.poll() is None
    return process


def stages_of(study: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cwd", "cmdline"])
        if process.info["cwd"] == str(study) and process.info["cmdline"]
    ]


def test_the_error_of_a_stage_is_shown_and_all_output_is_in_the_log(tmp_path: Path) -> None:
    study = pipeline(tmp_path / "study", FAILS)
    with pytest.raises(EchoError) as error:
        run_pipeline(study, StageProgress(3))
    assert str(error.value) == "class owl has 2 sources"
    assert "failed to reproduce 'second'" in (study / LOG).read_text()
    (study / "script.py").write_text("import nonsense")
    with pytest.raises(EchoError, match=r"second failed: ModuleNotFoundError.*train\.log"):
        run_pipeline(study, StageProgress(3))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_or_killed_leaves_nothing_running_and_the_next_goes_on(
    tmp_path: Path, kill: signal.Signals
) -> None:
    study = pipeline(tmp_path / "study", WAITS)
    process = start(study)
    with pytest.raises(EchoError, match="in use"), locked(study):
        pass
    process.send_signal(kill)
    assert process.wait(30) == (130 if kill == signal.SIGINT else -signal.SIGKILL)
    wait_for(lambda: not stages_of(study))
    with locked(study):
        progress = StageProgress(3)
        assert run_pipeline(study, progress) == ["second"]  # the first one has been done
    assert (study / "second.txt").read_text() == "done"


def test_what_a_killed_dvc_has_left_is_repaired(tmp_path: Path) -> None:
    lock, marks = tmp_path / "dvc.lock", tmp_path / ".dvc" / "tmp" / "rwlock"
    marks.parent.mkdir(parents=True)
    repair(tmp_path)
    mark = {"write": {str(tmp_path / "out"): {"pid": os.getpid(), "cmd": "dvc repro"}}, "read": {}}
    for text in ("", '{"write": {"a', json.dumps(mark)):  # the process lives, but is not DVC any more
        lock.write_text("schema: '2.0'\nstages: {}\n")
        marks.write_text(text)
        repair(tmp_path)
        assert lock.is_file() and not marks.exists()
    for cut_off in ("stages:\n  a: {cmd", "stages:\n  a:\n    cmd: a\n    outs:\n    - path", "stages:\n  a:\n    c"):
        lock.write_text(f"schema: '2.0'\n{cut_off}")  # the last two are valid YAML
        repair(tmp_path)
        assert not lock.exists()
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "dvc"])
    try:
        marks.write_text(json.dumps(mark).replace(str(os.getpid()), str(sleeping.pid)))
        repair(tmp_path)
        assert marks.is_file()
    finally:
        sleeping.kill()
        sleeping.wait()

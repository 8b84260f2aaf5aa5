"""Running the pipeline of a study: DVC in a process of its own, its output in a log, its errors in one line."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from project_echo.core.errors import EchoError
from project_echo.studies.progress import StageProgress
from project_echo.studies.tools import environment

LOG = "train.log"
# What these stages need is run: a Keras model and figures of attention are written by `dvc repro` alone.
TARGETS = ("check", "report")
TICK_S = 1.0
_RUNS = re.compile(r"Running stage '(\w+)'")
_SKIPPED = re.compile(r"Stage '(\w+)' (didn't change|is cached)")
_PROGRAMS = {"dvc", "dvc.exe", "project_echo.studies.supervised"}
_ERROR = "error: "  # what a stage ends with (`pipeline.script.run`)
_EXTERNAL = re.compile(r"^(\w+Error): (.*)")


@contextmanager
def locked(study: Path) -> Iterator[None]:
    """Let one process at a time work in a study. Raises EchoError if another one does."""
    path = study / ".dvc" / "tmp" / "project-echo.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise EchoError(f"{study} is in use: another project-echo trains there. Wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()


def run_pipeline(study: Path, progress: StageProgress) -> list[str]:
    """Run the stages of a study whose inputs have changed, as `dvc repro` does.

    If this process ends, the stage that runs ends, too; the next run goes on with it.

    Parameters
    ----------
    study : Path
        Its folder, which nobody else works in (`locked`). LOG in it gets all output.
    progress : StageProgress
        Shows what runs.

    Returns
    -------
    list of str
        The stages that ran.

    Raises
    ------
    EchoError
        If a stage fails, with its message.
    KeyboardInterrupt
        After everything has ended.
    """
    repair(study)
    command = [sys.executable, "-m", "project_echo.studies.supervised", *TARGETS]
    lines: list[str] = []
    with (study / LOG).open("w", encoding="utf-8", errors="backslashreplace") as log:
        # In a session of its own, Ctrl-C in the terminal ends it by way of this process.
        process = subprocess.Popen(
            command,
            cwd=study,
            env=environment() | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            start_new_session=os.name != "nt",
        )
        try:
            for line in _lines(process, progress):
                log.write(line)
                log.flush()
                lines.append(line.rstrip())
                if runs := _RUNS.search(line):
                    progress.started(runs[1])
                elif skipped := _SKIPPED.search(line):
                    progress.skipped(skipped[1])
            code = process.wait()
        finally:
            _end(process)
            progress.ended()
    if code:
        raise EchoError(_message(lines, progress.ran, study / LOG))
    return progress.ran


def repair(study: Path) -> None:
    """Remove what a killed DVC has left and could not continue from: half-written files, and marks of dead processes.

    Outputs that dvc.lock no longer lists are taken from DVC's cache, so that nothing is lost with it.

    Parameters
    ----------
    study : Path
        Nobody else works in it.
    """
    lock, marks = study / "dvc.lock", study / ".dvc" / "tmp" / "rwlock"
    if lock.is_file() and not _is_lock(_parsed(lock)):
        lock.unlink()
    if marks.is_file() and not _in_use(_parsed(marks)):
        marks.unlink()


def _is_lock(content: Any) -> bool:
    """Whether DVC reads the content of a dvc.lock; one that was cut off may still be valid YAML."""
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA  # noqa: PLC0415  (takes a third of a second)
    from voluptuous import Invalid  # noqa: PLC0415  (comes with DVC)

    try:
        COMPILED_LOCKFILE_SCHEMA(content)
    except Invalid:
        return False
    return True


def _parsed(path: Path) -> Any:
    """Content of a JSON or YAML file; None if it is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.name == "rwlock" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return None


def _in_use(marks: Any) -> bool:
    """Whether a process of DVC lives that has marked files of the study as its own."""
    import psutil  # noqa: PLC0415  (comes with DVC)

    for number in re.findall(r'"pid": (\d+)', json.dumps(marks)):
        try:
            if _PROGRAMS.intersection(Path(part).name for part in psutil.Process(int(number)).cmdline()):
                return True
        except psutil.Error:  # it has ended, or is another user's
            continue
    return False


def _lines(process: "subprocess.Popen[str]", progress: StageProgress) -> Iterator[str]:
    """Lines of a process as they come; the progress is told that time passes."""
    stream = process.stdout
    if stream is None:
        raise ValueError("the process has no pipe")
    arrived: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            arrived.put(line)
        arrived.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = arrived.get(timeout=TICK_S)
        except queue.Empty:
            progress.tick()
            continue
        if line is None:
            return
        yield line


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process that watches its standard input, and all that it has started."""
    if process.stdin:
        process.stdin.close()
    process.wait()


def _message(lines: list[str], ran: list[str], log: Path) -> str:
    """What went wrong, from the output of DVC and of the stages."""
    of_stages = [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]
    if of_stages:
        return of_stages[-1]
    exceptions = [line for line in lines if _EXTERNAL.match(line)]
    of_dvc = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    reason = (exceptions or of_dvc or ["it ended without a message"])[-1]
    where = f"the stage {ran[-1]} failed" if ran else "the pipeline failed"
    return f"{where}: {reason}. All output is in {log}; run the same command again to continue."

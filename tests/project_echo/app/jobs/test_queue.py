"""The queue of jobs, with a small program in place of the one that calls the Python interface."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from project_echo.app.jobs import job as jobs
from project_echo.app.jobs import queue as job_queue
from project_echo.app.jobs.job import MAX_MESSAGES, Action, Job, State, disturb, load_all, path_of
from project_echo.app.jobs.queue import JobQueue
from project_echo.core.progress import Progress
from tests.project_echo.conftest import wait_for

# It does what the arguments of its job say, in this order.
PROGRAM = """
import json, os, pathlib, signal, subprocess, sys, time
do = json.loads(sys.stdin.readline())["arguments"]
if "trace" in do:
    with open(do["trace"], "a") as trace: trace.write(f"{do['name']} begins\\n")
for line in do.get("lines", []):
    sys.stdout.buffer.write(line.encode("latin-1") + b"\\n")
    sys.stdout.flush()
if "child" in do:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    subprocess.Popen([sys.executable, "-c", f"import subprocess; subprocess.run({sleep})"], stdout=subprocess.DEVNULL)
if "log" in do:
    print(do["log"], file=sys.stderr, flush=True)
while "until" in do and not pathlib.Path(do["until"]).exists():
    time.sleep(0.01)
if "signal" in do:
    os.kill(os.getpid(), do["signal"])
if "code" in do:
    sys.exit(do["code"])
if do.get("wait") == "to be stopped":
    sys.stdin.read()
    print('{"stopped": true}', flush=True)
    if "child" in do: os.killpg(0, signal.SIGKILL)
    sys.exit()
if do.get("wait") == "for ever":
    time.sleep(600)
if "trace" in do:
    with open(do["trace"], "a") as trace: trace.write(f"{do['name']} ends\\n")
print(json.dumps({"result": {"name": do.get("name", "")}}), flush=True)
"""
COMMAND = (sys.executable, "-S", "-c", PROGRAM)
STOPPABLE = {"wait": "to be stopped"}


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue without jobs."""
    queue = JobQueue(tmp_path / "jobs", COMMAND)
    yield queue
    queue.close()
    assert processes() == []


def processes() -> list[psutil.Process]:
    """Processes of jobs, and those that they have started."""
    return [process for process in psutil.Process().children(recursive=True) if _is_own(process)]


def _is_own(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and any("time.sleep" in word for word in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def submit(queue: JobQueue, **arguments: Any) -> int:
    return queue.submit("predict", arguments, "").number


def wait_until(queue: JobQueue, number: int, state: State) -> Job:
    """Wait until a job is in a state; if it has ended in another, fail."""

    def has_come() -> bool:
        job = queue.get(number)
        assert job and (job.is_open or job.state == state), job
        return job.state == state

    wait_for(has_come)
    job = queue.get(number)
    assert job
    return job


def test_jobs_run_one_after_the_other_in_the_order_of_their_submission(queue: JobQueue, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    first = submit(queue, name="a", until=str(tmp_path / "go"), trace=str(trace))
    others = [submit(queue, name=name, trace=str(trace)) for name in "cb"]
    wait_until(queue, first, "running")
    assert [job.state for job in queue.all()] == ["queued", "queued", "running"]  # the newest first
    (tmp_path / "go").touch()
    job = wait_until(queue, others[-1], "done")
    assert trace.read_text(encoding="utf-8") == "".join(f"{name} begins\n{name} ends\n" for name in "acb")
    assert job.result == {"name": "b"}
    assert job.started_at and job.ended_at >= job.started_at
    assert load_all(tmp_path / "jobs") == {job.number: job for job in queue.all()}


def test_a_review_does_not_wait_for_a_screening(queue: JobQueue) -> None:
    screening = submit(queue, **STOPPABLE)
    training = queue.submit("train", {}, "").number
    reviews = [queue.submit("review", {"name": name}, "").number for name in "ab"]
    for number in reviews:
        wait_until(queue, number, "done")
    wait_until(queue, screening, "running")
    assert queue.get(training) == Job(training, "train", {}, "")  # it waits


def test_a_job_waits_for_the_folders_that_another_one_writes(queue: JobQueue) -> None:
    screening = submit(queue, **STOPPABLE, output="/results/may")
    wait_until(queue, screening, "running")
    waits = queue.submit("review", {"results": "/results/may", "output": "/reviews/may"}, "").number
    other = queue.submit("review", {"results": "/results/june", "output": "/reviews/june"}, "").number
    wait_until(queue, other, "done")
    assert queue.get(waits) == Job(waits, "review", {"results": "/results/may", "output": "/reviews/may"}, "")
    queue.stop(screening)
    wait_until(queue, waits, "done")


@pytest.mark.parametrize(
    ("action", "arguments", "waits"),
    [
        ("improve", {"model": "/models/fox", "review": "/reviews/may"}, True),  # the review is being written
        ("improve", {"model": "/models/fox", "review": "/reviews/june"}, True),  # its model is being read
        ("predict", {"model": "/models/fox", "output": "/results/may"}, True),
        ("predict", {"model": "/models/fox", "output": "/results/june"}, False),  # both read the model
        ("train", {"output": "/models/fox"}, True),
        ("train", {"output": "/models/owl"}, False),
    ],
)
def test_what_a_review_that_is_being_made_holds_up(action: Action, arguments: dict[str, str], waits: bool) -> None:
    review = Job(1, "review", {"results": "/results/may", "model": "/models/fox", "output": "/reviews/may"}, "")
    other = Job(2, action, arguments, "")
    assert disturb(review, other) == disturb(other, review) == waits


def test_the_same_job_is_not_started_twice(queue: JobQueue) -> None:
    first = submit(queue, **STOPPABLE, paths=["/a"])
    assert submit(queue, wait="to be stopped", paths=("/a",)) == first
    other = submit(queue, **STOPPABLE, paths=["/b"])
    assert other != first
    assert submit(queue, **STOPPABLE, paths=["/b"]) == other
    assert queue.submit("review", {**STOPPABLE, "paths": ["/a"]}, "").number not in (first, other)
    queue.stop(first)
    wait_until(queue, first, "stopped")
    assert submit(queue, **STOPPABLE, paths=["/a"]) not in (first, other)


def test_a_job_that_waits_is_stopped_at_once_and_never_runs(queue: JobQueue, tmp_path: Path) -> None:
    running = submit(queue, until=str(tmp_path / "go"))
    waiting = submit(queue, trace=str(tmp_path / "trace"), name="a")
    queue.stop(waiting)
    job = queue.get(waiting)
    assert job and (job.state, job.can_continue) == ("stopped", True)
    (tmp_path / "go").touch()
    wait_until(queue, running, "done")
    wait_until(queue, submit(queue), "done")
    assert not (tmp_path / "trace").exists()


def test_a_job_that_runs_is_stopped_and_the_next_one_runs(queue: JobQueue) -> None:
    first, second = submit(queue, **STOPPABLE, child=True), submit(queue, name="next")
    wait_for(lambda: len(processes()) == 3)
    queue.stop(first)
    queue.stop(first)
    queue.stop(99)
    job = wait_until(queue, first, "stopped")
    assert job.ended_at and not job.error
    wait_until(queue, second, "done")
    queue.stop(second)
    assert wait_until(queue, second, "done").result == {"name": "next"}


def test_a_stop_right_after_the_start_is_not_lost(queue: JobQueue) -> None:
    numbers = [submit(queue, **STOPPABLE, name=str(n)) for n in range(3)]
    for number in numbers:
        wait_until(queue, number, "running")
        queue.stop(number)
        wait_until(queue, number, "stopped")


def test_a_job_is_continued_as_itself(queue: JobQueue, tmp_path: Path) -> None:
    lines = ['{"progress": [0.5, "half", 3.0]}', '{"message": ["info", "hello"]}', '{"error": "No disk."}']
    number = submit(queue, lines=lines, until=str(tmp_path / "go"), code=1)
    wait_until(queue, number, "running")
    (tmp_path / "go").touch()
    job = wait_until(queue, number, "failed")
    assert (job.error, job.progress, job.messages) == ("No disk.", Progress(0.5, "half", 3.0), (("info", "hello"),))
    (tmp_path / "go").unlink()
    queue.resume(number)
    wait_for(lambda: bool((job := queue.get(number)) and job.messages))  # of the second run alone
    job = wait_until(queue, number, "running")
    assert (job.error, job.ended_at, len(job.messages)) == ("", "", 1)
    queue.resume(number)  # it runs
    queue.resume(99)
    (tmp_path / "go").touch()
    assert wait_until(queue, number, "failed").arguments == job.arguments
    assert len(queue.all()) == 1


def test_a_job_that_is_done_cannot_be_continued(queue: JobQueue) -> None:
    number = submit(queue)
    job = wait_until(queue, number, "done")
    queue.resume(number)
    assert queue.get(number) == job


def test_a_process_that_dies_says_where_its_output_is(queue: JobQueue, tmp_path: Path) -> None:
    number = submit(queue, log="Segmentation fault", code=139)
    error = wait_until(queue, number, "failed").error
    log = path_of(number, tmp_path / "jobs").with_suffix(".log")
    assert str(log) in error and "139" in error
    assert log.read_text(encoding="utf-8") == "Segmentation fault\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_the_system_kills_may_have_filled_the_memory(queue: JobQueue, tmp_path: Path) -> None:
    number = submit(queue, child=True, until=str(tmp_path / "go"), signal=9)
    wait_for(lambda: len(processes()) == 3)
    started = processes()
    (tmp_path / "go").touch()
    assert "memory" in wait_until(queue, number, "failed").error
    assert psutil.wait_procs(started, timeout=30)[1] == []  # not its workers either
    assert "memory" not in wait_until(queue, submit(queue, signal=11), "failed").error


def test_other_lines_than_those_of_jobs_do_no_harm(queue: JobQueue) -> None:
    lines = ["", "Loading ...", "{", "[1]", "7", '"result"', "null", "\xff\xfe", '{"unknown": 1}', "NaN"]
    number = submit(queue, lines=[*lines, '{"message": ["warning", "one"]}', *lines], name="a")
    job = wait_until(queue, number, "done")
    assert (job.messages, job.result) == ((("warning", "one"),), {"name": "a"})


def test_a_line_that_breaks_the_rules_fails_its_job_alone(queue: JobQueue) -> None:
    number = submit(queue, lines=['{"progress": 5}'], wait="for ever")
    assert wait_until(queue, number, "failed").error
    assert processes() == []
    wait_until(queue, submit(queue), "done")


def test_the_number_of_a_job_that_was_removed_is_not_used_again(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path, COMMAND)
    for number in (submit(queue, name="a"), submit(queue, name="b")):
        wait_until(queue, number, "done")
    for number in (2, 1):  # the newest first
        queue.remove(number)
    queue.close()
    again = JobQueue(tmp_path, COMMAND)
    assert again.all() == []
    assert submit(again) == 3
    again.close()


def test_only_the_last_messages_are_kept(queue: JobQueue, tmp_path: Path) -> None:
    lines = [json.dumps({"message": ["info", str(n)]}) for n in range(MAX_MESSAGES + 7)]
    number = submit(queue, lines=lines)
    job = wait_until(queue, number, "done")
    assert [text for _, text in job.messages] == [str(n) for n in range(7, MAX_MESSAGES + 7)]
    assert load_all(tmp_path / "jobs")[number] == job


def test_a_program_that_cannot_be_started_fails_its_job_alone(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path, ("no-such-program",))
    for number in (submit(queue), submit(queue)):
        assert "no-such-program" in wait_until(queue, number, "failed").error
    queue.close()


def test_a_process_that_reads_late_holds_nobody_up(tmp_path: Path) -> None:
    late = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\n"
    queue = JobQueue(tmp_path / "jobs", (sys.executable, "-S", "-c", late + PROGRAM))
    number = submit(queue, text="x" * 1_000_000)  # more than a pipe holds
    wait_until(queue, number, "running")
    time.sleep(0.05)
    assert len(queue.all()) == 1
    (tmp_path / "go").touch()
    wait_until(queue, number, "done")
    queue.close()


def test_a_full_disk_ends_no_job(queue: JobQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(job: Job, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    number = submit(queue, until=str(tmp_path / "go"))
    wait_until(queue, number, "running")
    with monkeypatch.context() as full:
        full.setattr(jobs, "save", fail)
        (tmp_path / "go").touch()
        wait_until(queue, number, "done")
        with pytest.raises(OSError, match="No space"):
            submit(queue)
        assert len(queue.all()) == 1
    wait_until(queue, submit(queue), "done")


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_process_that_hangs_is_killed_with_all_that_it_started(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(job_queue, "CLOSING_S", 0.1)
    number = submit(queue, wait="for ever", child=True)
    wait_for(lambda: len(processes()) == 3)
    ending: Callable[[], None] = queue.close if end == "close" else lambda: queue.stop(number)
    ending()
    wait_until(queue, number, "interrupted" if end == "close" else "stopped")
    wait_for(lambda: processes() == [])


def test_what_had_not_ended_with_the_app_is_interrupted_and_can_be_continued(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path, COMMAND)
    running = submit(queue, **STOPPABLE, child=True)
    waiting, reviewing = submit(queue, name="later"), queue.submit("review", STOPPABLE, "").number
    wait_for(lambda: len(processes()) == 4)
    queue.close()
    assert processes() == []
    submit(queue, name="too late")

    (tmp_path / "0007.json").write_text("damaged", encoding="utf-8")
    again = JobQueue(tmp_path, COMMAND)
    assert {job.number: job.state for job in again.all()} == dict.fromkeys([1, 2, 3, 4], "interrupted")
    assert load_all(tmp_path) == {job.number: job for job in again.all()}
    again.resume(waiting)
    wait_until(again, waiting, "done")
    again.resume(running)
    wait_until(again, running, "running")
    assert submit(again) == 8
    assert reviewing == 3
    again.close()
    assert (tmp_path / "0007.json").read_text(encoding="utf-8") == "damaged"

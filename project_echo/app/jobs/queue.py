"""The queue of jobs: one after the other, each in a process of its own, whatever the browser does."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from project_echo.app.jobs import child as job_child
from project_echo.app.jobs import job as jobs
from project_echo.app.jobs.child import KILLING_S
from project_echo.app.jobs.job import MAX_MESSAGES, Action, Job, disturb
from project_echo.core.errors import EchoError
from project_echo.core.progress import Progress

SAVED_S = 5.0  # between two writings of the progress of a job
CLOSING_S = 20.0  # that a job which is stopped has to end in, before it is killed
COMMAND = (sys.executable, "-m", "project_echo.app.jobs.process")


class JobQueue:
    """Runs jobs, and knows how each is.

    All methods may be called from any thread.

    Parameters
    ----------
    folder : Path
        Where jobs are kept; see `jobs.load_all`.
    command : sequence of str
        What runs a job: a program that does as `job_process` says.
    """

    def __init__(self, folder: Path, command: Sequence[str] = COMMAND) -> None:
        self._folder = folder
        self._command = command
        self._jobs = jobs.load_all(folder)
        self._last = max(jobs.numbers(folder), default=0)  # that of a file that cannot be read is not used again
        for job in self._jobs.values():
            if job.state == "interrupted":
                jobs.save(job, folder)
        self._changed = threading.Condition()
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, args=(is_short,), daemon=True) for is_short in (False, True)
        ]
        for thread in self._threads:
            thread.start()

    def all(self) -> list[Job]:
        """All jobs, the newest first."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: -job.number)

    def get(self, number: int) -> Job | None:
        """The job with a number, if there is one."""
        with self._changed:
            return self._jobs.get(number)

    def submit(self, action: Action, arguments: Mapping[str, Any], title: str) -> Job:
        """Add a job; one that is the same and has not ended is returned instead.

        Parameters
        ----------
        action : str
        arguments : mapping
            Of the function, as JSON has them.
        title : str
            For people.

        Returns
        -------
        Job

        Raises
        ------
        OSError
            If it cannot be saved.
        """
        kept = json.loads(json.dumps(dict(arguments), default=str))
        with self._changed:
            for job in self._jobs.values():
                if job.is_open and (job.action, job.arguments) == (action, kept):
                    return job
            job = Job(self._last + 1, action, kept, title)
            jobs.save(job, self._folder)
            self._set(job, keep=False)
            self._last += 1
            self._changed.notify_all()
            return job

    def stop(self, number: int) -> None:
        """Stop a job, if it runs or waits. What it has done is kept."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None or not job.is_open:
                return
            if job.state == "queued":
                self._set(replace(job, state="stopped", ended_at=jobs.now()))
            else:
                self._set(replace(job, is_stopping=True))
                self._close_input(number)

    def resume(self, number: int) -> None:
        """Run a job again that has ended before it was done; it continues where it was."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None or not job.can_continue:
                return
            self._set(
                replace(
                    job,
                    state="queued",
                    started_at="",
                    ended_at="",
                    error="",
                    progress=None,
                    messages=(),
                    is_stopping=False,
                    is_seen=False,
                )
            )
            self._changed.notify_all()

    def see(self, number: int) -> None:
        """Note that a person knows that a job has ended, if it has."""
        with self._changed:
            job = self._jobs.get(number)
            if job and not job.is_open and not job.is_seen:
                self._set(replace(job, is_seen=True))

    def see_written(self, folder: Path) -> None:
        """Note that a person has opened what jobs have written into a folder."""
        for job in self.all():
            if job.state == "done" and jobs.written(job) == str(folder):
                self.see(job.number)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no job start or end, and nobody else pause, while folders are changed."""
        with self._changed:
            yield

    def check_unused(self, paths: Collection[Path]) -> None:
        """Raise EchoError if a job that runs or waits uses one of some folders."""
        for job in self.all():
            if job.is_open and jobs.uses(job, paths):
                raise EchoError(f'The job "{job.title}" uses this. Wait until it has ended, or stop it.')

    def remove(self, number: int) -> None:
        """Forget a job that has ended, with its messages; what it has made stays."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None or job.is_open:
                return
            path = jobs.path_of(number, self._folder)
            if number == self._last:  # an empty file: its number is not used again, to which old links lead
                path.write_bytes(b"")
            else:
                path.unlink(missing_ok=True)
            path.with_suffix(".log").unlink(missing_ok=True)
            del self._jobs[number]

    def close(self) -> None:
        """End all processes, and start no other."""
        with self._changed:
            self._closed = True
            for number in list(self._processes):
                self._close_input(number)
            self._changed.notify_all()
        until = time.monotonic() + CLOSING_S + KILLING_S
        for thread in self._threads:  # they end with their processes, which `_close_input` sees to
            thread.join(max(0.0, until - time.monotonic()))

    def _set(self, job: Job, *, keep: bool = True) -> None:
        self._jobs[job.number] = job
        if keep:
            with suppress(OSError):  # a full disk: what runs goes on, and is saved the next time
                jobs.save(job, self._folder)

    def _close_input(self, number: int) -> None:
        """A job whose standard input is closed ends; if it hangs, it is killed."""
        process = self._processes.get(number)
        if process and process.stdin and not process.stdin.closed:
            with suppress(BrokenPipeError):
                process.stdin.close()
            timer = threading.Timer(CLOSING_S, job_child.kill, [process])
            timer.daemon = True
            timer.start()

    def _work(self, is_short: bool) -> None:
        """Run the short jobs or the long ones, the oldest first."""
        while True:
            with self._changed:
                while not (job := self._next(is_short)) and not self._closed:
                    self._changed.wait()
                if self._closed or job is None:
                    return
                job = replace(job, state="running", started_at=jobs.now())
                self._set(job)
            try:
                self._run(job)
            except Exception as error:  # whatever it is, the next job runs
                self._end(job.number, {"error": f"The job could not be run: {error}"})

    def _next(self, is_short: bool) -> Job | None:
        """The oldest short or long job that waits, and whose folders no running job writes."""
        running = [job for job in self._jobs.values() if job.state == "running"]
        waiting = [job for job in self._jobs.values() if job.state == "queued" and job.is_short is is_short]
        free = [job for job in waiting if not any(disturb(job, other) for other in running)]
        return min(free, key=lambda job: job.number, default=None)

    def _run(self, job: Job) -> None:
        """Run a job, follow what it tells, and note its end."""
        log = jobs.path_of(job.number, self._folder).with_suffix(".log")
        call = {"action": job.action, "arguments": job.arguments}
        saved = time.monotonic()

        def update(told: Mapping[str, Any]) -> None:
            nonlocal saved
            keep = time.monotonic() - saved > SAVED_S
            saved = time.monotonic() if keep else saved
            self._update(job.number, told, keep)

        try:
            end = job_child.run(self._command, call, log, lambda process: self._started(job.number, process), update)
        finally:
            with self._changed:
                self._processes.pop(job.number, None)
        self._end(job.number, end)

    def _started(self, number: int, process: "subprocess.Popen[str]") -> None:
        """Note the process of a job, which may have been stopped meanwhile."""
        with self._changed:
            self._processes[number] = process
            if self._closed or self._jobs[number].is_stopping:
                self._close_input(number)

    def _update(self, number: int, told: Mapping[str, Any], keep: bool) -> None:
        """Note what a job has told."""
        with self._changed:
            job = self._jobs[number]
            if "progress" in told:
                job = replace(job, progress=Progress(*told["progress"]))
            if "message" in told:
                level, text = told["message"]
                job = replace(job, messages=(*job.messages, (level, text))[-MAX_MESSAGES:])
            self._set(job, keep=keep)

    def _end(self, number: int, end: Mapping[str, Any]) -> None:
        """Note the end of a job."""
        with self._changed:
            was_stopped = self._jobs[number].is_stopping
            job = replace(self._jobs[number], ended_at=jobs.now(), is_stopping=False)
            if "result" in end:
                job = replace(job, state="done", result=end["result"])
            elif was_stopped:
                job = replace(job, state="stopped")
            elif self._closed:
                job = replace(job, state="interrupted")
            else:
                job = replace(job, state="failed", error=end.get("error", "Its process was stopped."))
            self._set(job)
            self._changed.notify_all()  # a job of the other kind may wait for its folders

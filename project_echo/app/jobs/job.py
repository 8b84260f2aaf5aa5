"""Jobs: what a person has started, kept on disk, so that it is found again after the app has ended."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from project_echo.core.files import write_json
from project_echo.core.progress import Progress

Action = Literal["train", "predict", "review", "improve"]
State = Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
OPEN: tuple[State, ...] = ("queued", "running")
CAN_CONTINUE: tuple[State, ...] = ("failed", "stopped", "interrupted")
JUST_MINUTES = 5  # after its end a job is told on every page
MAX_MESSAGES = 500  # kept of each job
_NAME = re.compile(r"(\d{4,})\.json")


@dataclass(frozen=True)
class Job:
    """A call of the Python interface that runs in a process of its own.

    Attributes
    ----------
    number : int
        From 1, in the order in which they were started.
    action : str
        Name of the command that does the same.
    arguments : dict
        Keyword arguments of the function, as JSON has them.
    title : str
        What it does, for people.
    state : str
        "interrupted" if the app ended before the job did.
    started_at, ended_at : str
        ISO 8601, local time; empty if it has not.
    progress : Progress or None
        The last one that was told.
    messages : tuple of (str, str)
        Level ("info" or "warning") and text of what the function said.
    error : str
        Why it failed; empty if it did not.
    is_stopping : bool
        Whether a person has stopped it, and it still cleans up.
    is_seen : bool
        Whether a person knows that it has ended.
    result : dict
        What `job_process.summarize` says of what the function returned.
    """

    number: int
    action: Action
    arguments: Mapping[str, Any]
    title: str
    state: State = "queued"
    started_at: str = ""
    ended_at: str = ""
    progress: Progress | None = None
    messages: tuple[tuple[str, str], ...] = ()
    error: str = ""
    is_stopping: bool = False
    is_seen: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it runs or will run."""
        return self.state in OPEN

    @property
    def is_news(self) -> bool:
        """Whether it has ended in the last minutes, and a person may not know yet."""
        if self.is_open or self.is_seen or not self.ended_at:
            return False
        return datetime.now() - datetime.fromisoformat(self.ended_at) < timedelta(minutes=JUST_MINUTES)

    @property
    def is_short(self) -> bool:
        """Whether it does not wait for long ones: reviews and exports are made while a month is screened."""
        return self.action == "review" or bool(self.arguments.get("formats"))

    @property
    def can_continue(self) -> bool:
        """Whether it has ended before it was done."""
        return self.state in CAN_CONTINUE


def disturb(first: Job, second: Job) -> bool:
    """Whether one of two jobs writes a folder that the other one uses: they must not run at the same time."""
    return any(written(one) in _folders(other) for one, other in ((first, second), (second, first)))


def uses(job: Job, paths: Collection[Path]) -> bool:
    """Whether a job reads or writes one of some folders, or something in them."""
    return any(Path(str(folder)).is_relative_to(path) for folder in _folders(job) for path in paths)


def written(job: Job) -> object:
    """The folder that a job writes."""
    return job.arguments.get("model" if job.action == "improve" else "output")


def _folders(job: Job) -> list[object]:
    return [job.arguments[name] for name in ("model", "results", "review", "output") if name in job.arguments]


def now() -> str:
    """The time, as jobs have it."""
    return datetime.now().isoformat(timespec="seconds")


def path_of(number: int, folder: Path) -> Path:
    """The file of a job."""
    return folder / f"{number:04d}.json"


def save(job: Job, folder: Path) -> None:
    """Write a job to its file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(asdict(job), path_of(job.number, folder))


def numbers(folder: Path) -> list[int]:
    """Numbers of the files of jobs, in order; some may be damaged or of a later version. The folder need not exist."""
    names = [_NAME.fullmatch(path.name) for path in folder.glob("*.json")] if folder.is_dir() else []
    return sorted({int(name[1]) for name in names if name})


def load_all(folder: Path) -> dict[int, Job]:
    """Read the jobs of earlier times; those that had not ended are interrupted.

    A file that is damaged or of a later version is left out.

    Parameters
    ----------
    folder : Path
        It need not exist.

    Returns
    -------
    dict of int to Job
        By number.
    """
    loaded = {}
    for number in numbers(folder):
        job = _load(path_of(number, folder))
        if job and job.number == number:
            loaded[number] = (
                replace(job, state="interrupted", ended_at=now(), is_stopping=False) if job.is_open else job
            )
    return loaded


_SCHEMA = TypeAdapter(Job)


def _load(path: Path) -> Job | None:
    try:
        return _SCHEMA.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None

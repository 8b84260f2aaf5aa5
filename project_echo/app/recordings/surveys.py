"""Surveys of folders in the background: whether one can train on them, how long the recordings are, what is wrong."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from project_echo.app.recordings.contents import Contents, Item, Kind
from project_echo.app.sounds.headers import read_header
from project_echo.core.errors import EchoError, file_reason
from project_echo.studies.checks import check_recordings, hints

KEPT = 4  # surveys in memory
IDLE_S = 20.0  # without anyone who asks, after which reading of headers pauses
STEP = 50  # headers between two states
OUTSIDE = "a link to a file outside the opened folders: open its folder, too"


@dataclass(frozen=True)
class State:
    """How far a survey is, and what it has found.

    Attributes
    ----------
    is_checked : bool
        Whether the next two are known. Only labels are checked.
    refusal : str
        Why one cannot train on the folder; empty if one can.
    hints : tuple of str
        What would make a classifier better.
    read : int
        Headers that were read.
    seconds : mapping of str to float
        Length of the recordings of each group, s.
    skipped, faults : tuple of (str, str)
        Names of files that are not used, or that are damaged, and the reasons.
    is_done : bool
    """

    is_checked: bool = False
    refusal: str = ""
    hints: tuple[str, ...] = ()
    read: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    is_done: bool = False


class Survey:
    """A survey of a folder, in a thread of its own.

    Parameters
    ----------
    folder : Path
    contents : Contents
    may_read : callable
        Whether a file lies in an opened folder.
    """

    def __init__(self, folder: Path, contents: Contents, may_read: Callable[[Path], bool]) -> None:
        self.contents = contents
        self._folder, self._may_read = folder, may_read
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked = 0.0
        self._state = State(is_checked=contents.kind == "field", skipped=contents.skipped)

    def ask(self) -> State:
        """How far it is. It starts, or goes on."""
        with self._lock:
            self._asked = time.monotonic()
            if not self._state.is_done and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        return self._state

    def wait(self, limit_s: float = math.inf) -> State:
        """Wait until it is done, or for so long, s."""
        end = time.monotonic() + limit_s
        while not (state := self.ask()).is_done and time.monotonic() < end:
            time.sleep(0.01)
        return state

    def _run(self) -> None:
        if not self._state.is_checked:
            self._state = self._check()
        items = self.contents.items
        while self._state.read < len(items):
            if time.monotonic() - self._asked > IDLE_S:
                return
            self._read(items[self._state.read : self._state.read + STEP])
        self._state = replace(self._state, is_done=True)

    def _check(self) -> State:
        try:
            recordings = check_recordings(self._folder, self._folder)  # nothing is joined with it
        except EchoError as error:
            return replace(self._state, is_checked=True, refusal=" ".join(str(error).split()))
        except OSError as error:  # such as a disk that was disconnected
            return replace(self._state, is_checked=True, refusal=f"{self._folder}: {file_reason(error)}")
        skipped = tuple(sorted({*self._state.skipped, *recordings.skipped}))
        return replace(self._state, is_checked=True, hints=tuple(hints(recordings)), skipped=skipped)

    def _read(self, items: tuple[Item, ...]) -> None:
        seconds, faults = dict(self._state.seconds), []
        for item in items:
            if not self._may_read(item.path):
                faults.append((item.name, OUTSIDE))
                continue
            header = read_header(item.path)
            seconds[item.group] = seconds.get(item.group, 0.0) + header.duration_s
            if header.problem:
                faults.append((item.name, header.problem))
        self._state = replace(
            self._state, read=self._state.read + len(items), seconds=seconds, faults=(*self._state.faults, *faults)
        )


class Surveys:
    """The surveys of the folders that were looked at last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._surveys: OrderedDict[tuple[Path, Kind], Survey] = OrderedDict()

    def latest(self, folder: Path, kind: Kind) -> Survey | None:
        """The survey of a folder that was asked for last."""
        return self._surveys.get((folder, kind))

    def get(self, folder: Path, contents: Contents, may_read: Callable[[Path], bool]) -> Survey:
        """The survey of a folder with these contents."""
        key = (folder, contents.kind)
        with self._lock:
            survey = self._surveys.pop(key, None)
            if survey is None or survey.contents != contents:
                survey = Survey(folder, contents, may_read)
            self._surveys[key] = survey
            while len(self._surveys) > KEPT:
                self._surveys.popitem(last=False)
        return survey

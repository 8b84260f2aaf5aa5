"""The progress line of a screening: what it counts, and that it moves within a recording, wherever that is read."""

import io
import itertools
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.media import probe
from project_echo.models.card import CARD
from project_echo.models.windows import WINDOWS_PER_BLOCK
from project_echo.screening import progress, worker
from project_echo.screening.journal import Journal
from project_echo.screening.progress import Tally
from project_echo.screening.screen import screen
from project_echo.screening.worker import Outcome
from tests.project_echo.screening.conftest import HIGH, LOW, QUIET, RATE, Make, tables
from tests.screening_work import count_looks, watched_screen
from tests.sounds import encode, write_wav

LINE = re.compile(r"(\d+)% \|.{20}\| (\d+) of 2 files, ([\d.]+) h, [\d,]+ times real time, (\S+) left")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def as_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error look like a terminal; in the test itself, as pytest replaces it after the fixtures."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.mark.parametrize("where", ["this process", "workers", "cluster"])
def test_the_line_moves_within_a_recording_and_changes_no_result(
    arguments: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    where: str,
) -> None:
    call = np.concatenate([LOW, HIGH, QUIET])
    paths = [
        write_wav(tmp_path / "long.wav", np.tile(call, 100), RATE),
        encode(tmp_path / "longer.mp3", np.tile(call, 150), "-ar", str(RATE)),
    ]
    usual = arguments(recordings=paths, output=tmp_path / "usual")
    screen(**usual)

    scheduler = request.getfixturevalue("scheduler") if where == "cluster" else ""
    monkeypatch.setattr("project_echo.screening.worker.screen_file", watched_screen)
    monkeypatch.setattr(Journal, "active", count_looks(Journal.active))
    monkeypatch.setattr(progress, "INTERVAL_S", 0.01)
    terminal = as_terminal(monkeypatch)
    watched = arguments(recordings=paths, scheduler=scheduler, jobs=1 if where == "this process" else 2)
    screen(**watched)
    percents, files, hours, left = zip(*LINE.findall(terminal.getvalue()), strict=True)
    before_any = [int(percent) for percent, n_files in zip(percents, files, strict=True) if n_files == "0"]
    assert len({percent for percent in before_any if percent}) > 3
    assert sorted(map(int, percents)) == list(map(int, percents))
    assert "0.1" in hours
    assert any(re.fullmatch(r"\d\d:\d\d", remaining) for remaining in left)
    assert tables(watched["output"]) == tables(usual["output"])


def test_a_worker_notes_at_intervals_how_much_is_processed(
    by_pitch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that goes on by a second with every look at it: one look at the start, one or two per block."""
    seconds = 4 * WINDOWS_PER_BLOCK
    path = write_wav(tmp_path / "a.wav", np.tile(HIGH, seconds), RATE)
    notes: list[tuple[float, float]] = []
    clock = itertools.count()

    class Recorder(Journal):
        def mark_active(self, recording: str, processed_s: float = 0.0, fraction: float = 0.0) -> None:
            notes.append((processed_s, fraction))

    monkeypatch.setattr(worker, "time", type("Clock", (), {"monotonic": staticmethod(lambda: float(next(clock)))}))
    digest = files.sha256(by_pitch / CARD)
    worker.screen_file(path, "a.wav", by_pitch, digest, 1.0, 1, True, False, Recorder(tmp_path / "journal"))
    assert notes == [(0, 0), (seconds / 2, 0.5), (seconds, 1)]


def test_a_log_gets_no_line_and_no_progress_is_noted_for_it(
    arguments: Make, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    probed: list[Path] = []
    monkeypatch.setattr(worker, "PROGRESS_INTERVAL_S", 0)
    monkeypatch.setattr(probe, "stated_duration_s", lambda path: probed.append(path) or 1.0)
    screen(**arguments())
    assert capfd.readouterr().err == ""
    assert not probed
    as_terminal(monkeypatch)
    screen(**arguments(resume=False))
    assert len(set(probed)) == 4


def test_a_folder_that_is_unavailable_for_a_moment_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread an error would end the line for good, and be printed over it."""
    answers = iter([OSError(116, "Stale file handle"), {"a": (60.0, 0.5)}])
    drawn = threading.Event()

    def active() -> progress.Active:
        answer = next(answers, None)
        if isinstance(answer, OSError):
            raise answer
        if answer is None:
            drawn.set()
        return answer or {}

    def outcomes() -> Iterator[Outcome]:
        assert drawn.wait(60)
        yield Outcome("a", 120)

    failed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    monkeypatch.setattr(progress, "INTERVAL_S", 0.01)
    terminal = as_terminal(monkeypatch)
    assert list(progress.with_progress(outcomes(), {"a": 1000}, active)) == [Outcome("a", 120)]
    assert " 50% " in terminal.getvalue()
    assert not failed


def test_done_and_active_recordings_count_once() -> None:
    tally = Tally({"a": 1000, "b": 3000, "c": 0})
    assert tally.totals({}) == (0, 0, 0)
    assert tally.totals({"a": (60, 0.5), "b": (30, 0.1)}) == (0, 90, 800)
    assert tally.totals({"b": (60, 0.2)}) == (0, 120, 1100), "a has ended, and its outcome is on the way"
    tally.add(Outcome("a", 120))
    assert tally.totals({"a": (60, 0.5), "b": (60, 0.2)}) == (1, 180, 1600), "a note may be read late"
    assert tally.totals({"b": (0, 0.0)}) == (1, 120, 1000), "started again, as its worker died"
    tally.add(Outcome("b", 0, "damaged"))
    tally.add(Outcome("c", 0, "empty file"))
    assert tally.totals({"left by another run": (60, 0.2)}) == (3, 120, 4000)

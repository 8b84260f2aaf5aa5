"""The line that says how far a screening is: it moves within a recording, wherever that is read."""

import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from project_echo.media import probe
from project_echo.screening import progress, worker
from project_echo.screening.command import Options, predict
from project_echo.screening.progress import Tally
from project_echo.screening.worker import Outcome
from tests.project_echo.screening.conftest import HIGH, LOW, QUIET, RATE, tables
from tests.sounds import encode, write_wav
from tests.work import slow_screen

LINE = re.compile(r"(\d+) % \|.{20}\| (\d+) of 2 files, ([\d.]+) h, [\d,]+ times real time, (\S+) left")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("where", ["this process", "workers", "cluster"])
def test_it_moves_within_a_recording_and_changes_no_result(
    options: Callable[..., Options],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    where: str,
) -> None:
    call = np.concatenate([LOW, HIGH, QUIET])
    given = [
        write_wav(tmp_path / "long.wav", np.tile(call, 200), RATE),
        encode(tmp_path / "longer.mp3", np.tile(call, 300), "-ar", str(RATE)),
    ]
    usual = options(recordings=given, output=tmp_path / "usual")
    predict(usual)

    monkeypatch.setattr("project_echo.screening.worker.screen", slow_screen)
    monkeypatch.setattr(progress, "DRAWN_S", 0.05)
    monkeypatch.setattr(sys, "stderr", Terminal())
    scheduler = request.getfixturevalue("scheduler") if where == "cluster" else ""
    watched = options(recordings=given, scheduler=scheduler, jobs=1 if where == "this process" else 2)
    predict(watched)
    lines = LINE.findall(sys.stderr.getvalue())  # type: ignore[attr-defined]
    percent, files, hours, left = zip(*lines, strict=True)
    before_any = [int(share) for share, done in zip(percent, files, strict=True) if done == "0"]
    assert len({share for share in before_any if share}) > 3
    assert sorted(map(int, percent)) == list(map(int, percent))
    assert "0.1" in hours
    assert any(re.fullmatch(r"\d\d:\d\d", time) for time in left)
    assert tables(watched.output) == tables(usual.output)


def test_nobody_watches_a_log_and_nothing_is_noted_for_it(
    options: Callable[..., Options], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(worker, "NOTED_S", 0)
    monkeypatch.setattr(probe, "stated_s", lambda path: asked.append(path) or 1.0)
    predict(options())
    assert capfd.readouterr().err == ""
    assert not asked
    monkeypatch.setattr(sys, "stderr", Terminal())
    predict(options(resume=False))
    assert len(set(asked)) == 4


def test_a_folder_that_is_away_for_a_moment_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread an error would end the line for good, and be printed over it."""
    answers = iter([OSError(116, "Stale file handle"), {"a": (60.0, 0.5)}])
    drawn = threading.Event()

    def under_way() -> progress.UnderWay:
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
    monkeypatch.setattr(progress, "DRAWN_S", 0.01)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(progress.shown(outcomes(), {"a": 1000}, under_way)) == [Outcome("a", 120)]
    assert " 50 % " in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert not failed


def test_what_is_done_and_what_is_under_way_count_once() -> None:
    tally = Tally({"a": 1000, "b": 3000, "c": 0})
    assert tally.so_far({}) == (0, 0, 0)
    assert tally.so_far({"a": (60, 0.5), "b": (30, 0.1)}) == (0, 90, 800)
    assert tally.so_far({"b": (60, 0.2)}) == (0, 120, 1100), "a has ended, and its outcome is on the way"
    tally.add(Outcome("a", 120))
    assert tally.so_far({"a": (60, 0.5), "b": (60, 0.2)}) == (1, 180, 1600), "a note may be read late"
    assert tally.so_far({"b": (0, 0.0)}) == (1, 120, 1000), "begun again, as its worker died"
    tally.add(Outcome("b", 0, "damaged"))
    tally.add(Outcome("c", 0, "empty file"))
    assert tally.so_far({"left by another run": (60, 0.2)}) == (3, 120, 4000)

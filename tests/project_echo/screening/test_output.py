"""The folder of results is made ready: what was left half-written goes, whoever else is at it."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.screening.output import JOURNAL, LOCK, prepared

ROOT = Path(__file__).parents[3]


def test_what_was_left_half_written_is_swept_and_nothing_else(tmp_path: Path) -> None:
    journal = tmp_path / JOURNAL
    (journal / "begun").mkdir(parents=True)
    (tmp_path / ".clips-writing-abc" / "boar").mkdir(parents=True)
    for path in (tmp_path / ".writing-a.csv", journal / ".writing-a.npy", journal / "12ab.begun"):
        path.touch()
    kept = [journal / "12ab.npy", journal / "begun" / "12ab.json", tmp_path / "events.csv", tmp_path / ".hidden"]
    for path in kept:
        path.touch()
    with prepared(tmp_path):
        left = {path for path in tmp_path.rglob("*") if path.is_file()} - {tmp_path / LOCK}
    assert left == set(kept)
    assert not (tmp_path / ".clips-writing-abc").exists()


def test_what_its_writer_takes_away_meanwhile_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that outlived the killed run ends its file between the look and the sweep."""
    (tmp_path / JOURNAL).mkdir()
    (tmp_path / JOURNAL / ".writing-a.npy").touch()
    is_dir = Path.is_dir

    def finished(path: Path) -> bool:
        if path.name.startswith(".writing-"):
            path.rename(path.with_name("12ab.npy"))
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", finished)
    with prepared(tmp_path):
        pass
    assert [path.name for path in (tmp_path / JOURNAL).iterdir()] == ["12ab.npy"]


def test_a_folder_is_of_one_run_at_a_time(tmp_path: Path) -> None:
    """Another process, as cron starts one; and whatever ends the first one, the next one may begin."""
    hold = "import sys; from pathlib import Path; from project_echo.screening.output import prepared\n"
    hold += "with prepared(Path(sys.argv[1])): print('there', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "results")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as first:
        assert first.stdout and first.stdout.readline() == b"there\n"
        with pytest.raises(EchoError, match=r"results: another run is at work there"), prepared(tmp_path / "results"):
            raise AssertionError
        first.kill()
    with prepared(tmp_path / "results"):
        pass


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_drive_without_locks_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def flock(*_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    for _ in range(2):
        with prepared(tmp_path):
            pass

"""The results folder: partial files are removed, and only one run at a time works in it."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.screening.output import JOURNAL, LOCK, open_output

ROOT = Path(__file__).parents[3]


def test_partial_files_of_a_killed_run_are_removed_and_nothing_else(tmp_path: Path) -> None:
    journal = tmp_path / JOURNAL
    (journal / "active").mkdir(parents=True)
    (tmp_path / ".clips-writing-abc" / "boar").mkdir(parents=True)
    for path in (tmp_path / ".writing-a.csv", journal / ".writing-a.npy"):
        path.touch()
    kept = [journal / "12ab.npy", journal / "active" / "12ab.json", tmp_path / "events.csv", tmp_path / ".hidden"]
    for path in kept:
        path.touch()
    with open_output(tmp_path):
        left = {path for path in tmp_path.rglob("*") if path.is_file()} - {tmp_path / LOCK}
    assert left == set(kept)
    assert not (tmp_path / ".clips-writing-abc").exists()


def test_a_partial_file_that_its_writer_renames_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that outlived the killed run completes its file just before it would be removed."""
    (tmp_path / JOURNAL).mkdir()
    (tmp_path / JOURNAL / ".writing-a.npy").touch()
    is_dir = Path.is_dir

    def finished(path: Path) -> bool:
        if path.name.startswith(".writing-"):
            path.rename(path.with_name("12ab.npy"))
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", finished)
    with open_output(tmp_path):
        pass
    assert [path.name for path in (tmp_path / JOURNAL).iterdir()] == ["12ab.npy"]


def test_only_one_run_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    """Two processes, as cron starts them; once the first has ended, however it ended, another may begin."""
    hold = "import sys; from pathlib import Path; from project_echo.screening.output import open_output\n"
    hold += "with open_output(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "results")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as first:
        assert first.stdout and first.stdout.readline() == b"open\n"
        with pytest.raises(EchoError) as error, open_output(tmp_path / "results"):
            raise AssertionError
        assert str(tmp_path / "results") in str(error.value)
        first.kill()
    with open_output(tmp_path / "results"):
        pass


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_drive_without_locks_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def flock(*_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    for _ in range(2):
        with open_output(tmp_path):
            pass

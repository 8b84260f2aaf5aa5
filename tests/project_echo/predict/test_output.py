"""The folder of results is made ready: what was left half-written goes, whoever else is at it."""

from pathlib import Path

import pytest

from project_echo.predict.output import JOURNAL, prepare


def test_what_was_left_half_written_is_swept_and_nothing_else(tmp_path: Path) -> None:
    journal = tmp_path / JOURNAL
    (journal / "begun").mkdir(parents=True)
    (tmp_path / ".clips-writing-abc" / "boar").mkdir(parents=True)
    for path in (tmp_path / ".writing-a.csv", journal / ".writing-a.npy", journal / "12ab.begun"):
        path.touch()
    kept = [journal / "12ab.npy", journal / "begun" / "12ab.json", tmp_path / "events.csv", tmp_path / ".hidden"]
    for path in kept:
        path.touch()
    prepare(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
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
    prepare(tmp_path)
    assert [path.name for path in (tmp_path / JOURNAL).iterdir()] == ["12ab.npy"]

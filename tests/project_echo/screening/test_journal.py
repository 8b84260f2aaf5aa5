"""The journal: results are found again, only if complete, and those of other settings are not mixed in."""

import errno
import os
import resource
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.screening.journal import open_journal

SETTINGS = {"model": "a", "hop": 5.0}
ODD = 'site/"night" 1\n=é.wav'


def test_results_are_found_when_the_journal_is_opened_again(tmp_path: Path) -> None:
    first = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    assert first.metadata(ODD) is None
    slices = np.random.default_rng(1).random((4, 3, 2), dtype=np.float32)
    first.add(ODD, slices, {"note": "odd"})
    second = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    assert second.metadata(ODD) == {"note": "odd"}
    np.testing.assert_array_equal(second.probabilities(ODD), slices)
    assert second.metadata("another.wav") is None


def test_a_recording_counts_as_done_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (metadata,) = (path for path in journal.folder.glob("*.json") if path.name != "settings.json")
    metadata.unlink()  # as after a kill between the two files
    assert journal.metadata(ODD) is None


@pytest.mark.parametrize("max_bytes", [500, 5_000], ids=["less than a block", "more"])
def test_a_full_disk_is_an_error_before_a_recording_counts_as_done(tmp_path: Path, max_bytes: int) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, before[1]))
    try:
        with pytest.raises(OSError) as error:
            journal.add(ODD, np.zeros((max_bytes // 3, 1), np.float32), {})
        assert error.value.errno == errno.EFBIG
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in journal.folder.iterdir() if path.name != "settings.json"]
    assert journal.metadata(ODD) is None


def test_pickled_objects_are_not_loaded_as_probabilities(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (path,) = journal.folder.glob("*.npy")
    np.save(path, np.array([{"code": 1}]), allow_pickle=True)
    assert journal.metadata(ODD) is None


@pytest.mark.parametrize("changes", [{"model": "b"}, {"hop": 1.0}])
def test_results_of_other_settings_are_not_mixed(tmp_path: Path, changes: dict[str, object]) -> None:
    open_journal(tmp_path / "results/.journal", SETTINGS, resume=True).add(ODD, np.eye(3), {})
    with pytest.raises(EchoError) as error:
        open_journal(tmp_path / "results/.journal", SETTINGS | changes, resume=True)
    assert all(fact in str(error.value) for fact in ("results", next(iter(changes)), "--no-resume"))
    again = open_journal(tmp_path / "results/.journal", SETTINGS | changes, resume=False)
    assert again.metadata(ODD) is None


def test_a_worker_that_outlived_its_run_does_not_write_into_the_next_run(tmp_path: Path) -> None:
    before = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    before.add("a.wav", np.eye(3, dtype=np.float32), {})
    current = open_journal(tmp_path / ".journal", SETTINGS | {"model": "b"}, resume=False)
    before.mark_active(ODD)
    before.add(ODD, np.eye(3, dtype=np.float32), {"note": "of the other model"})
    assert current.active() == {} and not current.is_active(ODD)
    assert current.metadata(ODD) is None
    current.add(ODD, np.zeros((2, 3), np.float32), {"note": "current"})
    before.unmark_active(ODD)
    before.add(ODD, np.eye(3, dtype=np.float32), {"note": "of the other model"})
    assert current.metadata(ODD) == {"note": "current"}
    assert current.probabilities(ODD).shape == (2, 3)
    assert [path.name for path in tmp_path.iterdir()] == [".journal"]


def test_probabilities_are_synced_to_disk_before_their_metadata_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may keep a renamed file but lose its content."""
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    synced: list[tuple[int, list[Path]]] = []
    existing = set(journal.folder.iterdir())

    def sync(handle: int) -> None:
        new = [path for path in journal.folder.glob("[!.]*") if path not in existing]
        synced.append((os.fstat(handle).st_size, new))

    monkeypatch.setattr(os, "fsync", sync)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (written,) = journal.folder.glob("*.npy")
    assert synced == [(written.stat().st_size, [])]


def test_progress_can_be_read_by_other_processes(tmp_path: Path) -> None:
    here, there = (open_journal(tmp_path / ".journal", SETTINGS, resume=True) for _ in range(2))
    note = '{"recording": "c.wav", "processed_s": 1, "fraction": 0.5}'
    assert here.active() == {}
    there.mark_active(ODD)
    there.mark_active("b.wav")
    there.mark_active(ODD, 90.0, 0.25)
    assert here.active() == {ODD: (90.0, 0.25), "b.wav": (0.0, 0.0)}
    (here.folder / "active" / ".writing-abc.json").write_text(note, encoding="utf-8")
    assert set(here.active()) == {ODD, "b.wav"}, "temporary files are not read"
    next((here.folder / "active").glob("[!.]*")).write_bytes(b'{"rec')  # without the name of a recording it is ignored
    assert len(here.active()) == 1
    there.unmark_active(ODD)
    there.unmark_active("b.wav")
    assert here.active() == {} and not here.is_active(ODD)
    there.mark_active("b.wav")
    assert here.pop_interrupted() == {"b.wav"}
    assert here.pop_interrupted() == set()
    assert here.metadata(ODD) is None

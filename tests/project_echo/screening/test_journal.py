"""The journal: what is noted is found again, and what does not belong together is not mixed."""

import os
import resource
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.screening.journal import open_journal

SETTINGS = {"model": "a", "hop": 5.0}
ODD = 'site/"night" 1\n=é.wav'


def test_what_is_noted_is_found_by_whoever_opens_it_next(tmp_path: Path) -> None:
    first = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    assert first.find(ODD) is None
    first.add(ODD, np.eye(3, dtype=np.float32), {"note": "odd"})
    second = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    assert second.find(ODD) == {"note": "odd"}
    np.testing.assert_array_equal(second.probabilities(ODD), np.eye(3))
    assert second.find("another.wav") is None


def test_a_recording_counts_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (about,) = (path for path in journal.folder.glob("*.json") if path.name != "settings.json")
    about.unlink()  # as if it was killed between the two
    assert journal.find(ODD) is None


@pytest.mark.parametrize("fits", [500, 5_000], ids=["less than a block", "more"])  # bytes
def test_a_full_disk_is_noticed_before_a_recording_counts_as_done(tmp_path: Path, fits: int) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (fits, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            journal.add(ODD, np.zeros((fits // 3, 1), np.float32), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in journal.folder.iterdir() if path.name != "settings.json"]
    assert journal.find(ODD) is None


def test_objects_in_the_place_of_probabilities_are_not_loaded(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (place,) = journal.folder.glob("*.npy")
    np.save(place, np.array([{"code": 1}]), allow_pickle=True)
    assert journal.find(ODD) is None


@pytest.mark.parametrize("changes", [{"model": "b"}, {"hop": 1.0}])
def test_results_of_other_settings_are_not_mixed(tmp_path: Path, changes: dict[str, object]) -> None:
    open_journal(tmp_path / "results/.journal", SETTINGS, resume=True).add(ODD, np.eye(3), {})
    with pytest.raises(EchoError, match=rf"results was begun with another {next(iter(changes))}.*--no-resume"):
        open_journal(tmp_path / "results/.journal", SETTINGS | changes, resume=True)
    anew = open_journal(tmp_path / "results/.journal", SETTINGS | changes, resume=False)
    assert anew.find(ODD) is None


def test_a_worker_that_outlived_its_run_does_not_write_for_the_next_one(tmp_path: Path) -> None:
    before = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    before.add("a.wav", np.eye(3, dtype=np.float32), {})
    now = open_journal(tmp_path / ".journal", SETTINGS | {"model": "b"}, resume=False)
    before.begin(ODD)
    before.add(ODD, np.eye(3, dtype=np.float32), {"note": "of the other model"})
    assert now.under_way() == {} and not now.begun(ODD)
    assert now.find(ODD) is None
    now.add(ODD, np.zeros((2, 3), np.float32), {"note": "mine"})
    before.end(ODD)
    before.add(ODD, np.eye(3, dtype=np.float32), {"note": "of the other model"})
    assert now.find(ODD) == {"note": "mine"}
    assert now.probabilities(ODD).shape == (2, 3)
    assert [path.name for path in tmp_path.iterdir()] == [".journal"]


def test_probabilities_are_on_the_disk_before_anything_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut may keep a rename and lose what was in the file."""
    journal = open_journal(tmp_path / ".journal", SETTINGS, resume=True)
    synced: list[tuple[int, list[Path]]] = []
    shown = set(journal.folder.iterdir())

    def sync(handle: int) -> None:
        new = [path for path in journal.folder.glob("[!.]*") if path not in shown]
        synced.append((os.fstat(handle).st_size, new))

    monkeypatch.setattr(os, "fsync", sync)
    journal.add(ODD, np.eye(3, dtype=np.float32), {})
    (written,) = journal.folder.glob("*.npy")
    assert synced == [(written.stat().st_size, [])]


def test_how_far_somebody_is_can_be_read_by_others(tmp_path: Path) -> None:
    here, there = (open_journal(tmp_path / ".journal", SETTINGS, resume=True) for _ in range(2))
    note = '{"recording": "c.wav", "heard_s": 1, "share": 0.5}'
    assert here.under_way() == {}
    there.begin(ODD)
    there.begin("b.wav")
    there.begin(ODD, 90.0, 0.25)
    assert here.under_way() == {ODD: (90.0, 0.25), "b.wav": (0.0, 0.0)}
    (here.folder / "begun" / ".writing-abc.json").write_text(note, encoding="utf-8")
    assert set(here.under_way()) == {ODD, "b.wav"}, "what is half-written is not read"
    next((here.folder / "begun").glob("[!.]*")).write_bytes(b'{"rec')  # no name of a recording: passed over
    assert len(here.under_way()) == 1
    there.end(ODD)
    there.end("b.wav")
    assert here.under_way() == {} and not here.begun(ODD)
    there.begin("b.wav")
    assert here.forget_begun() == {"b.wav"}
    assert here.forget_begun() == set()
    assert here.find(ODD) is None

"""The synthetic field deployment agrees with its truth, and is reproducible."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.corpora.demo import field
from project_echo.corpora.demo.voices import LABELS, OTHER_SPECIES
from project_echo.media.name_time import from_name


def test_the_truth_is_within_the_minute_and_the_sound_is_reproducible() -> None:
    samples, stored_rate, calls = field.recording(0, "pond", 2)
    again = field.recording(0, "pond", 2)
    assert np.array_equal(samples, again[0]) and again[1:] == (stored_rate, calls)
    assert len(samples) == field.SAMPLE_RATE * field.DURATION_S and stored_rate in (22050, 32000, 44100, 48000)
    assert calls and all(0 <= start_s < end_s <= field.DURATION_S for _, start_s, end_s in calls)
    assert not np.array_equal(samples, field.recording(1, "pond", 2)[0])


def test_sites_have_their_animals_and_some_recordings_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field, "record", lambda *_: np.zeros(1, dtype=np.float32))  # slow, and not tested here
    voices = {
        (night, site, slot): [voice for voice, *_ in field.recording(night, site, slot)[2]]
        for night in range(field.NIGHTS)
        for site in field.SITES
        for slot in range(len(field.HOURS))
    }
    assert len(voices) == 42
    assert {voice for names in voices.values() for voice in names} == {*LABELS, *OTHER_SPECIES}
    assert [] in voices.values()
    for (_, site, _), names in voices.items():
        assert set(names) <= set(field.SITES[site])


def test_files_are_named_as_recorders_name_them_and_no_folder_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field, "HOURS", range(0, 2, 2))
    monkeypatch.setattr(field, "NIGHTS", 1)
    monkeypatch.setattr(field, "map_all", lambda function, items, _: [function(*item) for item in items])
    field.main(tmp_path / "field")
    names = sorted(path.relative_to(tmp_path / "field").as_posix() for path in (tmp_path / "field").rglob("*.*"))
    assert names == [f"night-1/{site}/20240611_190000.wav" for site in ("farm", "pond", "wood")] + ["truth.csv"]
    assert from_name("20240611_190000.wav") == field.START
    with pytest.raises(EchoError, match="field"):
        field.main(tmp_path / "field")


def test_it_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "project_echo.corpora.demo.field", "--help"], check=True, capture_output=True, text=True
    )
    assert "field/truth.csv" in done.stdout

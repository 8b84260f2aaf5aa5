"""The field to practise on: what the truth says is heard, and nothing else, the same on every run."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.corpora.demo import field
from project_echo.corpora.demo.voices import LABELS, NEIGHBOURS
from project_echo.media.recording_time import from_name


def test_the_truth_is_within_the_minute_and_the_sound_is_the_same_again() -> None:
    samples, rate, heard = field.sound(0, "pond", 2)
    again = field.sound(0, "pond", 2)
    assert np.array_equal(samples, again[0]) and again[1:] == (rate, heard)
    assert len(samples) == field.RATE * field.MINUTE_S and rate in (22050, 32000, 44100, 48000)
    assert heard and all(0 <= start_s < end_s <= field.MINUTE_S for _, start_s, end_s in heard)
    assert not np.array_equal(samples, field.sound(1, "pond", 2)[0])


def test_sites_have_their_animals_and_some_recordings_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field, "record", lambda *_: np.zeros(1, dtype=np.float32))  # who calls, not how it sounds
    heard = {
        (night, site, slot): [voice for voice, *_ in field.sound(night, site, slot)[2]]
        for night in range(field.NIGHTS)
        for site in field.SITES
        for slot in range(len(field.HOURS))
    }
    assert len(heard) == 42
    assert {voice for some in heard.values() for voice in some} == {*LABELS, *NEIGHBOURS}
    assert [] in heard.values()
    for (_, site, _), some in heard.items():
        assert set(some) <= set(field.SITES[site])


def test_files_are_named_as_recorders_name_them_and_nothing_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field, "HOURS", range(0, 2, 2))
    monkeypatch.setattr(field, "NIGHTS", 1)
    monkeypatch.setattr(field, "map_all", lambda function, items, _: [function(*item) for item in items])
    field.main(tmp_path / "field")
    found = sorted(path.relative_to(tmp_path / "field").as_posix() for path in (tmp_path / "field").rglob("*.*"))
    assert found == [f"night-1/{site}/20240611_190000.wav" for site in ("farm", "pond", "wood")] + ["truth.csv"]
    assert from_name("20240611_190000.wav") == field.EVENING
    with pytest.raises(EchoError, match="is there already"):
        field.main(tmp_path / "field")


def test_it_is_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "project_echo.corpora.demo.field", "--help"], check=True, capture_output=True, text=True
    )
    assert "field/truth.csv" in done.stdout

"""Events of a results folder, and their recordings."""

import os
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.media.errors import UnusableMediaError
from project_echo.reviews.events import load_events, load_journal, locate_recording
from tests.project_echo.reviews.conftest import RATE, screen_folder
from tests.sounds import tone, write_wav


def test_events_come_with_facts_of_their_recordings(screening: Path, by_pitch_or_none: Path) -> None:
    journal, digest = load_journal(screening / "results", by_pitch_or_none)
    events = load_events(screening / "results", digest)
    assert list(events["event"]) == list(range(1, len(events) + 1)) and len(events) >= 6
    assert events["id"].is_unique
    assert set(events["site"]) == {"pond", "north/mic 1", "wood"}
    assert (events["source"] == events["site"]).all()
    formula = events[events["recording"].str.endswith("=1+2.wav")]
    assert len(formula) == 2 and (formula["duration_s"] == 6).all()
    for recording in events["recording"]:
        assert locate_recording(recording, journal).is_file()


def test_an_event_keeps_its_id_when_there_are_more_events(own_screening: Path, by_pitch_or_none: Path) -> None:
    _, digest = load_journal(own_screening / "results", by_pitch_or_none)
    before = load_events(own_screening / "results", digest)
    write_wav(own_screening / "recordings" / "a" / "001.wav", tone(250, 3, RATE), RATE)
    screen_folder(own_screening, by_pitch_or_none)
    after = load_events(own_screening / "results", digest)
    assert len(after) > len(before) and set(before["id"]) < set(after["id"])


def test_a_missing_or_changed_recording_is_not_located(own_screening: Path, by_pitch_or_none: Path) -> None:
    journal, _ = load_journal(own_screening / "results", by_pitch_or_none)
    path = own_screening / "recordings" / "pond" / "20240501_053000.wav"
    os.utime(path, ns=(0, 0))  # as daylight saving time moves the times of a FAT card
    assert locate_recording(str(path), journal) == path
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
    with pytest.raises(UnusableMediaError, match="changed"):
        locate_recording(str(path), journal)
    path.unlink()
    with pytest.raises(UnusableMediaError, match="does not exist"):
        locate_recording(str(path), journal)


def test_a_recording_with_a_part_silenced_in_place_is_refused_until_it_is_screened_again(
    by_pitch_or_none: Path, tmp_path: Path
) -> None:
    """A privacy edit: of the same size, in the middle of a recording."""
    path = tmp_path / "recordings" / "pond" / "long.wav"
    sound = np.tile(tone(250, 1, RATE), 2**21 // RATE)  # 4 MiB
    write_wav(path, sound, RATE)
    screen_folder(tmp_path, by_pitch_or_none)
    journal, digest = load_journal(tmp_path / "results", by_pitch_or_none)
    (event,) = load_events(tmp_path / "results", digest).itertuples()
    half = len(sound) // 2
    status = path.stat()
    sound[half : half + 3 * RATE] = 0
    write_wav(path, sound, RATE)
    assert path.stat().st_size == status.st_size
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 3600 * 10**9))
    with pytest.raises(UnusableMediaError, match="changed"):
        locate_recording(event.recording, journal)
    screen_folder(tmp_path, by_pitch_or_none)
    assert locate_recording(event.recording, load_journal(tmp_path / "results", by_pitch_or_none)[0]) == path
    assert len(load_events(tmp_path / "results", digest)) == 2


def test_results_of_another_model_are_refused(screening: Path, by_pitch: Path, tmp_path: Path) -> None:
    results = screening / "results"
    for folder, model, texts in (
        (results, by_pitch, (results, by_pitch)),
        (results, tmp_path, (tmp_path, "classifier.json")),
        (tmp_path, by_pitch, (tmp_path, "settings.json")),
    ):
        with pytest.raises(EchoError) as error:
            load_journal(folder, model)
        assert [name for name in texts if str(name) not in str(error.value)] == []

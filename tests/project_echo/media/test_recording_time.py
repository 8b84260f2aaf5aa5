"""Start times of recordings: the name first, then the metadata, in the zone that is stated."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from project_echo.media.recording_time import recorded_at
from tests.project_echo.media.test_metadata_time import BRISBANE, MORNING, UTC, bext, guano, hours, moth, wamd
from tests.project_echo.media.test_riff import wav
from tests.sounds import cut, encode, fill, tone

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_name_comes_before_the_metadata(tmp_path: Path) -> None:
    chunks = guano("2024-05-03T00:00:00+02:00"), bext("2024-05-04", "00:00:00")
    assert recorded_at(wav(tmp_path / "20240501_053000.wav", *chunks), None) == MORNING
    assert recorded_at(wav(tmp_path / "20240501.wav", *chunks), None) == datetime(2024, 5, 3, tzinfo=hours(2))


def test_a_date_in_a_folder_does_not_count(tmp_path: Path) -> None:
    for folder in ("2024-05-01", "20240501_053000"):
        path = tmp_path / folder / "053000.wav"
        path.parent.mkdir()
        assert recorded_at(wav(path), None) is None


def test_the_comment_states_the_zone_of_a_time_in_the_name(tmp_path: Path) -> None:
    chunk = moth("05:30:00 01/05/2024 (UTC+2)")
    assert recorded_at(wav(tmp_path / "POND_20240501_053000.WAV", chunk), None) == MORNING.replace(tzinfo=hours(2))
    # Someone named it by another clock.
    assert recorded_at(wav(tmp_path / "POND_20240501_133000.WAV", chunk), None) == MORNING.replace(hour=13)
    stated = recorded_at(wav(tmp_path / "20240501_053000+1000.WAV", chunk), None)
    assert stated == MORNING.replace(tzinfo=BRISBANE)


def test_a_chunk_states_the_zone_of_the_same_time_in_another(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", guano("2024-05-01 05:30:00"), wamd("2024-05-01 05:30:00+02:00"))
    assert recorded_at(path, None) == MORNING.replace(tzinfo=hours(2))
    path = wav(tmp_path / "b.wav", guano("2024-05-01 05:30:00"), wamd("2024-05-01 06:30:00+02:00"))
    assert recorded_at(path, None) == MORNING


@pytest.mark.parametrize(
    ("name", "metadata", "expected"),
    [
        ("20240501_053000.wav", [], "2024-05-01T05:30:00+02:00"),  # clock time in the zone
        ("20240101_053000.wav", [], "2024-01-01T05:30:00+01:00"),
        ("20240501T033000Z.wav", [], "2024-05-01T05:30:00+02:00"),
        ("2017-06-13_16-00-00+00.flac", [], "2017-06-13T18:00:00+02:00"),
        ("20240501_053000.wav", [guano("2024-05-01T05:30:00+05")], "2024-05-01T02:30:00+02:00"),
        ("a.wav", [guano("2024-05-01T05:30:00+05")], "2024-05-01T02:30:00+02:00"),
        ("a.wav", [guano("2024-05-01T05:30:00")], "2024-05-01T05:30:00+02:00"),
        ("a.wav", [moth("03:30:00 01/05/2024 (UTC)")], "2024-05-01T05:30:00+02:00"),
        ("a.wav", [bext("2024-05-01", "05:30:00")], "2024-05-01T05:30:00+02:00"),
    ],
)
def test_a_zone_that_is_stated_wins_over_the_given_one(
    tmp_path: Path, name: str, metadata: list[tuple[bytes, bytes]], expected: str
) -> None:
    path = wav(tmp_path / name, *metadata)
    time = recorded_at(path, BERLIN)
    assert time is not None
    assert time.isoformat() == expected


@pytest.mark.parametrize("suffix", ["m4a", "mkv"])
def test_the_creation_time_of_the_container_comes_last(tmp_path: Path, suffix: str) -> None:
    options = ["-metadata", "creation_time=2024-05-01T05:30:00Z", "-metadata", "comment=x\n    creation_time : 2001"]
    path = encode(tmp_path / f"video.{suffix}", tone(440, 1), *options)
    assert recorded_at(path, None) == MORNING.replace(tzinfo=UTC)
    named = path.rename(tmp_path / f"VID_20240501_153000.{suffix}")
    assert recorded_at(named, None) == MORNING.replace(hour=15)


def test_the_times_of_the_file_itself_are_ignored(tmp_path: Path) -> None:
    path = wav(tmp_path / "frog.wav")
    os.utime(path, (1_714_541_400, 1_714_541_400))
    assert recorded_at(path, UTC) is None


def test_files_that_are_not_recordings_have_no_time(tmp_path: Path) -> None:
    fill(tmp_path, "a.wav", "b.mp4", "-x.mp3")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nb.mp4\n")
    for name in ("a.wav", "b.mp4", "-x.mp3", "list.m3u8", "missing.wav", "."):
        assert recorded_at(tmp_path / name, None) is None


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_truncated_file_has_its_time_or_none(tmp_path: Path, share: float) -> None:
    path = cut(wav(tmp_path / "a.wav", guano("2024-05-01T05:30:00")), share)
    assert recorded_at(path, None) in (None, MORNING)

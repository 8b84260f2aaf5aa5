"""Start times of recordings, from names and metadata as recorders write them, and from nonsense."""

import os
import struct
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media.recording_time import from_name, recorded_at
from tests.project_echo.media.test_riff import wav
from tests.sounds import cut, encode, fill, tone

UTC = timezone.utc
BRISBANE = timezone(timedelta(hours=10))
MORNING = datetime(2024, 5, 1, 5, 30)


def hours(offset: float) -> tzinfo:
    return timezone(timedelta(hours=offset))


def comment(text: str) -> tuple[bytes, bytes]:
    """A LIST chunk as AudioMoth writes it: the comment, then the artist."""
    body = text.encode().ljust(384, b"\0")
    artist = b"AudioMoth 24F3190360371A3E".ljust(32, b"\0")
    return b"LIST", b"INFOICMT" + struct.pack("<I", 384) + body + b"IART" + struct.pack("<I", 32) + artist


def moth(time: str) -> tuple[bytes, bytes]:
    return comment(
        f"Recorded at {time} by AudioMoth 24F3190360371A3E at medium gain while battery was 4.2V and temperature "
        "was 21.4C."
    )


def guano(timestamp: str) -> tuple[bytes, bytes]:
    text = f"GUANO|Version:  1.0\nWA|Song Meter|Timestamp: 1999-01-01 00:00:00\nTimestamp:  {timestamp}\nTE: 1\n"
    return b"guan", text.encode()


def wamd(start: str) -> tuple[bytes, bytes]:
    entries = [(0, b"\1\0"), (1, b"SM4"), (0xFFFF, b"\0\0\0"), (5, start.encode()), (0x12, b"U1")]
    return b"wamd", b"".join(struct.pack("<HI", number, len(content)) + content for number, content in entries)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("20240501_053000.WAV", MORNING),
        ("20240501_053000T.WAV", MORNING),  # AudioMoth, by a trigger
        ("24F3190360371A3E_20240501_053000.WAV", MORNING),  # AudioMoth with its serial number
        ("SITE_20240501_053000.wav", MORNING),
        ("SMU01234_20240501_053000.wav", MORNING),
        ("ARIZONA-1_20240501$053000.wac", MORNING),
        ("SM3_0+1_20240501_053000_000.wav", MORNING),
        ("2MU01234_20240501_053000_123456_ch2.w4v", MORNING),
        ("pond 2024-05-01 05.30.00 frogs.m4a", MORNING),
        ("2024-05-01_05-30-00.flac", MORNING),
        ("2024_05_01_05_30_00.flac", MORNING),
        ("1714541400.2024-05-01-05-30-00.wav", MORNING),
        ("20240501T053000.wav", MORNING),
        ("20240501T053000Z.wav", MORNING.replace(tzinfo=UTC)),
        ("20240501T053000+0200_pond.wav", MORNING.replace(tzinfo=hours(2))),
        ("S20240501T053000.123+0930_E20240501T063000+0930.wav", MORNING.replace(tzinfo=hours(9.5))),
        ("2024-05-01T05:30:00-03:30.wav", MORNING.replace(tzinfo=hours(-3.5))),
        ("20240501_053000-0001.wav", MORNING),  # a number
        ("20240501_053000Zebra.wav", MORNING),
        ("20240501_053000-0000.wav", MORNING),
        ("20240501_053000-9900.wav", MORNING),
        ("20241341_053000_20240501_053000.wav", MORNING),  # the first is not a date
        ("5CE2A1B0.WAV", datetime(2019, 5, 20, 12, 46, 40, tzinfo=UTC)),
        ("5CE2A1B0.wav", datetime(2019, 5, 20, 12, 46, 40, tzinfo=UTC)),
    ],
)
def test_names_of_recorders(name: str, expected: datetime) -> None:
    time = from_name(name)
    assert time == expected
    assert time is not None
    assert time.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "name",
    [
        "frog.wav",
        "20240501.wav",
        "20240230_053000.wav",
        "20240501_243000.wav",
        "20240501_056000.wav",
        "20240501_0530000.wav",
        "120240501_053000.wav",
        "19700101_000012.WAV",  # the clock was never set
        "99990101_000000.WAV",
        "00000000_000000.WAV",
        "51234567.WAV",
        "DEADBEEF.WAV",
        "0CE2A1B0.WAV",
        "5CE2A1B0.mp3",
        "5ce2a1b0.wav",
        "٢٠٢٤٠٥٠١_٠٥٣٠٠٠",
        "5CE2A1B",
        "",
    ],
)
def test_names_without_a_time(name: str) -> None:
    assert from_name(name) is None


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)), st.sampled_from(["", "POND_", "0123_", "a1-"]))
def test_every_possible_time_is_read_from_a_name(time: datetime, prefix: str) -> None:
    time = time.replace(microsecond=0)
    for form in ("%Y%m%d_%H%M%S", "%Y-%m-%d_%H-%M-%S", "%Y%m%dT%H%M%S"):
        assert from_name(f"{prefix}{time:{form}}.wav") == time


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        (moth("05:30:00 01/05/2024 (UTC)"), MORNING.replace(tzinfo=UTC)),
        (moth("05:30:00 01/05/2024 (UTC+2)"), MORNING.replace(tzinfo=hours(2))),
        (moth("05:30:00 01/05/2024 (UTC+9:30)"), MORNING.replace(tzinfo=hours(9.5))),
        (moth("05:30:00 01/05/2024 (UTC-3:30)"), MORNING.replace(tzinfo=hours(-3.5))),
        (moth("05:30:00 01/05/2024"), MORNING.replace(tzinfo=UTC)),  # firmware 1.0
        (comment("Recorded at 05:30:00 01/05/2024 (UTC+2) during deployment 12."), MORNING.replace(tzinfo=hours(2))),
        (guano("2024-05-01T05:30:00"), MORNING),
        (guano("2024-05-01 05:30:00.123"), MORNING),
        (guano("2024-05-01T05:30:00Z"), MORNING.replace(tzinfo=UTC)),
        (guano("2024-05-01T05:30:00.123456+10:00"), MORNING.replace(tzinfo=BRISBANE)),
        (wamd("2024-05-01 05:30:00"), MORNING),
        (wamd("2024-05-01 05:30:00.000"), MORNING),
        (wamd("2024-05-01 05:30:00-05:00"), MORNING.replace(tzinfo=hours(-5))),
        (wamd("2024-05-01 05:30:00-5:00\0"), MORNING.replace(tzinfo=hours(-5))),
        (wamd("2024-05-01 05:30:00+0200"), MORNING.replace(tzinfo=hours(2))),
    ],
)
def test_metadata_of_recorders(tmp_path: Path, chunk: tuple[bytes, bytes], expected: datetime) -> None:
    time = recorded_at(wav(tmp_path / "renamed.wav", chunk), None)
    assert time == expected
    assert time is not None
    assert time.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "chunk",
    [
        moth("05:30:00 31/02/2024 (UTC)"),
        moth("00:00:12 01/01/1970 (UTC)"),
        comment("Recorded at the pond"),
        guano("yesterday"),
        (b"guan", b"\xff\xfe\0Timestamp"),
        wamd("2024-13-01 05:30:00"),
        (b"wamd", struct.pack("<HI", 1, 0xFFFFFFFF)),
        (b"wamd", struct.pack("<HI", 1, 0) * 1000),
        (b"LIST", b""),
        (b"guan", b"\n" * 100_000),
    ],
)
def test_metadata_without_a_time(tmp_path: Path, chunk: tuple[bytes, bytes]) -> None:
    assert recorded_at(wav(tmp_path / "renamed.wav", chunk), BRISBANE) is None


def test_audiomoth_comes_before_guano_and_guano_before_wamd(tmp_path: Path) -> None:
    late, later = "2024-05-02T00:00:00", "2024-05-03 00:00:00"
    path = wav(tmp_path / "a.wav", wamd(later), guano(late), moth("05:30:00 01/05/2024 (UTC)"))
    assert recorded_at(path, None) == MORNING.replace(tzinfo=UTC)
    assert recorded_at(wav(tmp_path / "b.wav", wamd(later), guano(late)), None) == datetime(2024, 5, 2)


def test_the_comment_states_the_zone_of_a_time_in_the_name(tmp_path: Path) -> None:
    chunk = moth("05:30:00 01/05/2024 (UTC+2)")
    assert recorded_at(wav(tmp_path / "POND_20240501_053000.WAV", chunk), None) == MORNING.replace(tzinfo=hours(2))
    # Someone named it by another clock.
    assert recorded_at(wav(tmp_path / "POND_20240501_133000.WAV", chunk), None) == MORNING.replace(hour=13)
    stated = recorded_at(wav(tmp_path / "20240501_053000+1000.WAV", chunk), None)
    assert stated == MORNING.replace(tzinfo=BRISBANE)


def test_all_times_are_in_the_given_zone_which_is_also_that_of_clocks_without_one(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert recorded_at(tmp_path / "20240501_053000.wav", berlin) == MORNING.replace(tzinfo=hours(2))
    time = recorded_at(tmp_path / "20240501T033000Z.wav", berlin)
    assert time is not None
    assert time.isoformat() == "2024-05-01T05:30:00+02:00"
    path = wav(tmp_path / "a.wav", moth("03:30:00 01/05/2024 (UTC)"))
    assert recorded_at(path, berlin) == time
    assert recorded_at(path, None) == time


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

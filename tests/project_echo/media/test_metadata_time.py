"""Times in the metadata of WAV files, as recorders write them and as nonsense."""

import struct
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media.metadata_time import metadata_times
from tests.project_echo.media.test_chunks import IN_DS64, SOUND, chunk, ds64, write
from tests.project_echo.media.test_riff import wav

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


def bext(date: str, time: str) -> tuple[bytes, bytes]:
    """A bext chunk of version 1: description, originator and its reference before date and time, then numbers."""
    texts = (b"a pond", 256), (b"ZOOM F3", 32), (b"US1997-01-01_01-01-01", 32), (date.encode(), 10), (time.encode(), 8)
    return b"bext", b"".join(text.ljust(size, b"\0") for text, size in texts) + bytes(264) + b"A=PCM,F=48000\r\n"


@pytest.mark.parametrize(
    ("metadata", "expected"),
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
        (guano("2024-05-01T05:30:00.1234567"), MORNING),  # Elekon BatExplorer
        (guano("2024-05-01 05:30:00+0100"), MORNING.replace(tzinfo=hours(1))),  # Echo Meter Touch
        (guano("2024-05-01T05:30:00+05"), MORNING.replace(tzinfo=hours(5))),
        (guano("2024-05-01T05:30:00-3\0"), MORNING.replace(tzinfo=hours(-3))),
        (guano("2024-05-01T05:30:00.5z\r"), MORNING.replace(tzinfo=UTC)),
        (guano("2024-05-01 05:30:00 UTC"), MORNING.replace(tzinfo=UTC)),
        (guano("2024-05-01 05:30:00 UTC-5"), MORNING.replace(tzinfo=hours(-5))),
        (guano("2024-05-01T05:30:00+99"), MORNING),
        (wamd("2024-05-01 05:30:00"), MORNING),
        (wamd("2024-05-01 05:30:00.000"), MORNING),
        (wamd("2024-05-01 05:30:00-05:00"), MORNING.replace(tzinfo=hours(-5))),
        (wamd("2024-05-01 05:30:00-5:00\0"), MORNING.replace(tzinfo=hours(-5))),
        (wamd("2024-05-01 05:30:00+0200"), MORNING.replace(tzinfo=hours(2))),
        (bext("2024-05-01", "05:30:00"), MORNING),
        (bext("2024:05:01", "05:30:00"), MORNING),
        (bext("2024_05_01", "05-30-00"), MORNING),
        (bext("2024/05/01", "05 30 00"), MORNING),
        (bext("2024.05.01", "05.30.00"), MORNING),
    ],
)
def test_metadata_of_recorders(tmp_path: Path, metadata: tuple[bytes, bytes], expected: datetime) -> None:
    (time,) = metadata_times(wav(tmp_path / "a.wav", metadata))
    assert time == expected
    assert time.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "metadata",
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
        bext("", ""),
        bext("2024-05-01", ""),
        bext("0000-00-00", "00:00:00"),
        bext("1970-01-01", "00:00:12"),
        bext("2024-05-01", "25:30:00"),
        (b"bext", b"2024-05-0105:30:00"),
        (b"bext", bytes(333)),
    ],
)
def test_metadata_without_a_time(tmp_path: Path, metadata: tuple[bytes, bytes]) -> None:
    assert list(metadata_times(wav(tmp_path / "a.wav", metadata))) == []


def test_the_most_reliable_time_comes_first(tmp_path: Path) -> None:
    first, second, third, fourth = (datetime(2024, 5, day) for day in (1, 2, 3, 4))
    chunks = bext(f"{fourth:%Y-%m-%d}", "00:00:00"), wamd(str(third)), guano(str(second)), moth("00:00:00 01/05/2024")
    times = list(metadata_times(wav(tmp_path / "a.wav", *chunks)))
    assert times == [first.replace(tzinfo=UTC), second, third, fourth]


@pytest.mark.parametrize("form", [b"RIFF", b"RF64", b"BW64"])
@pytest.mark.parametrize("length", [0, 101, 20_000, 300_000])
@pytest.mark.parametrize("last", [True, False])
def test_guano_of_any_length_is_read_before_and_after_the_sound(
    tmp_path: Path, form: bytes, length: int, last: bool
) -> None:
    note = "note " * (length // 5) + "!" * (length % 5)
    text = f"GUANO|Version: 1.0\nNote: {note}\nTimestamp: 2024-05-01T05:30:00+02:00"
    metadata = chunk(b"guan", text.encode())
    sound = chunk(b"data", SOUND, len(SOUND) if form == b"RIFF" else IN_DS64)
    head = [] if form == b"RIFF" else [ds64(len(SOUND))]
    path = write(tmp_path / "a.wav", *head, *([sound, metadata] if last else [metadata, sound]), form=form)
    assert list(metadata_times(path)) == [MORNING.replace(tzinfo=hours(2))]


@settings(max_examples=50, deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)), st.sampled_from("-_: ./"), st.sampled_from("-_: ."))
def test_every_time_of_origination_is_read(
    tmp_path_factory: pytest.TempPathFactory, time: datetime, dash: str, colon: str
) -> None:
    metadata = bext(f"{time:%Y{dash}%m{dash}%d}", f"{time:%H{colon}%M{colon}%S}")
    path = write(tmp_path_factory.mktemp("bext") / "a.wav", chunk(*metadata), chunk(b"data", SOUND))
    assert list(metadata_times(path)) == [time.replace(microsecond=0)]

"""Headers of RIFF files, also of damaged ones."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from project_echo.media import probe, riff
from project_echo.media.decode import decode, decode_with_note
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, choose_track
from tests.sounds import RATE, tone, write_wav


def wav(path: Path, *chunks: tuple[bytes, bytes]) -> Path:
    """A WAV file of half a second with chunks after its sound."""
    write_wav(path, tone(440, 0.5))
    with path.open("r+b") as stream:
        stream.seek(0, 2)
        for name, content in chunks:
            stream.write(struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2))
        size = stream.tell() - 8
        stream.seek(4)
        stream.write(struct.pack("<I", size))
    return path


@pytest.mark.parametrize(
    ("head", "stated"),
    [
        (b"RIFF\x24\0\0\0WAVE", 36),
        (b"RIFF\xff\xff\xff\xffAVI ", 0xFFFFFFFF),
        (b"RIFF\x01\x02", 0x0201),
        (b"RIFF", 0),
        (b"RF64\xff\xff\xff\xffWAVE", None),
        (b"fLaC\0\0\0\x22", None),
        (b"", None),
    ],
)
def test_the_stated_size_is_that_of_a_riff_header_only(head: bytes, stated: int | None) -> None:
    assert riff.stated_bytes(head) == stated


def test_a_wav_is_complete_if_its_size_is_exactly_the_stated_one(tmp_path: Path) -> None:
    content = wav(tmp_path / "a.wav").read_bytes()
    head = content[: riff.HEAD_BYTES]
    assert riff.is_complete_wav(head, len(content))
    assert not riff.is_complete_wav(head, len(content) - 1)
    assert not riff.is_complete_wav(head, len(content) + 1)
    assert not riff.is_complete_wav(head.replace(b"WAVE", b"AVI "), len(content))
    assert not riff.is_complete_wav(head[:8], len(content))


SECOND_BYTES = 2 * RATE
LAYOUT = SECOND_BYTES, RATE, 1, "s16le"


def restated(path: Path, stated: int, *chunks: tuple[bytes, bytes], riff_bytes: int | None = None) -> Path:
    """A WAV file of half a second whose header states another size of its sound, with chunks after the sound."""
    data = bytearray(wav(path, *chunks).read_bytes())
    data[40:44] = stated.to_bytes(4, "little")
    if riff_bytes is not None:
        data[4:8] = riff_bytes.to_bytes(4, "little")
    path.write_bytes(data)
    return path


GUANO = (b"guan", b"GUANO|Version: 1.0")


@pytest.mark.parametrize("riff_bytes", [None, 0, 36, 44])
@pytest.mark.parametrize("stated", [0, 36, 44, SECOND_BYTES // 10])
def test_a_header_that_was_never_updated_states_less_than_the_file_holds(
    tmp_path: Path, stated: int, riff_bytes: int | None
) -> None:
    sound = riff.find_sound(restated(tmp_path / "a.wav", stated, riff_bytes=riff_bytes))
    assert sound == riff.Sound(44, stated, SECOND_BYTES // 2, *LAYOUT)
    assert sound.is_understated


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"\0",
        b"LIST\x04\0\0\0INFO",
        b"guan\x05\0\0\0GUANO",  # without padding
        b"guan\x05\0\0\0GUANO\0JUNK\0\0\0\0",
        b"ID3\x04" + 3000 * b"tag ",
        b"TAG" + 125 * b"x",
        bytes(100_000),  # the card was allocated in advance
        b"short",
    ],
)
def test_what_follows_a_right_header_is_no_sound(tmp_path: Path, rest: bytes) -> None:
    path = wav(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes() + rest)
    sound = riff.find_sound(path)
    assert sound == riff.Sound(44, SECOND_BYTES // 2, SECOND_BYTES // 2, *LAYOUT)


@pytest.mark.parametrize("chunks", [(), (GUANO,), ((b"LIST", b"INFO"), GUANO)])
def test_sound_that_is_shorter_than_stated_is_held_as_far_as_it_goes(
    tmp_path: Path, chunks: tuple[tuple[bytes, bytes], ...]
) -> None:
    path = restated(tmp_path / "a.wav", SECOND_BYTES, *chunks)
    sound = riff.find_sound(path)
    assert sound is not None and not sound.is_understated
    assert sound.held == path.stat().st_size - 44


@pytest.mark.parametrize("chunks", [(), (GUANO,)])
@pytest.mark.parametrize("wraps", [1, 2])
def test_a_size_of_more_than_4_gib_wraps(tmp_path: Path, wraps: int, chunks: tuple[tuple[bytes, bytes], ...]) -> None:
    path = wav(tmp_path / "a.wav")
    held = wraps * 2**32 + 5_000_000
    following = b"".join(struct.pack("<4sI", name, len(content)) + content for name, content in chunks)
    with path.open("r+b") as stream:  # sparse: takes no space
        stream.seek(40)
        stream.write(struct.pack("<I", held % 2**32) + 1000 * b"ab")
        stream.seek(44 + 5_000_000 - 1000)
        stream.write(1000 * b"ab")  # sound at the stated end
        stream.seek(44 + held - 2)
        stream.write(b"\1\0" + following)
    assert riff.find_sound(path) == riff.Sound(44, 5_000_000, held, *LAYOUT)
    assert probe.stated_duration_s(path) == held / SECOND_BYTES
    assert choose_track(path) == Track(0, None, 1.0, RATE, 1)  # at once, although ffmpeg would read all of its zeros


def test_a_size_that_wrapped_is_not_right_because_zeros_follow(tmp_path: Path) -> None:
    path = restated(tmp_path / "a.wav", SECOND_BYTES // 2)
    with path.open("r+b") as stream:  # silence, or a sparse file, for days
        stream.truncate(44 + SECOND_BYTES // 2 + 2**32)
    assert riff.find_sound(path) == riff.Sound(44, SECOND_BYTES // 2, SECOND_BYTES // 2 + 2**32, *LAYOUT)


def test_a_size_of_0_is_not_right_because_zeros_follow(tmp_path: Path) -> None:
    """A recording that begins and ends in digital silence, and whose recorder lost power."""
    path = restated(tmp_path / "a.wav", 0)
    data = path.read_bytes()
    path.write_bytes(data[:44] + bytes(10_000) + data[44:] + bytes(10_000))
    assert riff.find_sound(path) == riff.Sound(44, 0, SECOND_BYTES // 2 + 20_000, *LAYOUT)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"RIFF\0\0\0\0AVI data\0\0\0\0", b"RF64\xff\xff\xff\xffWAVEdata\0\0\0\0"]
)
def test_other_files_have_no_sound_to_find(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert riff.find_sound(tmp_path / "a") is None


@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
@pytest.mark.parametrize(
    ("subtype", "codec"),
    [
        *(("PCM_U8", "u8"), ("PCM_16", "s16le"), ("PCM_24", "s24le"), ("PCM_32", "s32le")),
        *(("FLOAT", "f32le"), ("DOUBLE", "f64le"), ("ULAW", "mulaw"), ("ALAW", "alaw")),
    ],
)
def test_sound_of_any_format_can_be_used_whatever_the_header_states(
    tmp_path: Path, container: str, subtype: str, codec: str
) -> None:
    samples = np.stack([tone(500, 1), tone(900, 1)], axis=1)
    soundfile.write(tmp_path / "a.wav", samples, RATE, format=container, subtype=subtype)
    sound, whole = riff.find_sound(tmp_path / "a.wav"), decode(tmp_path / "a.wav", RATE)
    assert sound is not None and (sound.codec, sound.channels, sound.is_understated) == (codec, 2, False)
    with (tmp_path / "a.wav").open("r+b") as stream:
        stream.seek(sound.start - 4)
        stream.write(bytes(4))
    assert choose_track(tmp_path / "a.wav").channels == 2
    np.testing.assert_array_equal(decode(tmp_path / "a.wav", RATE), whole)


# RF64 and BW64


def rf64(
    path: Path, stated: int, *rest: bytes, form: bytes = b"RF64", size: int = 0xFFFFFFFF, samples: int = RATE
) -> Path:
    """A file of a second of sound, or less, whose chunk ds64 states any size."""
    sound = (2.0**14 * tone(440, 1)).astype("<i2").tobytes()[: 2 * samples]
    path.write_bytes(
        struct.pack("<4sI4s4sIQQQI", form, 0xFFFFFFFF, b"WAVE", b"ds64", 28, len(sound) + 80, stated, 0, 0)
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, SECOND_BYTES, 2, 16)
        + struct.pack("<4sI", b"data", size)
        + sound
        + b"".join(rest)
    )
    return path


START = 80
LIST = b"LIST\x04\0\0\0INFO"


@pytest.mark.parametrize("form", [b"RF64", b"BW64"])
@pytest.mark.parametrize(
    ("stated", "size"), [(0, 0xFFFFFFFF), (0, 0), (44, 0xFFFFFFFF), (SECOND_BYTES // 2, 0xFFFFFFFF)]
)
def test_a_long_file_that_states_less_than_it_holds_is_used_whole(
    tmp_path: Path, form: bytes, stated: int, size: int
) -> None:
    path = rf64(tmp_path / "a.wav", stated, form=form, size=size)
    assert riff.find_sound(path) == riff.Sound(START, stated, SECOND_BYTES, *LAYOUT, is_long=True)
    samples, note = decode_with_note(path, RATE, choose_track(path))
    assert len(samples) == RATE
    assert f"{stated / SECOND_BYTES:.1f} s" in note and "1.0 s" in note
    assert probe.stated_duration_s(path) == 1


@pytest.mark.parametrize("form", [b"RF64", b"BW64"])
@pytest.mark.parametrize("stated", [2 * SECOND_BYTES, 5 * 2**30, 2**62])
def test_a_long_file_that_states_more_than_it_holds_is_truncated(tmp_path: Path, form: bytes, stated: int) -> None:
    path = rf64(tmp_path / "a.wav", stated, form=form)
    samples, note = decode_with_note(path, RATE, choose_track(path))
    assert len(samples) == RATE
    assert "truncated" in note and str(START + stated) in note


@pytest.mark.parametrize("rest", [(), (LIST,), (LIST, b"guan\x04\0\0\0GUAN")])
@pytest.mark.parametrize(
    ("stated", "size"), [(SECOND_BYTES, 0xFFFFFFFF), (SECOND_BYTES, SECOND_BYTES), (SECOND_BYTES, 0)]
)
def test_a_long_file_that_states_what_it_holds_has_no_note(
    tmp_path: Path, stated: int, size: int, rest: tuple[bytes, ...]
) -> None:
    path = rf64(tmp_path / "a.wav", stated, *rest, size=size)
    samples, note = decode_with_note(path, RATE, choose_track(path))
    assert (len(samples), note) == (RATE, "")


def test_a_long_file_whose_chunks_follow_the_sound_ends_there(tmp_path: Path) -> None:
    path = rf64(tmp_path / "a.wav", 0, LIST, size=SECOND_BYTES)  # only the chunk's own size was updated
    sound = riff.find_sound(path)
    assert sound is not None and (sound.stated, sound.held) == (0, SECOND_BYTES)


@pytest.mark.parametrize("stated", [0, SECOND_BYTES, 2**64 - 1])
def test_a_long_file_without_sound_is_refused(tmp_path: Path, stated: int) -> None:
    path = rf64(tmp_path / "a.wav", stated, samples=0)
    with pytest.raises(UnusableMediaError):
        decode(path, RATE)

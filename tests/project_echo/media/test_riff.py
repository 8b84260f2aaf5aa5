"""Headers and chunks of RIFF files, also of damaged ones."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.media import riff
from tests.sounds import cut, tone, write_wav


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


def test_chunks_after_the_sound_are_found_in_order(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", (b"odd ", b"123"), (b"guan", b"first"), (b"wamd", b"x"), (b"guan", b""))
    assert riff.chunks(path, [b"guan", b"odd "]) == [(b"odd ", b"123"), (b"guan", b"first"), (b"guan", b"")]


def test_a_stated_size_beyond_the_end_of_the_file_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\xff\xff\xff\xffWAVEguan" + b"\xff\xff\xff\xff" + b"end")
    assert riff.chunks(path, [b"guan"]) == [(b"guan", b"end")]


def test_only_the_start_of_a_large_chunk_is_read(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", (b"guan", bytes(200_000)), (b"wamd", b"next"))
    (_, large), after = riff.chunks(path, [b"guan", b"wamd"])
    assert len(large) == riff.MAX_CHUNK_BYTES
    assert after == (b"wamd", b"next")


def test_reading_stops_after_the_largest_number_of_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + struct.pack("<4sI", b"guan", 0) * 50_000)
    assert len(riff.chunks(path, [b"guan"])) == riff.MAX_CHUNKS


@pytest.mark.parametrize("share", [0, 0.0005, 0.5, 0.9995])
def test_a_truncated_file_has_the_chunks_before_its_end(tmp_path: Path, share: float) -> None:
    path = cut(wav(tmp_path / "a.wav", (b"guan", b"Timestamp")), share)
    assert all(b"Timestamp".startswith(content) for _, content in riff.chunks(path, [b"guan"]))


def test_a_path_that_is_not_a_file_has_no_chunks(tmp_path: Path) -> None:
    assert riff.chunks(tmp_path, [b"guan"]) == []
    assert riff.chunks(tmp_path / "missing.wav", [b"guan"]) == []


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", b"RF64\xff\xff\xff\xffWAVE"]))
def test_any_bytes_can_be_read(tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.wav"
    path.write_bytes(head + content)
    assert sum(len(chunk) for _, chunk in riff.chunks(path, [b"LIST", b"guan"])) <= len(content)


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

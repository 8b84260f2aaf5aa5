"""Chunks of WAV files at any place, also of files that state wrong sizes."""

import struct
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from project_echo.media import chunks
from project_echo.media.chunks import IN_DS64
from tests.project_echo.media.test_riff import wav
from tests.sounds import cut

FORMAT = (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16))
SOUND = bytes(range(256)) * 8
GUANO = (b"guan", b"GUANO|Version: 1.0\n")


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    """A chunk that may state a wrong size."""
    padding = b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(content) if size is None else size) + content + padding


def write(path: Path, *parts: bytes, form: bytes = b"RIFF") -> Path:
    path.write_bytes(form + struct.pack("<I", sum(map(len, parts)) + 4) + b"WAVE" + b"".join(parts))
    return path


def ds64(data_bytes: int, *entries: tuple[bytes, int]) -> bytes:
    table = b"".join(struct.pack("<4sQ", *entry) for entry in entries)
    return chunk(b"ds64", struct.pack("<QQQI", 0, data_bytes, 0, len(entries)) + table)


def test_chunks_after_the_sound_are_found_in_order(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", (b"odd ", b"123"), (b"guan", b"first"), (b"wamd", b"x"), (b"guan", b""))
    assert chunks.chunks(path, [b"guan", b"odd "]) == [(b"odd ", b"123"), (b"guan", b"first"), (b"guan", b"")]


def test_chunks_before_the_sound_are_found(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", chunk(*GUANO), chunk(*FORMAT), chunk(b"data", SOUND))
    assert chunks.chunks(path, [b"guan"]) == [GUANO]


@pytest.mark.parametrize("form", [b"RF64", b"BW64"])
@pytest.mark.parametrize("sound", [SOUND, SOUND + b"\1"])
def test_chunks_after_the_sound_of_rf64_are_found_by_the_sizes_in_ds64(
    tmp_path: Path, form: bytes, sound: bytes
) -> None:
    data = chunk(b"data", sound, IN_DS64)
    long = chunk(b"long", bytes(100), IN_DS64)
    path = write(
        tmp_path / "a.wav", ds64(len(sound), (b"long", 100)), chunk(*FORMAT), data, long, chunk(*GUANO), form=form
    )
    assert chunks.chunks(path, [b"guan", b"long"]) == [(b"long", bytes(100)), GUANO]


def test_a_sparse_file_of_more_than_4_gib_is_read_at_its_end(tmp_path: Path) -> None:
    n_bytes = (1 << 32) + 1002
    path = write(tmp_path / "a.wav", ds64(n_bytes), chunk(*FORMAT), chunk(b"data", b"", IN_DS64), form=b"RF64")
    with path.open("r+b") as stream:
        stream.seek(n_bytes, 2)
        stream.write(chunk(*GUANO))
    assert chunks.chunks(path, [b"guan"]) == [GUANO]


@pytest.mark.parametrize("stated", [0, 44, len(SOUND) - 7, len(SOUND) + 1000, 0xFFFFFFFF, 0x7FFFFFFF])
@pytest.mark.parametrize("sound", [SOUND, bytes(2048), b"guandata" * 256])
def test_chunks_behind_a_sound_of_wrong_size_are_found_at_the_end(tmp_path: Path, stated: int, sound: bytes) -> None:
    parts = chunk(b"wamd", b"1"), chunk(*GUANO)
    path = write(tmp_path / "a.wav", chunk(*FORMAT), chunk(b"data", sound, stated), *parts)
    assert chunks.chunks(path, [b"guan", b"wamd"])[-2:] == [(b"wamd", b"1"), GUANO]


@pytest.mark.parametrize("padding", [b"", b"\0", b" "])
def test_a_chunk_of_odd_size_may_have_its_padding_or_not(tmp_path: Path, padding: bytes) -> None:
    odd = b"odd " + struct.pack("<I", 3) + b"123" + padding
    path = write(tmp_path / "a.wav", chunk(*FORMAT), odd, chunk(*GUANO), chunk(b"data", SOUND))
    assert chunks.chunks(path, [b"guan"]) == [GUANO]


def test_a_stated_size_beyond_the_end_of_the_file_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\xff\xff\xff\xffWAVEguan" + b"\xff\xff\xff\xff" + b"end")
    assert chunks.chunks(path, [b"guan"]) == [(b"guan", b"end")]


def test_only_the_start_of_a_huge_chunk_is_read(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", (b"guan", bytes(chunks.MAX_CHUNK_BYTES + 2)), (b"wamd", b"next"))
    (_, large), after = chunks.chunks(path, [b"guan", b"wamd"])
    assert len(large) == chunks.MAX_CHUNK_BYTES
    assert after == (b"wamd", b"next")


def test_reading_stops_after_the_largest_number_of_chunks_and_of_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", chunk(b"guan", b"") * 50_000)
    assert len(chunks.chunks(path, [b"guan"])) < 2 * chunks.MAX_CHUNKS
    path = write(tmp_path / "b.wav", chunk(b"guan", bytes(chunks.MAX_CHUNK_BYTES)) * 6)
    assert sum(len(content) for _, content in chunks.chunks(path, [b"guan"])) == chunks.MAX_READ_BYTES


@pytest.mark.parametrize("share", [0, 0.0005, 0.5, 0.9995])
def test_a_truncated_file_has_the_chunks_before_its_end(tmp_path: Path, share: float) -> None:
    path = cut(wav(tmp_path / "a.wav", (b"guan", b"Timestamp")), share)
    assert all(b"Timestamp".startswith(content) for _, content in chunks.chunks(path, [b"guan"]))


def test_what_is_not_a_wav_file_has_no_chunks(tmp_path: Path) -> None:
    assert chunks.chunks(tmp_path, [b"guan"]) == []
    assert chunks.chunks(tmp_path / "missing.wav", [b"guan"]) == []
    path = tmp_path / "a.avi"
    path.write_bytes(b"RIFF\x24\0\0\0AVI " + chunk(*GUANO))
    assert chunks.chunks(path, [b"guan"]) == []


HEADS = [b"", b"RIFF\0\0\0\0WAVE", b"RF64\xff\xff\xff\xffWAVE", b"BW64\xff\xff\xff\xffWAVE" + ds64(1 << 63)]


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=300), head=st.sampled_from(HEADS))
@example(content=chunk(b"data", b"", IN_DS64), head=b"RF64\0\0\0\0WAVE" + ds64((1 << 64) - 1))
@example(content=b"ds64\xff\xff\xff\xff" * 9, head=HEADS[2])
@example(content=b"ds64\x01\0\0\0guanguanguan\0\0\0\0", head=HEADS[2])
def test_any_bytes_can_be_read(tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.wav"
    path.write_bytes(head + content)
    assert sum(len(found) for _, found in chunks.chunks(path, [b"LIST", b"guan"])) <= 2 * len(head + content)

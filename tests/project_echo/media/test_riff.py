"""Headers of RIFF files, also of damaged ones."""

import struct
from pathlib import Path

import pytest

from project_echo.media import riff
from tests.sounds import tone, write_wav


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

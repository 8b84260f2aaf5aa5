"""Which files of a folder are tried, which have a reason at once, and which are no recordings."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from project_echo.media.file_types import FileType, file_type, is_system_name
from tests.sounds import encode, tone

RATE = 22050


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["a.wav", "a.WAV", "a.flac", "a.3gpp", "a.w4v", "a.wac", "a.MTS", "a.opus", "a.m4b"])
def test_known_suffixes_of_sound_are_tried_whatever_the_content(tmp_path: Path, name: str) -> None:
    assert file_type(written(tmp_path / name, b"anything")) == FileType(is_media=True)


@pytest.mark.parametrize("name", ["a.txt", "a.CSV", "a.jpg", "a.xml", "a.pdf", "a.json", "a.selections.txt", "a.LRV"])
def test_known_suffixes_of_other_files_are_not_mentioned_and_not_opened(tmp_path: Path, name: str) -> None:
    assert file_type(tmp_path / name) == FileType()


@pytest.mark.parametrize("suffix", [".wav", ".aif", ".flac", ".ogg", ".w64", ".caf", ".au", ".mp3"])
@pytest.mark.parametrize("name", ["a", "a.sound", "a.wav_old"])
def test_sound_of_another_name_is_recognized_by_its_first_bytes(tmp_path: Path, name: str, suffix: str) -> None:
    formats = {".wav": "WAV", ".aif": "AIFF", ".flac": "FLAC", ".ogg": "OGG", ".w64": "W64", ".caf": "CAF"}
    path = tmp_path / name
    soundfile.write(path, tone(500, 0.2), RATE, format=formats.get(suffix, suffix[1:].upper()))
    assert file_type(path) == FileType(is_media=True)


@pytest.mark.parametrize("suffix", [".m4a", ".webm", ".ts", ".wma", ".aac"])
def test_so_are_formats_that_ffmpeg_writes(tmp_path: Path, suffix: str) -> None:
    content = encode(tmp_path / f"a{suffix}", tone(500, 0.5)).read_bytes()
    assert file_type(written(tmp_path / "a.xyz", content)) == FileType(is_media=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("LICENSE", b"Permission is hereby granted"),
        ("a.miniconfig", b"gain=18\r\nrate=24000\r\n"),
        ("notes", "Schleiereule 😀".encode()),
        ("notes", "Füchse im Moor".encode("cp1252")),
        ("notes", "Füchse".encode("utf-16")),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("picture", b"RIFF\x10\0\0\0WEBPVP8 "),
        ("picture", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("empty", b""),
    ],
)
def test_text_and_pictures_of_other_names_are_not_mentioned(tmp_path: Path, name: str, content: bytes) -> None:
    assert file_type(written(tmp_path / name, content)) == FileType()


@pytest.mark.parametrize(
    ("name", "content", "fact"),
    [
        ("raw.dat", np.arange(5000, dtype="<i2").tobytes(), "pass the file itself"),
        ("a.bin", b"\0\x01\x02\x03" * 9, "pass the file itself"),
        ("night.zip", b"", "unpack"),
        ("night", b"PK\x03\x04\x14\0", "unpack"),
        ("P7132033.37#", b"\0" * 99, "zero-crossing"),
        ("a.ZC", b"\0" * 99, "zero-crossing"),
        ("a.aup3", b"SQLite format 3\0", "export"),
    ],
)
def test_what_may_hold_sound_has_a_reason(tmp_path: Path, name: str, content: bytes, fact: str) -> None:
    kind = file_type(written(tmp_path / name, content))
    assert not kind.is_media and fact in kind.reason


@pytest.mark.parametrize(
    "name", [".wav", "._a.wav", "$RECYCLE.BIN", "System Volume Information", "@eaDir", "lost+found"]
)
def test_hidden_files_and_folders_of_the_system_are_known(name: str) -> None:
    assert is_system_name(name)
    assert not is_system_name(f"{name.strip('.')} 1")

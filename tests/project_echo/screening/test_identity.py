"""A file is the one that was screened if its size and content are the same, whatever its time."""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.screening import identity
from project_echo.screening.identity import BLOCK_BYTES, N_BLOCKS, identify, is_unchanged

HOUR_NS = 3600 * 10**9


def move_time(path: Path, by_ns: int) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + by_ns))


@pytest.mark.parametrize("size", [0, 1, 1000, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * N_BLOCKS * BLOCK_BYTES + 7])
@pytest.mark.parametrize("by_ns", [HOUR_NS, -HOUR_NS, 2 * 10**9, 1, 11 * HOUR_NS + HOUR_NS // 2])
def test_a_file_with_another_time_and_the_same_content_is_unchanged(tmp_path: Path, size: int, by_ns: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(os.urandom(size))
    before = identify(path)
    move_time(path, by_ns)
    assert is_unchanged(path, before)
    copy = shutil.copyfile(path, tmp_path / "b.wav")
    assert is_unchanged(copy, before)


@given(st.integers(1, N_BLOCKS * BLOCK_BYTES), st.data())
@settings(max_examples=20)
def test_any_change_of_a_small_file_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, size: int, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("small") / "a.wav"
    content = bytearray(size)
    path.write_bytes(content)
    before = identify(path)
    content[data.draw(st.integers(0, size - 1))] = 1
    path.write_bytes(content)
    move_time(path, HOUR_NS)
    assert not is_unchanged(path, before)


def test_another_recording_of_the_same_size_is_noticed_however_large(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("wb") as stream:
        stream.truncate(5 * 2**30)  # sparse
    before = identify(path)
    for place in (0, 5 * 2**30 - 1):
        with path.open("r+b") as stream:
            stream.seek(place)
            stream.write(b"x")
        assert not is_unchanged(path, before | {"changed_ns": 0})
        before = identify(path)


def test_a_file_of_another_size_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = identify(path)
    path.write_bytes(b"abcd")
    os.utime(path, ns=(0, int(before["changed_ns"])))
    assert not is_unchanged(path, before)


def test_a_file_whose_time_is_the_same_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = identify(path)
    with patch.object(identity, "_fingerprint", side_effect=AssertionError):
        assert is_unchanged(path, before)


def test_without_a_fingerprint_the_time_decides(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = {name: value for name, value in identify(path).items() if name != "fingerprint"}
    assert is_unchanged(path, before)
    move_time(path, HOUR_NS)
    assert not is_unchanged(path, before)
    assert not is_unchanged(path, {})

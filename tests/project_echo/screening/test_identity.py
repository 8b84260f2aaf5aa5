"""A file is the one that was screened if its size and content are the same, whatever its time."""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.screening import identity
from project_echo.screening.identity import Identity, identify, is_unchanged, stamp

HOUR_NS = 3600 * 10**9


def identified(path: Path) -> Identity:
    return identify(path, stamp(path))


def move_time(path: Path, by_ns: int) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + by_ns))


@pytest.mark.parametrize("size", [0, 1, 1000, 3 * 2**20 + 7])
@pytest.mark.parametrize("by_ns", [HOUR_NS, -HOUR_NS, 2 * 10**9, 1, 11 * HOUR_NS + HOUR_NS // 2])
def test_a_file_with_another_time_and_the_same_content_is_unchanged(tmp_path: Path, size: int, by_ns: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(os.urandom(size))
    before = identified(path)
    move_time(path, by_ns)
    assert is_unchanged(path, before)
    copy = shutil.copyfile(path, tmp_path / "b.wav")
    assert is_unchanged(copy, before)


@given(st.integers(1, 2**22), st.data())
@settings(max_examples=20)
def test_any_edit_that_keeps_the_size_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, size: int, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("edited") / "a.wav"
    path.write_bytes(bytes(size))
    before = identified(path)
    with path.open("r+b") as stream:
        stream.seek(data.draw(st.integers(0, size - 1)))
        stream.write(b"x")
    move_time(path, data.draw(st.sampled_from([HOUR_NS, -HOUR_NS, 2 * 10**9, 12345])))
    assert not is_unchanged(path, before)


def test_a_part_silenced_in_the_middle_of_a_large_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(os.urandom(2**20) * 58)
    before = identified(path)
    with path.open("r+b") as stream:
        stream.seek(30 * 2**20)
        stream.write(bytes(2**20))
    move_time(path, HOUR_NS)  # as if daylight saving time had moved it
    assert not is_unchanged(path, before)


def test_a_file_that_changes_while_it_is_read_is_not_identified_by_its_new_content(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = stamp(path)
    path.write_bytes(b"xyz")
    move_time(path, HOUR_NS)
    identity_of_abc = identify(path, before)
    assert identity_of_abc == before
    assert not is_unchanged(path, identity_of_abc)


def test_a_file_of_another_size_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = identified(path)
    path.write_bytes(b"abcd")
    os.utime(path, ns=(0, int(before["changed_ns"])))
    assert not is_unchanged(path, before)


def test_a_file_whose_time_is_the_same_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = identified(path)
    with patch.object(identity, "_sha256", side_effect=AssertionError):
        assert is_unchanged(path, before)


@pytest.mark.parametrize("earlier", [{}, {"fingerprint": "0" * 64}])
def test_without_a_hash_of_the_content_the_time_decides(tmp_path: Path, earlier: dict[str, str]) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    before = stamp(path) | earlier
    assert is_unchanged(path, before)
    move_time(path, HOUR_NS)
    assert not is_unchanged(path, before)
    assert not is_unchanged(path, {})

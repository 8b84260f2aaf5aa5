"""Files are complete or absent, and are read as they were written."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table
from tests.sounds import fill

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def test_threads_that_write_files_leave_the_mask_of_the_process_as_it_was(tmp_path: Path) -> None:
    before = os.umask(0o027)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda n: files.write_json(n, tmp_path / f"{n}.json"), range(200)))
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}
        assert os.umask(0o027) == 0o027
    finally:
        sys.setswitchinterval(interval)
        os.umask(before)


def test_a_file_is_not_visible_before_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.csv"
    with files.atomic_path(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "half"
    assert [entry.name for entry in path.parent.iterdir()] == ["table.csv"]


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), files.atomic_path(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


def test_a_failed_write_keeps_the_old_folder_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    with files.atomic_folder(folder) as temporary:
        (temporary / "old").touch()
        assert not folder.exists()
    with pytest.raises(RuntimeError), files.atomic_folder(folder) as temporary:
        (temporary / "new").touch()
        raise RuntimeError
    assert [entry.name for entry in tmp_path.iterdir()] == ["clips"]
    assert [entry.name for entry in folder.iterdir()] == ["old"]


def test_a_new_folder_replaces_a_folder_a_file_or_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "stale").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(kept)
    for name in ("folder", "file", "link"):
        with files.atomic_folder(tmp_path / name) as temporary:
            (temporary / "new").touch()
        assert [entry.name for entry in (tmp_path / name).iterdir()] == ["new"]
    assert (kept / "file").exists()


def test_metrics_have_four_decimals(tmp_path: Path) -> None:
    metrics = {"n": 3, "pair": ["frog", "dog"], "none": None, "accuracy": {"value": 2 / 3, "low": -1e-9, "high": 1.0}}
    files.write_metrics(metrics, tmp_path / "m.json")
    accuracy = {"value": 0.6667, "low": 0.0, "high": 1.0}
    assert files.read_json(tmp_path / "m.json") == {**metrics, "accuracy": accuracy}
    text = (tmp_path / "m.json").read_text(encoding="utf-8")
    assert '"low": 0.0,' in text
    assert '"high": 1.0' in text


def test_numpy_floats_are_written_as_metrics(tmp_path: Path) -> None:
    files.write_metrics({"value": np.float64(1 / 3)}, tmp_path / "m.json")
    assert files.read_json(tmp_path / "m.json") == {"value": 0.3333}


def test_json_and_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    value = {"label": "Rotfüchse", "scores": [0.5, 1], "none": None}
    files.write_json(value, tmp_path / "v.json")
    assert files.read_json(tmp_path / "v.json") == value
    array = np.arange(12, dtype=np.float16).reshape(2, 3, 2)
    files.write_array(array, tmp_path / "a.npy")
    read = files.read_array(tmp_path / "a.npy")
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype


def test_sound_is_read_as_it_was_written_whatever_its_level(tmp_path: Path) -> None:
    samples = np.concatenate([np.linspace(-3, 3, 1000), [2.0**-30, 0]]).astype(np.float32)
    files.write_sound(samples, 8000, tmp_path / "s.wav")
    read, sample_rate = files.read_sound(tmp_path / "s.wav")
    assert (sample_rate, read.dtype) == (8000, np.float32)
    np.testing.assert_array_equal(read, samples)
    assert soundfile.info(tmp_path / "s.wav").subtype == "FLOAT"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_json_and_yaml_are_read_whatever_their_line_ends(tmp_path: Path, line_end: str) -> None:
    value = {"train": {"C": 0.1, "blocks": [6, "last"]}, "label": "Rotfüchse"}
    texts = {"v.json": json.dumps(value, indent=2), "v.yaml": yaml.safe_dump(value) + "# a comment\n"}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.replace("\n", line_end).encode())
    assert files.read_json(tmp_path / "v.json") == value
    assert files.read_yaml(tmp_path / "v.yaml") == value


READERS = [read_table, files.read_json, files.read_array, files.read_sound, files.read_yaml]


@pytest.mark.parametrize("read", READERS)
def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(EchoError, match="gone"):
        read(tmp_path / "gone")


@pytest.mark.parametrize("content", [b"", b'\xff\xfe\x00 {[,\n"1,2,3\n'])
@pytest.mark.parametrize("read", READERS)
def test_a_damaged_file_is_an_error_that_names_it(
    tmp_path: Path, read: Callable[[Path], object], content: bytes
) -> None:
    (tmp_path / "damaged").write_bytes(content)
    with pytest.raises(EchoError, match="damaged"):
        read(tmp_path / "damaged")


@pytest.mark.parametrize("read", [read_table, files.read_json])
@pytest.mark.parametrize("content", [None, b""])
def test_the_error_of_a_file_that_no_stage_writes_has_a_remedy_of_its_own(
    tmp_path: Path, read: Callable[[Path, str], object], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(EchoError) as error:
        read(tmp_path / "file", "Download it.")
    assert str(error.value).endswith("Download it.")
    assert "dvc" not in str(error.value)


def test_an_array_of_python_objects_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"code": 1}]), allow_pickle=True)
    with pytest.raises(EchoError, match=r"a\.npy"):
        files.read_array(tmp_path / "a.npy")


@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_a_flipped_bit_of_arrays_is_an_error_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, position: int, bit: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    arrays = {"a": np.array([1, 2]), "b": np.ones(3)}
    files.write_arrays(arrays, path)
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 1 << bit
    path.write_bytes(data)
    try:
        found = files.read_arrays(path)
    except EchoError as error:
        assert path.name in str(error)
    else:
        for name in arrays.keys() & found.keys():
            np.testing.assert_array_equal(found[name], arrays[name])


def test_a_folder_is_there_until_the_one_that_replaces_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed while it removes many files is the usual way to lose them."""
    target, remove = tmp_path / "reviewed", shutil.rmtree
    there: list[set[str]] = []

    def watched(path: Path, **options: bool) -> None:
        there.append(names(target))
        remove(path, **options)

    fill(target, "earlier.wav")
    monkeypatch.setattr(shutil, "rmtree", watched)
    with files.atomic_folder(target) as temporary:
        fill(temporary, "later.wav")
    assert there and all(of == {"later.wav"} for of in there)
    with pytest.raises(ValueError, match="stop"), files.atomic_folder(target):
        raise ValueError("stop")
    assert names(tmp_path) == {"reviewed"} and names(target) == {"later.wav"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}

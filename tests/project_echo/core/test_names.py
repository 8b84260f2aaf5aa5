"""Portable names are accepted everywhere; those of files are unique to what they stand for."""

import os
import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from project_echo.core.names import portable_label, portable_name, portable_path, portable_paths

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80)


@pytest.mark.parametrize("path", ["boar/001.wav", "fox/site-1/a_b.MP3", "001", "a.tar.gz"])
def test_a_portable_path_is_unchanged(path: str) -> None:
    assert portable_path(PurePosixPath(path)) == path


@pytest.mark.parametrize(
    ("path", "portable"),
    [
        ("a b.wav", "a_b-7301eec9.wav"),
        ("-rf.wav", "_rf-b7cb59b7.wav"),
        ("x.wav/y.wav", "x_wav/y-ee2d63f0.wav"),
        ("é.wav", "__-8593f270.wav"),
        ("aux.wav", "_aux-e8952399.wav"),
        ("con/NUL", "_con/_NUL-3c456365"),
        ("a.", "a_-5ab640fa"),
    ],
)
def test_a_portable_path_is_the_same_in_every_version(path: str, portable: str) -> None:
    """Results of other versions are found by it."""
    assert portable_path(PurePosixPath(path)) == portable


@given(st.sets(TEXT.filter(lambda text: text not in (".", "..")), min_size=2, max_size=8))
def test_portable_paths_are_unique_and_safe(texts: set[str]) -> None:
    paths = {PurePosixPath(text.strip("/") or "x") for text in texts}
    assume(not any(".." in path.parts for path in paths))
    portable = {portable_path(path) for path in paths}
    assert len(portable) == len(paths)
    for path in portable:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*", path)


@given(st.sets(TEXT, min_size=2, max_size=8))
def test_portable_names_are_unique_and_safe(texts: set[str]) -> None:
    names = {portable_name(text) for text in texts}
    assert len(names) == len(texts)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{,68}", name) for name in names)


@given(TEXT, st.sets(TEXT, min_size=2, max_size=8))
def test_the_same_text_has_another_name_for_every_identity(text: str, identities: set[str]) -> None:
    names = {portable_name(text, identity) for identity in identities}
    assert len(names) == len(identities)
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{,68}", name) for name in names)


def test_a_portable_name_is_unchanged() -> None:
    assert portable_name("north-2") == "north-2"
    assert portable_name("a/b") != portable_name("a_b") == "a_b"
    assert portable_name("")


def test_names_that_are_not_utf_8_have_a_portable_name() -> None:
    text = os.fsdecode(b"\xff.wav")
    assert portable_name(text, text).startswith("__wav-")


@pytest.mark.parametrize(
    ("typed", "folder"),
    [
        ("Füchsin", "Füchsin"),
        ("great  horned\towl", "great_horned_owl"),
        ("Kauz: rufend/balzend", "Kauz__rufend_balzend"),
        ("../../etc", "_.._etc"),
        ("x" * 59 + ".x", "x" * 59),
        (" - ", "_-_"),
        ("...", ""),
    ],
)
def test_the_folder_of_a_label_stays_readable(typed: str, folder: str) -> None:
    assert portable_label(typed) == folder


DEVICES = ["con", "PRN", "Aux", "nul", "COM1", "lpt9", "com\xb9", "CONIN$"]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("suffix", ["", ".wav", ".tar.gz", " ", " .wav", "."])
def test_names_of_devices_of_windows_are_changed(device: str, suffix: str) -> None:
    name = device + suffix
    for changed in (portable_path(PurePosixPath(f"{name}/{name}")), portable_name(name), portable_label(name)):
        for part in changed.split("/"):
            assert not PureWindowsPath(part).is_reserved() and part[-1] not in ". "
    assert portable_label(portable_label(name)) == portable_label(name)


@pytest.mark.parametrize("name", ["console.wav", "auxiliary", "com10", "COMA", "nullarbor.wav", "lpt"])
def test_names_that_only_begin_like_devices_are_kept(name: str) -> None:
    assert portable_path(PurePosixPath(name)) == portable_label(name) == name


def test_of_paths_that_differ_in_case_the_lower_case_one_keeps_its_name() -> None:
    paths = [PurePosixPath(text) for text in ("A.wav", "a.wav", "b.wav", "C/x.wav", "c/X.wav", "D.wav")]
    names = portable_paths(paths)
    assert [names[path] for path in paths if len(names[path]) < 8] == ["a.wav", "b.wav", "D.wav"]
    assert len({name.casefold() for name in names.values()}) == len(paths)
    assert portable_paths(paths[::-1]) == names


@given(st.sets(st.text(st.sampled_from("aAéÉ\u0301ß. -"), min_size=1, max_size=4), min_size=2, max_size=12))
def test_portable_paths_are_different_where_case_is_ignored(texts: set[str]) -> None:
    paths = {PurePosixPath(text) for text in texts} - {PurePosixPath(), PurePosixPath("..")}
    names = portable_paths(paths)
    assert len({name.casefold() for name in names.values()}) == len(paths)


@given(TEXT)
def test_the_folder_of_a_label_is_one_that_windows_accepts(text: str) -> None:
    folder = portable_label(text)
    assert not set(folder) & set('<>:"/\\|?*') and not re.search(r"[\x00-\x1f\x7f\s]", folder)
    assert len(folder) <= 60 and not folder.startswith((".", "-")) and not folder.endswith(".")
    assert portable_label(folder) == folder

"""Portable names are accepted everywhere; those of files are unique to what they stand for."""

import os
import re
from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from project_echo.core.names import portable_label, portable_name, portable_path

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


@given(TEXT)
def test_the_folder_of_a_label_is_one_that_windows_accepts(text: str) -> None:
    folder = portable_label(text)
    assert not set(folder) & set('<>:"/\\|?*') and not re.search(r"[\x00-\x1f\x7f\s]", folder)
    assert len(folder) <= 60 and not folder.startswith((".", "-")) and not folder.endswith(".")
    assert portable_label(folder) == folder

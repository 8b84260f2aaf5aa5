"""Folders that were opened: which can be, what may be shown, and what is kept."""

import json
import os
import sys
from pathlib import Path

import pytest

from project_echo.app.opened import FILE, OpenedFolders, short_path
from project_echo.core.errors import EchoError
from tests.sounds import fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of recordings, with others beside it and beside the workspace."""
    fill(tmp_path, "nights/a.wav", "nights-2/b.wav", "secret.txt", "workspace/models/card.yaml")
    return tmp_path / "nights"


@pytest.fixture
def opened(folder: Path) -> OpenedFolders:
    """With that folder."""
    opened = OpenedFolders(folder.parent / "workspace")
    assert opened.open(str(folder)) == folder
    return opened


def test_only_what_was_opened_is_shown(opened: OpenedFolders, folder: Path) -> None:
    inside = (folder, folder / "a.wav", folder / "not-there.wav", folder / "x" / ".." / "a.wav")
    outside = (folder.parent, folder.parent / "secret.txt", folder.parent / "nights-2" / "b.wav")
    for path in (*inside, folder.parent / "workspace" / "models" / "card.yaml"):
        assert opened.check(path) == path.resolve()
    for path in (*outside, folder / ".." / "secret.txt", Path("/"), Path("nights/a.wav"), Path("\0"), folder / "\0"):
        with pytest.raises(PermissionError):
            opened.check(path)


def test_links_are_followed_before_they_are_judged(opened: OpenedFolders, folder: Path) -> None:
    (folder / "out").symlink_to(folder.parent)
    (folder / "within").symlink_to(folder / "a.wav")
    (folder / "loop").symlink_to(folder / "loop")
    assert opened.check(folder / "within") == folder / "a.wav"
    for path in (folder / "out", folder / "out" / "secret.txt", folder / "out" / "nights-2" / "b.wav"):
        with pytest.raises(PermissionError):
            opened.check(path)
    (folder.parent / "nights-2" / "to-nights").symlink_to(folder)
    assert opened.check(folder.parent / "nights-2" / "to-nights" / "a.wav") == folder / "a.wav"


def test_a_relative_path_is_refused_wherever_the_app_was_started(
    opened: OpenedFolders, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(PermissionError):
        opened.check(Path("a.wav"))


def test_a_folder_that_is_a_link_is_opened_under_its_own_name(opened: OpenedFolders, folder: Path) -> None:
    link = folder.parent / "card"
    link.symlink_to(folder.parent / "nights-2")
    assert opened.open(str(link)) == link
    assert opened.check(link / "b.wav") == folder.parent / "nights-2" / "b.wav"


def test_a_folder_has_one_name_and_is_opened_once(
    opened: OpenedFolders, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    for text in (f" {folder} ", f'"{folder}"', f"{folder}{os.sep}", f"{folder}/../nights", "~/nights"):
        assert opened.open(text) == folder
    monkeypatch.chdir(folder.parent)
    assert opened.open("nights") == folder
    assert opened.all() == [folder]


@pytest.mark.parametrize(
    "text", ["", "  ", '""', "{}/a.wav", "{}/not-there", "~nobody-of-this-name/x", "{}/\0", "{}a" * 999]
)
def test_what_is_no_folder_cannot_be_opened(opened: OpenedFolders, folder: Path, text: str) -> None:
    with pytest.raises(EchoError):
        opened.open(text.replace("{}", str(folder)))
    assert opened.all() == [folder]


@pytest.mark.skipif(sys.platform != "linux", reason="only there are names bytes")
def test_a_name_that_is_not_utf_8_cannot_be_opened(opened: OpenedFolders, folder: Path) -> None:
    named = folder / os.fsdecode(b"\xff")
    named.mkdir()
    with pytest.raises(EchoError):
        opened.open(str(named))
    assert opened.all() == [folder]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="all is readable to the superuser")
def test_a_folder_without_permission_cannot_be_opened(opened: OpenedFolders, folder: Path) -> None:
    (folder / "locked").mkdir(mode=0)
    with pytest.raises(EchoError, match="permission"):
        opened.open(str(folder / "locked"))


def test_folders_are_kept_until_they_are_closed(opened: OpenedFolders, folder: Path) -> None:
    other = opened.open(str(folder.parent / "nights-2"))
    assert OpenedFolders(folder.parent / "workspace").all() == [folder, other]
    opened.close(folder)
    again = OpenedFolders(folder.parent / "workspace")
    assert again.all() == opened.all() == [other]
    with pytest.raises(PermissionError):
        again.check(folder / "a.wav")


def test_a_folder_that_is_gone_stays_in_the_list_and_shows_nothing(opened: OpenedFolders, folder: Path) -> None:
    (folder / "a.wav").unlink()
    folder.rmdir()
    again = OpenedFolders(folder.parent / "workspace")
    assert again.all() == [folder]
    assert not again.check(folder / "a.wav").exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[1, null]", '{"/": 1}', '"/etc"', '["", ".", "nights"]', "[[]]", "\udcff"]
)
def test_a_damaged_list_opens_nothing(folder: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    workspace = folder.parent / "workspace"
    (workspace / FILE).write_text(content, encoding="utf-8", errors="surrogateescape")
    opened = OpenedFolders(workspace)
    assert opened.all() == []
    with pytest.raises(PermissionError):
        opened.check(folder / "a.wav")
    opened.open(str(folder))
    assert json.loads((workspace / FILE).read_text(encoding="utf-8")) == [str(folder)]


def test_paths_are_shown_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert short_path(tmp_path / "ü" / "a.wav") == str(Path("~") / "ü" / "a.wav")
    assert short_path(tmp_path) == "~"
    other = f"{tmp_path}-2"
    assert short_path(other) == other

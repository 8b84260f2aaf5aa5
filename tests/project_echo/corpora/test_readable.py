"""What DVC cannot hash is named before it tries."""

import os
import socket
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.corpora.folder import find_recordings
from project_echo.corpora.readable import check_readable, printable, reason_not_readable
from tests.sounds import fill

KEY = "collect.corpus"


def damage(folder: Path, kind: str) -> str:
    """Add an entry that cannot be read; the words that its reason contains."""
    path = folder / "boar" / "x.wav"
    if kind == "dead link":
        path.symlink_to("nowhere.wav")
        return "link to a file that does not exist"
    if kind == "link loop":
        path.symlink_to("x.wav")
        return "leads back to itself"
    if kind == "named pipe":
        os.mkfifo(path)
        return "a named pipe"
    if kind == "link to a device":
        path.symlink_to("/dev/zero")
        return "a device"
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(path.parent)  # the path of a socket may not be long
        server.bind(path.name)
        os.chdir(before)
    return "a socket"


@pytest.mark.parametrize("kind", ["dead link", "link loop", "named pipe", "link to a device", "socket"])
def test_what_cannot_be_read_is_named_and_in_a_corpus_listed(tmp_path: Path, kind: str) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "fox/b.wav", ".trash/c.wav")
    check_readable(mine, KEY)
    reason = damage(mine, kind)
    with pytest.raises(EchoError) as error:
        check_readable(mine, KEY)
    assert str(error.value).startswith(f"{mine / 'boar' / 'x.wav'}: ")
    assert reason in str(error.value) and KEY in str(error.value)
    found, skipped = find_recordings(mine)
    assert [recording.original for recording in found] == ["boar/a.wav", "fox/b.wav"]
    ((name, listed),) = skipped
    assert name == "boar/x.wav" and reason in listed


@pytest.mark.parametrize("name", ["boar/\udcff.wav", "bo\udce4r/a.wav", "boar/\udcff/a.wav"])
def test_a_name_that_is_not_utf8_is_named_as_escapes_and_can_be_collected(tmp_path: Path, name: str) -> None:
    mine = fill(tmp_path / "mine", "boar/a.flac", "fox/b.wav", name)
    with pytest.raises(EchoError, match=r"\\x(ff|e4).*UTF-8") as error:
        check_readable(mine, KEY)
    str(error.value).encode()
    found, skipped = find_recordings(mine)
    assert len(found) == 3 and not skipped


def test_several_problems_are_counted(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav")
    for number in range(3):
        (mine / f"{number}.wav").symlink_to("nowhere")
    with pytest.raises(EchoError, match=r"0\.wav \(and 2 others\)"):
        check_readable(mine, KEY)


def test_links_to_folders_are_passed_over(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav")
    (mine / "boar" / "up").symlink_to("..")
    check_readable(mine, KEY)
    assert reason_not_readable(mine / "boar" / "a.wav") == ""


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/gone/recordings", ["/gone/recordings"]),
        ("mine", ["mine", "--temp", "absolute"]),
        ("~/mine", ["~/mine", "~ "]),
    ],
)
def test_a_corpus_that_does_not_exist_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, named: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EchoError) as error:
        check_readable(Path(path), KEY)
    assert all(part in str(error.value) for part in [*named, KEY])


def test_files_without_permission_are_named_and_folders_listed(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "fox/b.wav", "fox/den/c.wav", "toad/d.wav")
    (mine / "boar" / "a.wav").chmod(0)
    if os.access(mine / "boar" / "a.wav", os.R_OK):
        pytest.skip("root may read everything")
    (mine / "fox" / "den").chmod(0)
    (mine / "toad").chmod(0o400)  # its names can be read, but not its files
    try:
        with pytest.raises(EchoError, match=r"boar/a\.wav.*permission"):
            check_readable(mine, KEY)
        found, skipped = find_recordings(mine)
        assert [recording.original for recording in found] == ["fox/b.wav"]
        assert sorted(name for name, _ in skipped) == ["boar/a.wav", "fox/den", "toad/d.wav"]
    finally:
        (mine / "fox" / "den").chmod(0o700)
        (mine / "toad").chmod(0o700)


def test_printable_names_are_unchanged() -> None:
    assert printable("é/ż.wav") == "é/ż.wav"
    assert printable("\udcff") == r"\xff"

"""Finding recordings in files and folders: each once, with a reason for what cannot be opened."""

import errno
import os
import socket
from collections.abc import Sequence
from itertools import islice, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.screening.discovery import find_recordings, recording_path
from tests.sounds import fill


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, for short relative paths."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names(*given: str) -> list[str]:
    return [recording.name for recording in find_recordings([Path(path) for path in given])[0]]


def skipped(*given: str) -> list[tuple[str, str]]:
    return find_recordings([Path(path) for path in given])[1]


def sites(*given: str) -> dict[str, str]:
    return {recording.name: recording.site for recording in find_recordings([Path(path) for path in given])[0]}


# Which files


def test_recordings_are_sorted_by_name_and_have_their_paths(here: Path) -> None:
    fill(here / "disk", "b.wav", "a/z.flac", "a.mp3", "c/d/e.MP4")
    found, unusable = find_recordings([Path("disk")])
    assert [recording.name for recording in found] == ["disk/a.mp3", "disk/a/z.flac", "disk/b.wav", "disk/c/d/e.MP4"]
    assert [recording.path.read_text() for recording in found] == ["a.mp3", "a/z.flac", "b.wav", "c/d/e.MP4"]
    assert unusable == []


def test_folders_are_searched_for_audio_and_video_only(here: Path) -> None:
    fill(here, "a.WAV", "a.txt", "a.csv", "a.json", "a.yaml", "wav", "a.wav.txt", "a.jpg", "no suffix")
    fill(here, ".hidden.wav", "._a.wav", ".Trash/b.wav", ".Trash-1000/files/b.wav", "$RECYCLE.BIN/b.wav", "$a.wav")
    fill(here, "System Volume Information/b.wav", "@eaDir/a.WAV/b.wav", "lost+found/b.wav")
    assert names(".") == ["$a.wav", "a.WAV"]
    assert skipped(".") == []


def test_sound_is_found_whatever_its_suffix_and_nothing_is_passed_over_in_silence(here: Path) -> None:
    fill(here, "a.3gpp", "a.w4v", "a.wac", "disk/a.ogg")
    Path("copy of a").write_bytes(b"OggS" + bytes(60))
    Path("disk/a.dat").write_bytes(bytes(60))
    Path("disk/a.zip").write_bytes(b"PK")
    assert names(".") == ["a.3gpp", "a.w4v", "a.wac", "copy of a", "disk/a.ogg"]
    assert [name for name, _ in skipped(".")] == ["disk/a.dat", "disk/a.zip"]
    for paths in ([".", "disk/a.dat"], ["disk/a.dat", "."], [".", str(here / "disk/a.dat")]):  # as the reason advises
        assert paths[paths.index(".") - 1] in names(*paths)
        assert [name for name, _ in skipped(*paths)] == ["disk/a.zip"]


def test_results_and_reviews_among_recordings_are_passed_over(here: Path) -> None:
    fill(here, "a.wav", "results/.journal/settings.json", "results/clips/fox/1.wav", "results/raven/b.wav")
    fill(here, "results/b.wav", "copied/clips/clips.csv", "copied/clips/fox/1.wav")
    fill(here, "review/index.html", "review/events.csv", "review/media/0001.flac")
    fill(here, "clips/c.wav", "media/d.wav")  # of people
    assert names(".") == ["a.wav", "clips/c.wav", "media/d.wav", "results/b.wav"]
    assert names("results") == ["results/b.wav"]


def test_without_file_numbers_files_are_told_apart_by_their_paths(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives number all files 0."""
    fill(here, "a.wav", "north/b.wav")
    stat = Path.stat

    def numberless(path: Path, **options: bool) -> os.stat_result:
        status = stat(path, **options)
        return os.stat_result((status.st_mode, 0, *status[2:]))

    monkeypatch.setattr(Path, "stat", numberless)
    assert names(".", "north", "a.wav") == ["a.wav", "north/b.wav"]


def test_a_file_that_is_passed_is_taken_whatever_its_name(here: Path) -> None:
    fill(here, "notes.txt", "no suffix", ".hidden/a.wav", ".b.wav")
    given = ["notes.txt", "no suffix", ".hidden", ".b.wav"]
    assert names(*given) == [".b.wav", ".hidden/a.wav", "no suffix", "notes.txt"]


def test_names_begin_with_the_path_as_given(here: Path) -> None:
    fill(here, "disk/a.wav")
    assert names("disk") == ["disk/a.wav"]
    assert names("./disk/") == ["disk/a.wav"]
    assert names("../here/disk") == ["../here/disk/a.wav"]
    assert names(str(here / "disk")) == [f"{here}/disk/a.wav"]


def test_the_site_is_the_folder_below_the_folder_that_was_passed(here: Path) -> None:
    fill(here, "disk/north/mic 1/a.wav", "disk/north/b.wav", "disk/c.wav")
    assert sites("disk") == {"disk/north/mic 1/a.wav": "north/mic 1", "disk/north/b.wav": "north", "disk/c.wav": "disk"}
    assert sites("disk/c.wav", "disk/north/b.wav") == {"disk/c.wav": "disk", "disk/north/b.wav": "north"}
    assert sites("disk/north")["disk/north/b.wav"] == "north"


def test_days_are_no_sites_and_two_arguments_are_two_sites(here: Path) -> None:
    fill(here, "north/Data/20240501/a.wav", "north/Data/20240502/b.wav", "south/Data/20240501/a.wav")
    assert set(sites("north/Data", "south/Data").values()) == {"north", "south"}
    assert set(sites("north/Data").values()) == {"north"}
    assert set(sites("north", "north/Data", "north").values()) == {"north"}
    files = ["north/Data/20240501/a.wav", "south/Data/20240501/a.wav", "north/Data/20240502/b.wav"]
    assert list(sites(*files).values()) == ["north", "north", "south"]


def test_sites_and_folders_that_are_none_are_logged(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "project_echo")
    fill(here, "disk/north/Data/20240501/a.wav", "disk/south/Data/20240502/a.wav", "disk/west_May 2024/a.wav")
    sites("disk")
    assert caplog.messages == ["3 sites: north, south, west; not sites: 20240501, 20240502, Data, west_May 2024"]
    fill(here, *(f"many/{number:04}/a.wav" for number in range(1000)))
    sites("many")
    assert "1000 sites: 0000, 0001" in caplog.messages[-1] and "990 more" in caplog.messages[-1]
    assert len(caplog.messages[-1]) < 200 and "not sites" not in caplog.messages[-1]


def test_the_site_has_a_name_even_where_the_path_has_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(here, "a.wav", "deeper/notes.txt")
    assert sites(".") == sites("a.wav") == {"a.wav": "here"}
    monkeypatch.chdir("deeper")
    assert sites("..") == sites("../a.wav") == {"../a.wav": "here"}


# Each once


@pytest.mark.parametrize("given", [("disk", "disk"), ("disk", "disk/a"), ("disk/a", "disk"), ("disk/a/b.wav", "disk")])
def test_a_file_is_found_once_however_often_it_is_passed(here: Path, given: Sequence[str]) -> None:
    fill(here / "disk", "a/b.wav", "c.wav")
    assert names(*given) == ["disk/a/b.wav", "disk/c.wav"]


def test_links_are_followed_once_and_the_real_name_is_preferred(here: Path) -> None:
    fill(here, "disk/z/a.wav", "elsewhere/b.wav")
    for link, target in {
        "a link": "z",
        "m": "../elsewhere",
        "n": "../elsewhere",
        "up": "..",
        "f.wav": "z/a.wav",
    }.items():
        (here / "disk" / link).symlink_to(target)
    assert names("disk") == ["disk/m/b.wav", "disk/z/a.wav"]
    assert skipped("disk") == []


def test_a_hard_link_is_the_same_file(here: Path) -> None:
    fill(here, "a.wav", "b.txt")
    (here / "c.wav").hardlink_to("a.wav")
    (here / "d.wav").hardlink_to("b.txt")  # whose first name has no audio suffix
    assert names(".") == ["a.wav", "d.wav"]


# Names


def test_names_are_unicode_and_distinct(here: Path) -> None:
    raw = [
        b"\xff.wav",
        b"\\xff.wav",
        b"\\\\xff.wav",
        b"a\nb.wav",
        "\N{BAT}.wav".encode(),
        b"\xed\xa0\x80.wav",
        b"\xff/a.wav",
    ]
    fill(here, *(os.fsdecode(name) for name in raw))
    recordings = find_recordings([Path()])[0]
    assert len({recording.name for recording in recordings}) == len(raw)
    for recording in recordings:
        recording.name.encode("utf-8")
        recording.site.encode("utf-8")
        assert recording_path(recording.name) == recording.path
    assert {r"\xff.wav", r"\\xff.wav", "\N{BAT}.wav", r"\xff/a.wav"} <= {recording.name for recording in recordings}


# Any file name that Unix has: bytes without "/" and zero; hidden ones are passed over.
PARTS = st.binary(min_size=1, max_size=8).map(lambda raw: b"x" + raw.replace(b"/", b"\\").replace(b"\0", b"\xff"))
TREES = st.sets(st.tuples(PARTS, PARTS), min_size=1, max_size=6)


@given(TREES)
@settings(max_examples=30)
def test_every_file_of_any_tree_is_found_once(
    tmp_path_factory: pytest.TempPathFactory, tree: set[tuple[bytes, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    fill(root, *(os.fsdecode(folder + b"/" + file + b".wav") for folder, file in tree))
    given = [root, *root.iterdir()]
    found, unusable = find_recordings(given)
    assert len({recording.name for recording in found}) == len(found) == len(tree)
    assert [recording.name for recording in found] == sorted(recording.name for recording in found)
    assert {recording.path.relative_to(root).as_posix() for recording in found} == {
        os.fsdecode(folder + b"/" + file + b".wav") for folder, file in tree
    }
    assert all(recording.name.encode() for recording in found)
    assert all(recording_path(recording.name) == recording.path for recording in found)
    assert unusable == []
    for order in islice(permutations(given), 5):
        assert {(recording.path, recording.name) for recording in find_recordings(order)[0]} == {
            (recording.path, recording.name) for recording in found
        }


# What cannot be opened


def test_what_is_not_a_file_is_listed_with_the_reason(here: Path) -> None:
    fill(here, "a.wav")
    os.mkfifo("pipe.wav")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.wav")
    Path("device.wav").symlink_to("/dev/null")
    Path("gone.wav").symlink_to("nowhere.wav")
    Path("loop").symlink_to("pool")
    Path("pool").symlink_to("loop")
    assert names(".") == ["a.wav"]
    reasons = dict(skipped(".", "b.wav"))
    assert list(reasons) == ["b.wav", "device.wav", "gone.wav", "loop", "pipe.wav", "pool", "socket.wav"]
    assert "does not exist" in reasons["b.wav"] and "connect the disk" in reasons["b.wav"]
    assert "remove the link" in reasons["gone.wav"] and "remove the link" in reasons["loop"]
    assert [reasons[f"{name}.wav"] for name in ("device", "pipe", "socket")] == [
        "a device, not a file",
        "a named pipe, not a file",
        "a socket, not a file",
    ]


def test_a_file_of_unknown_type_that_cannot_be_opened_is_listed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(here, "a.wav", "b.dat", "c.dat")

    def refuse(path: Path, *_: object) -> None:
        raise OSError(errno.EACCES if path.name == "b.dat" else errno.EIO, "")

    monkeypatch.setattr(Path, "open", refuse)
    assert names(".") == ["a.wav"]
    reasons = dict(skipped("."))
    assert "change its permissions" in reasons["b.dat"] and "disk" in reasons["c.dat"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_listed(here: Path) -> None:
    fill(here, "a.wav", "closed/b.wav")
    Path("closed").chmod(0)
    assert names(".") == ["a.wav"]
    ((name, reason),) = skipped(".")
    assert name == "closed" and "permission" in reason


@pytest.mark.parametrize("given", [[], ["disk"], ["disk", "gone"]])
def test_no_recordings_are_an_error_that_names_the_paths(here: Path, given: list[str]) -> None:
    fill(here, "disk/notes.txt")
    with pytest.raises(EchoError) as error:
        names(*given)
    assert all(path in str(error.value) for path in given)
    assert ("gone: does not exist" in str(error.value)) == ("gone" in given)

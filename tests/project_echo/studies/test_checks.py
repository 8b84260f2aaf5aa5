"""What is said of a folder of recordings before anything is trained, and which folders are refused."""

import os
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.studies.checks import Recordings, check_recordings, count_sources, describe_recordings
from tests.sounds import fill

NAMES = ("Füchse am Bach", "tree frog")


def folder_of(path: Path, n: int, *labels: str) -> Path:
    """A folder with `n` recordings of each label, or of each kind of background."""
    return fill(path, *(f"{label}/{number}.wav" for label in labels for number in range(n)))


def check(folder: Path) -> Recordings:
    return check_recordings(folder, folder.parent / "reviewed")


def counts(folder: Path) -> dict[str, tuple[int, int]]:
    table = count_sources(check(folder).table)
    return {row.kind: (row.recordings, row.sources) for row in table.itertuples()}


@pytest.mark.parametrize("n", [3, 6, 10, 40])
def test_recordings_and_sources_of_each_label_are_counted(tmp_path: Path, n: int) -> None:
    folder = folder_of(tmp_path / "Meine Töne", n, *NAMES, "none/rain & wind")
    fill(folder, "tree frog/pond/1.wav", "tree frog/pond/2.wav", "unseen/night.wav")
    assert counts(folder) == {"Füchse am Bach": (n, n), "tree frog": (n + 2, n + 1), "rain & wind": (n, n)}
    lines = describe_recordings(check(folder))
    assert [line.split()[-2:] for line in lines[1:4]] == [[str(n)] * 2, [str(n + 2), str(n + 1)], [str(n)] * 2]
    assert any("Few sources" in line for line in lines) == (n < 10)


def test_one_label_and_background_are_enough_and_missing_background_is_said(tmp_path: Path) -> None:
    assert counts(folder_of(tmp_path / "one", 3, "boar", "none")) == {"boar": (3, 3), "none": (3, 3)}
    lines = describe_recordings(check(folder_of(tmp_path / "two", 3, "boar", "fox")))
    assert any("no background" in line for line in lines)


@pytest.mark.parametrize(
    ("labels", "few", "named"),
    [
        (["boar"], [], "boar"),  # no background
        (["none"], [], "0 labels"),
        (["boar", "fox"], ["owl"], "owl has 2 sources"),
        (["boar", "fox"], ["none/rain", "none/sea"], "none/rain has 2 sources; none/sea has 2 sources"),
    ],
)
def test_what_cannot_be_trained_on_is_an_error(tmp_path: Path, labels: list[str], few: list[str], named: str) -> None:
    folder = folder_of(folder_of(tmp_path / "mine", 3, *labels), 2, *few)
    with pytest.raises(EchoError, match=named) as error:
        check(folder)
    assert str(error.value).startswith(str(folder))


def test_unusable_files_in_each_label_are_told_and_left_out(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 3, *NAMES, "none/rain")
    for label in NAMES:
        (folder / label / "empty.wav").touch()
    fill(folder, "none/rain/notes.txt", "loose.wav")
    recordings = check(folder)
    assert len(recordings.table) == 9
    assert {Path(name).name for name, _ in recordings.skipped} == {"empty.wav", "notes.txt", "loose.wav"}
    assert any(line.startswith("4 files not used") for line in describe_recordings(recordings))
    (folder / "tree frog" / "2.wav").write_bytes(b"")  # which leaves too few: the error tells why
    with pytest.raises(EchoError, match=r"tree frog has 2 sources.*an empty file"):
        check(folder)


def test_copies_of_a_label_are_one_source_and_of_two_labels_an_error(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 3, "boar", "fox")
    (folder / "boar" / "copy of 1.wav").write_bytes((folder / "boar" / "1.wav").read_bytes())
    assert counts(folder)["boar"] == (3, 3)
    (folder / "fox" / "4.wav").write_bytes((folder / "boar" / "1.wav").read_bytes())
    with pytest.raises(EchoError, match=r"boar.*fox"):
        check(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_file_that_dvc_could_not_hash_is_an_error(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", 3, "boar", "fox")
    (folder / "boar" / "gone.wav").symlink_to(tmp_path / "gone.wav")
    with pytest.raises(EchoError, match=r"gone\.wav"):
        check(folder)


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match="nowhere is not a folder"):
        check(tmp_path / "nowhere")

"""Labels, sources and names of a folder of recordings, and what is skipped."""

import os
from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.corpora.collected import Corpus, found_table, skipped_table
from project_echo.corpora.copying import copy_recordings
from project_echo.corpora.folder import find_recordings
from tests.sounds import fill


def collect_folder(folder: Path, target: Path) -> Corpus:
    found, skipped = find_recordings(folder)
    copied, unreadable = copy_recordings(found, target)
    return Corpus(found_table(copied), skipped_table([*skipped, *unreadable]))


def by_original(corpus: Corpus, column: str) -> dict[str, Any]:
    return dict(zip(corpus.recordings["original"], corpus.recordings[column], strict=True))


def test_folders_are_labels_and_sources(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "boar/b.wav", "boar/well/c.wav", "fox/well/d.wav", "unseen/e.mp4")
    corpus = collect_folder(mine, tmp_path / "corpus")
    assert by_original(corpus, "label") == {
        "boar/a.wav": "boar",
        "boar/b.wav": "boar",
        "boar/well/c.wav": "boar",
        "fox/well/d.wav": "fox",
        "unseen/e.mp4": "",
    }
    sources = by_original(corpus, "source")
    assert sources["boar/well/c.wav"] == sources["fox/well/d.wav"] == "well"  # a place with two species
    assert len(set(sources.values())) == 4
    assert corpus.recordings.loc[corpus.recordings["unseen"], "original"].tolist() == ["unseen/e.mp4"]
    assert corpus.skipped.empty


def test_background_has_kinds_and_sources(tmp_path: Path) -> None:
    names = {
        "none/a.wav": NONE,
        "none/rain/a.wav": "rain",
        "none/engine/a.wav": "engine",
        "none/rain/well/a.wav": "rain",
        "none/rain/well/b.wav": "rain",
        "none/rain/well/deep/c.wav": "rain",
        "boar/well/d.wav": "boar",
    }
    corpus = collect_folder(fill(tmp_path / "mine", *names, "unseen/none/e.wav"), tmp_path / "corpus")
    assert by_original(corpus, "kind") == names | {"unseen/none/e.wav": ""}
    assert by_original(corpus, "label") == {
        name: NONE if name.startswith("none") else name.split("/")[0] for name in names
    } | {"unseen/none/e.wav": ""}
    sources = by_original(corpus, "source")
    at_the_well = {source for name, source in sources.items() if "well" in name}
    assert at_the_well == {"well"}  # a place with a boar and rain
    assert len(set(sources.values())) == 5
    assert corpus.recordings["recording"].tolist() == corpus.recordings["original"].tolist()


@pytest.mark.parametrize(("none", "unseen"), [("None", "Unseen"), ("NONE", "UNSEEN"), ("none ", "unseen_")])
def test_background_and_unseen_recordings_may_be_written_in_any_case(tmp_path: Path, none: str, unseen: str) -> None:
    names = ["boar/a.wav", f"{none}/a.wav", f"{none}/rain/well/b.wav", f"{unseen}/c.wav", f"{unseen}/pond/d e.wav"]
    corpus = collect_folder(fill(tmp_path / "mine", *names), tmp_path / "corpus")
    assert by_original(corpus, "label") == dict(zip(names, ["boar", NONE, NONE, "", ""], strict=True))
    assert by_original(corpus, "kind") == dict(zip(names, ["boar", NONE, "rain", "", ""], strict=True))
    assert by_original(corpus, "unseen") == dict(zip(names, [False, False, False, True, True], strict=True))
    folders = corpus.recordings["recording"].str.split("/").str[0]
    assert sorted(folders) == ["boar", "none", "none", "unseen", "unseen"]
    assert all((tmp_path / "corpus" / name).is_file() for name in corpus.recordings["recording"])


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (("Fox/a.wav", "fox/b.wav"), ["'Fox'", "'fox'"]),
        (("tree frog/a.wav", "tree_frog/b.wav"), ["'tree frog'", "'tree_frog'"]),
        (("\u00e9tourneau/a.wav", "e\u0301tourneau/b.wav"), [r"'\xe9tourneau'", r"'e\u0301tourneau'"]),
        (("STRASSE/a.wav", "stra\u00dfe/b.wav"), ["'STRASSE'", "'straße'"]),
        (("None/a.wav", "none/b.wav"), ["'None'", "'none'"]),
        (("Unseen/a.wav", "unseen/b.wav"), ["'Unseen'", "'unseen'"]),
        (("none/Rain/a.wav", "none/rain/b.wav"), ["'Rain'", "'rain'"]),
    ],
)
def test_folders_that_are_the_same_to_people_are_an_error_that_names_both(
    tmp_path: Path, names: tuple[str, ...], named: list[str]
) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", *names)
    with pytest.raises(EchoError) as error:
        find_recordings(mine)
    assert all(name in str(error.value) for name in [str(mine), *named])


def test_what_belongs_to_the_system_is_passed_over(tmp_path: Path) -> None:
    folders = ["$RECYCLE.BIN", "$Recycle.Bin", "System Volume Information", "@eaDir", "#recycle", "lost+found"]
    folders += [".Trashes", ".Trash-1000", "__MACOSX", "boar/@eaDir", "boar/.AppleDouble", "none/rain/lost+found"]
    names = ["boar/a.wav", "fox/b.wav", "none/rain/c.wav"]
    hidden = ["boar/._a.wav", "boar/.DS_Store", "fox/Thumbs.db", ".stfolder/x.wav"]
    mine = fill(tmp_path / "mine", *names, *hidden, *(f"{folder}/x.wav" for folder in folders))
    corpus = collect_folder(mine, tmp_path / "corpus")
    assert corpus.recordings["original"].tolist() == names
    assert corpus.skipped.empty


def test_what_cannot_be_a_recording_is_listed(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "boar/readme.txt", "fox/cover.JPG", "unseen/all.zip")
    (mine / "fox" / "empty.wav").touch()
    corpus = collect_folder(mine, tmp_path / "corpus")
    reasons = dict(corpus.skipped.itertuples(index=False))
    assert sorted(reasons) == ["boar/readme.txt", "fox/cover.JPG", "fox/empty.wav", "unseen/all.zip"]
    assert "archive" in reasons["unseen/all.zip"] and "empty" in reasons["fox/empty.wav"]
    assert corpus.recordings["original"].tolist() == ["boar/a.wav"]


ODD_NAMES = [
    "a b.wav",
    "a'b\".wav",
    "a\nb.wav",
    "a\rb.wav",
    "-rf.wav",
    "--.wav",
    "é.wav",
    "e\u0301.wav",
    "\udcff.wav",
    "\\xff.wav",
    "100%.wav",
    "%d.wav",
    "a:b.wav",
    "a|b.wav",
    "$(x).wav",
    "001",
    "1",
    "1.0",
    "a,b.wav",
    "a_b.wav",
    "x" * 250 + ".wav",
    "x" * 249 + ".wav",
    "é" * 120 + ".wav",
    "x.wav.wav",
    "x",
    "x.wav/y.wav",
    "-site/ ...wav",
]


def test_odd_names_become_portable_and_stay_different(tmp_path: Path) -> None:
    names = [f"{label}/{name}" for label in ("boar", "fo x") for name in ODD_NAMES]
    mine = fill(tmp_path / "mine", *names)
    for name in names:
        (mine / name).write_bytes(b"fLaC" + os.fsencode(name))  # names without a suffix are judged by their contents
    target = tmp_path / "corpus"
    recordings = collect_folder(mine, target).recordings
    assert len(recordings) == 2 * len(ODD_NAMES)
    assert recordings["recording"].str.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)+").all()
    assert recordings["recording"].str.lower().nunique() == len(recordings)
    assert max(len(part) for name in recordings["recording"] for part in name.split("/")) < 130
    contents = {(target / name).read_bytes() for name in recordings["recording"]}
    assert contents == {b"fLaC" + os.fsencode(name) for name in names}
    assert set(recordings["label"]) == {"boar", "fo x"}
    text = "".join(recordings[["label", "kind", "source", "original"]].to_numpy().ravel())
    text.encode()  # no error: it can be written in a table


def test_recordings_that_differ_in_case_or_are_called_like_devices_have_files_on_windows(tmp_path: Path) -> None:
    fill(tmp_path, "fox/A.wav", "fox/a.wav", "fox/aux.wav", "fox/con/b.wav", "owl/b.wav")
    recordings = [found.recording for found in find_recordings(tmp_path)[0]]
    assert len({recording.casefold() for recording in recordings}) == 5
    assert {"fox/a.wav", "owl/b.wav"} < set(recordings)
    assert not any(PureWindowsPath(recording).is_reserved() for recording in recordings)


def test_portable_names_are_unchanged(tmp_path: Path) -> None:
    corpus = collect_folder(fill(tmp_path / "mine", "boar/001.wav", "fox/site-1/a_b.MP3"), tmp_path / "corpus")
    assert corpus.recordings["recording"].tolist() == corpus.recordings["original"].tolist()


def test_what_is_skipped_is_listed_with_the_reason(tmp_path: Path) -> None:
    mine = fill(tmp_path / "mine", "boar/a.wav", "fox/b.wav", "readme.txt", "elsewhere/.hidden", ".git/x.wav")
    (mine / "boar" / "gone.wav").symlink_to("nowhere.wav")
    (mine / "boar" / "x.wav").mkdir()
    (mine / "frog").symlink_to(mine / "fox")
    (mine / "fox" / "linked.wav").symlink_to(mine / "boar" / "a.wav")
    corpus = collect_folder(mine, tmp_path / "corpus")
    assert dict(corpus.skipped.itertuples(index=False)) == {
        "boar/gone.wav": "a link to a file that does not exist",
        "boar/x.wav": "an empty folder",
        "frog": "a link to a folder, which is not followed",
        "readme.txt": "not in the folder of a label",
    }
    assert sorted(by_original(corpus, "recording")) == ["boar/a.wav", "fox/b.wav", "fox/linked.wav"]
    assert not (tmp_path / "corpus" / "fox" / "linked.wav").is_symlink()


def test_the_same_folder_gives_the_same_table(tmp_path: Path) -> None:
    first = collect_folder(fill(tmp_path / "1", *(f"boar/{n}" for n in ODD_NAMES), "fox/a"), tmp_path / "c1")
    second = collect_folder(fill(tmp_path / "2", "fox/a", *(f"boar/{n}" for n in ODD_NAMES[::-1])), tmp_path / "c2")
    pd.testing.assert_frame_equal(first.recordings, second.recordings)


@pytest.mark.parametrize("folder", ["partially_labelled", "Partially labelled"])
def test_partially_labelled_recordings_have_sources_and_no_label_of_an_animal(tmp_path: Path, folder: str) -> None:
    names = (f"{folder}/a.wav", f"{folder}/well/b.wav", f"{folder}/well/deep/c.wav", "fox/well/d.wav")
    recordings = collect_folder(fill(tmp_path / "mine", *names), tmp_path / "corpus").recordings.set_index("original")
    assert recordings["label"].tolist() == recordings["kind"].tolist()
    assert recordings["label"].to_dict() == dict.fromkeys(names[:3], PARTIAL) | {names[3]: "fox"}
    assert recordings["source"].tolist().count("well") == 3
    assert not recordings["unseen"].any()

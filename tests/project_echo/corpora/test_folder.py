"""Labels, sources and names of a folder of recordings, and what is skipped."""

import os
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.corpora.collected import Corpus
from project_echo.corpora.folder import collect_folder
from tests.sounds import fill


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
    mine = fill(tmp_path / "mine", *(f"{label}/{name}" for label in ("boar", "fo x") for name in ODD_NAMES))
    target = tmp_path / "corpus"
    recordings = collect_folder(mine, target).recordings
    assert len(recordings) == 2 * len(ODD_NAMES)
    assert recordings["recording"].str.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)+").all()
    assert recordings["recording"].str.lower().nunique() == len(recordings)
    assert max(len(part) for name in recordings["recording"] for part in name.split("/")) < 130
    contents = {(target / name).read_bytes() for name in recordings["recording"]}
    assert contents == {os.fsencode(f"{label}/{name}") for label in ("boar", "fo x") for name in ODD_NAMES}
    assert set(recordings["label"]) == {"boar", "fo x"}
    text = "".join(recordings[["label", "kind", "source", "original"]].to_numpy().ravel())
    text.encode()  # no error: it can be written in a table


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
        "boar/gone.wav": "not a file",
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

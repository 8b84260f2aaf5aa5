"""Folders of labels and background in a corpus, and names for them."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.labels import RESERVED
from project_echo.reviews import placement
from project_echo.reviews.placement import CorpusContents, resolve_label
from tests.sounds import fill

EMPTY = CorpusContents((), {})


def events(*rows: tuple[str, str]) -> pd.DataFrame:
    """Events of (source, truth)."""
    table = pd.DataFrame(rows, columns=["source", "truth"])
    return table.assign(recording=[f"disk/{n}.wav" for n in range(len(table))], start_s=1.0, end_s=2.0)


def folders(table: pd.DataFrame, contents: CorpusContents) -> list[str]:
    return [path.rsplit("/", 1)[0] for path in placement.corpus_paths(table, contents)]


def test_animals_go_under_their_label_and_background_under_its_kind() -> None:
    contents = CorpusContents(("fox",), {"owl": frozenset("abcd"), "rain": frozenset("abc")})
    table = events(("pond", "fox"), ("pond", "owl"), ("pond", "newt"))
    assert folders(table, contents) == ["fox/pond", "none/owl/pond", "newt/pond"]


def test_false_positives_become_a_kind_when_they_come_from_three_sources() -> None:
    contents = CorpusContents(("fox",), {"owl": frozenset("abcd"), "rain": frozenset("abc")})
    two = [("pond", "none"), ("pond", "none"), ("wood", "none")]
    assert set(folders(events(*two), contents)) == {"none/owl/pond", "none/owl/wood"}
    three = events(*two, ("farm", "none"))
    assert folders(three, contents) == [f"none/false_positive/{site}" for site in ("pond", "pond", "wood", "farm")]
    assert folders(events(*two), EMPTY)[0] == "none/false_positive/pond"  # there is no other kind to join


def test_few_false_positives_join_background_without_a_kind() -> None:
    contents = CorpusContents(("fox",), {"none": frozenset("abc"), "songbird": frozenset("abcdef")})
    few = events(("pond", "none"), ("wood", "none"))
    assert folders(few, contents) == ["none/none/pond", "none/none/wood"]


def test_a_scan_lists_labels_and_kinds_without_excluded_and_hidden_files(tmp_path: Path) -> None:
    names = ["fox/a.wav", "none/rain/a.wav", "none/rain/s/b.wav", "none/c.wav", "unseen/d.wav", "recordings.csv"]
    reviewed = ["owl/pond/e.flac", "none/false_positive/pond/f.flac"]
    fill(tmp_path, *names, *reviewed, ".labels.csv")
    contents = placement.scan_corpus(tmp_path, reviewed)
    assert contents == CorpusContents(("fox",), {"rain": frozenset({"a.wav", "s"}), "none": frozenset({"c.wav"})})


def test_an_existing_folder_of_background_keeps_its_name_and_those_of_the_system_are_no_labels(tmp_path: Path) -> None:
    names = [
        "fox/a.wav",
        "None/rain/a.wav",
        "None/rain/b.wav",
        "Unseen/c.wav",
        "$RECYCLE.BIN/d.wav",
        "@eaDir/fox/e.wav",
    ]
    contents = placement.scan_corpus(fill(tmp_path, *names), ())
    assert contents == CorpusContents(("fox",), {"rain": frozenset({"a.wav", "b.wav"})}, "None")
    table = events(("pond", "rain"), ("pond", "none"), ("wood", "none"), ("farm", "none"))
    assert folders(table, contents)[:2] == ["None/rain/pond", "None/false_positive/pond"]
    assert folders(events(("pond", "none")), contents) == ["None/rain/pond"]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Cane Toad", "cane_toad"),
        (" owl ", "owl"),
        ("None", "none"),
        ("Low & Slow", "low & slow"),
        ("great  horned owl", "great_horned_owl"),
        ("Kauz: rufend/balzend", "Kauz__rufend_balzend"),
        ("../../etc", "_.._etc"),
        ("Fu\u0308chsin", "Füchsin"),
    ],
)
def test_a_typed_label_becomes_an_existing_name_or_a_portable_one(typed: str, label: str) -> None:
    contents = CorpusContents(("cane_toad", "low & slow"), {"owl": frozenset("a")})
    assert resolve_label(typed, contents, ["fox"]) == label


def test_typed_labels_match_earlier_ones_but_for_case_spaces_and_underscores() -> None:
    contents = CorpusContents(("cane_toad",), {})
    for typed, earlier in (
        ("owl", "Owl"),
        ("Barn owl", "barn_Owl"),
        ("kauz: rufend", "Kauz__rufend"),
        ("Fu\u0308chsin", "f\u00fcchsin"),
    ):
        assert resolve_label(typed, contents, ["fox"], [earlier]) == earlier
    assert resolve_label("Fox", contents, ["fox"], ["owl"]) == "fox"
    assert resolve_label("Cane toad", contents, [], ["Cane_Toad"]) == "cane_toad"  # the corpus comes first


@pytest.mark.parametrize("typed", ["unseen", "Unseen", "false positive", *sorted(RESERVED), "", "  ", "...", "/"])
def test_reserved_and_empty_names_are_refused(typed: str) -> None:
    with pytest.raises(EchoError) as error:
        resolve_label(typed, EMPTY, [])
    assert repr(typed) in str(error.value)


def test_every_segment_has_its_own_file_name() -> None:
    segments = [("a.wav", 1.0, 2.0), ("a.wav", 1.0, 2.001), ("a.wav", 1.01, 2), ("b/a.wav", 1.0, 2.0), ("a", 1.0, 2.0)]
    names = {placement.file_name(*segment) for segment in segments}
    assert len(names) == len(segments)
    assert all(name.startswith("a-") and name.endswith("-1.0s.flac") for name in names)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_a_file_name_stays_in_its_folder(recording: str) -> None:
    name = placement.file_name(recording, 12.34, 15)
    assert "/" not in name and not name.startswith((".", "-")) and len(name) < 100

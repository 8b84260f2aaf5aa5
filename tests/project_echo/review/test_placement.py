"""Where in a corpus an event belongs, and which names folders get."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.labels import RESERVED
from project_echo.review import placement
from project_echo.review.placement import Corpus
from tests.sounds import fill

EMPTY = Corpus((), {})


def events(*rows: tuple[str, str]) -> pd.DataFrame:
    """Of (source, truth)."""
    table = pd.DataFrame(rows, columns=["source", "truth"])
    return table.assign(recording=[f"disk/{n}.wav" for n in range(len(table))], start_s=1.0, end_s=2.0)


def folders(table: pd.DataFrame, there: Corpus) -> list[str]:
    return [place.rsplit("/", 1)[0] for place in placement.places(table, there)]


def test_animals_go_under_their_label_and_background_under_its_kind() -> None:
    there = Corpus(("fox",), {"owl": frozenset("abcd"), "rain": frozenset("abc")})
    table = events(("pond", "fox"), ("pond", "owl"), ("pond", "newt"))
    assert folders(table, there) == ["fox/pond", "none/owl/pond", "newt/pond"]


def test_false_alarms_are_a_kind_of_their_own_as_soon_as_a_split_takes_it() -> None:
    there = Corpus(("fox",), {"owl": frozenset("abcd"), "rain": frozenset("abc")})
    two = [("pond", "none"), ("pond", "none"), ("wood", "none")]
    assert set(folders(events(*two), there)) == {"none/owl/pond", "none/owl/wood"}
    three = events(*two, ("farm", "none"))
    assert folders(three, there) == [f"none/false_alarm/{site}" for site in ("pond", "pond", "wood", "farm")]
    assert folders(events(*two), EMPTY)[0] == "none/false_alarm/pond"  # nothing else to join


def test_few_false_alarms_join_background_of_no_kind_where_there_is_some() -> None:
    there = Corpus(("fox",), {"none": frozenset("abc"), "songbird": frozenset("abcdef")})
    few = events(("pond", "none"), ("wood", "none"))
    assert folders(few, there) == ["none/none/pond", "none/none/wood"]


def test_a_corpus_knows_its_labels_and_kinds_without_what_was_placed(tmp_path: Path) -> None:
    names = ["fox/a.wav", "none/rain/a.wav", "none/rain/s/b.wav", "none/c.wav", "unseen/d.wav", "recordings.csv"]
    fill(tmp_path, *names, "owl/pond/e.flac", ".labels.csv", "none/false_alarm/pond/f.flac")
    found = placement.corpus(tmp_path, ["owl/pond/e.flac", "none/false_alarm/pond/f.flac"])
    assert found == Corpus(("fox",), {"rain": frozenset({"a.wav", "s"}), "none": frozenset({"c.wav"})})


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
def test_a_typed_label_is_a_folders_name_and_one_that_is_known_if_it_may(typed: str, label: str) -> None:
    there = Corpus(("cane_toad", "low & slow"), {"owl": frozenset("a")})
    assert placement.label(typed, there, ["fox"]) == label


def test_labels_that_people_typed_are_one_whatever_their_case_spaces_and_marks() -> None:
    there = Corpus(("cane_toad",), {})
    for typed, before in (
        ("owl", "Owl"),
        ("Barn owl", "barn_Owl"),
        ("kauz: rufend", "Kauz__rufend"),
        ("Fu\u0308chsin", "f\u00fcchsin"),
    ):
        assert placement.label(typed, there, ["fox"], [before]) == before
    assert placement.label("Fox", there, ["fox"], ["owl"]) == "fox"
    assert placement.label("Cane toad", there, [], ["Cane_Toad"]) == "cane_toad"  # the corpus comes first


def test_labels_that_the_corpus_or_the_results_need_are_refused() -> None:
    for typed in ("unseen", "Unseen", "false alarm", *RESERVED):
        with pytest.raises(EchoError, match="need themselves"):
            placement.label(typed, EMPTY, [])
    for typed in ("", "  ", "...", "/"):
        with pytest.raises(EchoError, match="leaves no name"):
            placement.label(typed, EMPTY, [])


def test_every_stretch_of_every_recording_has_a_file_name_of_its_own() -> None:
    events = [("a.wav", 1.0, 2.0), ("a.wav", 1.0, 2.001), ("a.wav", 1.01, 2.0), ("b/a.wav", 1.0, 2.0), ("a", 1.0, 2.0)]
    names = {placement.file_name(*event) for event in events}
    assert len(names) == len(events)
    assert all(name.startswith("a-") and name.endswith("-1.0s.flac") for name in names)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_a_file_name_stays_in_its_folder(recording: str) -> None:
    name = placement.file_name(recording, 12.34, 15)
    assert "/" not in name and not name.startswith((".", "-")) and len(name) < 100

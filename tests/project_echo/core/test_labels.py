"""Labels, their order, and their names for readers."""

import pytest

from project_echo.core import labels
from project_echo.core.labels import NONE


def test_animals_are_sorted_and_none_comes_last() -> None:
    assert labels.sorted_labels(["zebra", NONE, "fox"]) == ["fox", "zebra", NONE]
    assert labels.sorted_labels(["zebra", "fox"]) == ["fox", "zebra"]
    assert labels.animal_labels(["zebra", NONE, "fox"]) == ["zebra", "fox"]


def test_a_single_animal_is_scored_against_background() -> None:
    assert labels.scored_labels(["fox", "zebra", NONE]) == ["fox", "zebra"]
    assert labels.scored_labels(["fox", NONE]) == ["fox", NONE]
    assert labels.scored_labels(["fox"]) == ["fox"]


def test_readers_see_spaces_instead_of_underscores() -> None:
    assert labels.display_name("cane_toad") == "cane toad"


@pytest.mark.parametrize(
    ("recording", "name"),
    [
        ("unseen/pond/x.mp4", "pond/x.mp4"),
        ("Unseen/x.mp4", "x.mp4"),
        ("x.wav", "x.wav"),
        ("unseen", "unseen"),
        ("unseen_fox/x.wav", "unseen_fox/x.wav"),
    ],
)
def test_an_unseen_recording_is_named_within_its_folder(recording: str, name: str) -> None:
    assert labels.unseen_name(recording) == name


@pytest.mark.parametrize(
    "names", [("Fox", "fox", " FOX"), ("tree frog", "tree_frog", "Tree  Frog"), ("\u00e9", "e\u0301", "E\u0301")]
)
def test_names_that_people_take_for_the_same_have_one_key(names: tuple[str, ...]) -> None:
    assert len({labels.label_key(name) for name in names}) == 1
    clash = labels.same_names([*names, "boar", "boar"])
    assert all(repr(name) in clash or ascii(name) in clash for name in names)
    assert "boar" not in clash


def test_different_names_do_not_clash() -> None:
    assert labels.same_names(["fox", "foxes", "f-ox", "żbik", "zbik"]) == ""

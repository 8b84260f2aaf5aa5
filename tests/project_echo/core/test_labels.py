"""Labels, their order, and their names for readers."""

import pytest

from project_echo.core import labels
from project_echo.core.labels import NONE


def test_animals_are_sorted_and_none_comes_last() -> None:
    assert labels.sorted_labels(["zebra", NONE, "fox"]) == ["fox", "zebra", NONE]
    assert labels.sorted_labels(["zebra", "fox"]) == ["fox", "zebra"]
    assert labels.animal_labels(["zebra", NONE, "fox"]) == ["zebra", "fox"]


def test_readers_see_spaces_instead_of_underscores() -> None:
    assert labels.display_name("cane_toad") == "cane toad"


@pytest.mark.parametrize(("recording", "name"), [("unseen/pond/x.mp4", "pond/x.mp4"), ("x.wav", "x.wav")])
def test_an_unseen_recording_is_named_within_its_folder(recording: str, name: str) -> None:
    assert labels.unseen_name(recording) == name

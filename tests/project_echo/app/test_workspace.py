"""The folder of the app: names that a person may choose, what it finds there, and one app at a time."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.app.workspace import MAX_NAME, Workspace, check_name, is_name
from project_echo.core.errors import EchoError
from project_echo.models.card import CARD
from project_echo.reviews.exchange import EVENTS, MEDIA
from project_echo.reviews.review import PAGE
from tests.sounds import fill

WRONG = ["", " ", ".", "..", ".hidden", "a.", "-x", "a/b", "a\\b", "/a", "C:", "C:a", "a\0", "a\nb", "con", "NUL.txt"]
WRONG += ["com1", "LPT\xb9", "aux ", "a*", "a?", '"a"', "<b>", "a|b", "~/../a/", "a" * (MAX_NAME + 1), "🦉" * MAX_NAME]


@pytest.mark.parametrize("text", WRONG)
def test_names_that_no_folder_can_have_are_refused(text: str) -> None:
    with pytest.raises(EchoError):
        check_name(text, "The name")


@pytest.mark.parametrize(
    "text", ["boars", "Żubry 2026", "night_1-b", "a.b", "狼", "console", "it's & more #1 100%", "~a"]
)
def test_other_names_are_taken_without_spaces_around_them(text: str) -> None:
    assert check_name(f"  {text} ", "The name") == text


@given(st.text(max_size=MAX_NAME + 2) | st.text("./\\ -~:aé🦉\0\u00a0", max_size=8))
def test_a_name_is_that_of_one_folder_inside(text: str) -> None:
    try:
        name = check_name(text, "The name")
    except EchoError:
        return
    assert check_name(name, "The name") == name
    with TemporaryDirectory() as root:
        workspace = Workspace(Path(root))
        folder = workspace.models / name
        assert folder.parent == workspace.models
        fill(folder, CARD)
        fill(workspace.models / f".{name}-writing-12345678-old", CARD)  # while a folder is replaced
        assert [path.name for path in Path(root).iterdir()] == ["models"]
        assert workspace.model_names() == [name]
        assert is_name(name)


def test_it_lists_what_is_complete_in_alphabetical_order(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.model_names() == workspace.result_names() == workspace.review_names() == []
    fill(workspace.models, f"b/{CARD}", f"A/{CARD}", f".c-writing-1/{CARD}", "A-study/params.yaml", "file")
    fill(workspace.results, "may/events.csv", "June/events.csv", "july/.journal/1", "events.csv")
    fill(workspace.reviews, f"may/{PAGE}", f"may/{EVENTS}", f"may/{MEDIA}/1.wav", f"half/{PAGE}", "may-answers.jsonl")
    assert workspace.model_names() == ["A", "b"]
    assert workspace.result_names() == ["June", "may"]
    assert workspace.review_names() == ["may"]
    assert workspace.report("A").is_relative_to(workspace.models / "A-study")


def test_one_app_at_a_time(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    with workspace.lock(), pytest.raises(EchoError, match="new"), workspace.lock():
        pass
    with workspace.lock():  # it is free again
        pass

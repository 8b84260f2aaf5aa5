"""The dialog that asks what is heard: typing at once, completion, several labels, and the ways to reject."""

import pytest
from playwright.sync_api import Page

from tests.project_echo.reviews.conftest import press

ANSWER = "[...answers.byEvent.values()].map(({verdict, label}) => [verdict, label])"
ACTIVE = "document.activeElement.id"
OPTION = """() => {
  const id = byId("label-input").getAttribute("aria-activedescendant");
  return id && document.getElementById(id).querySelector(".chip").textContent;
}"""
LOW, HIGH = "<b>low & slow</b>", "high pitched"


def show(page: Page, label: str) -> None:
    """Show an event of a label."""
    page.evaluate("(label) => goTo(DATA.events.find((event) => event.label === label))", label)


def answer(page: Page) -> list[str]:
    """Verdict and label of the only answer; the dialog is closed and keys work again."""
    ((verdict, label),) = page.evaluate(ANSWER)
    assert not page.is_visible("#label-dialog")
    return [verdict, label]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["r", "Enter"], ["not_this_label", ""]),  # it has the focus
        (["r", "0"], ["rejected", "none"]),
        (["r", "Tab", "Enter"], ["rejected", "none"]),
        (["r", "1", "Enter"], ["relabelled", LOW]),
        (["r", *"rain", "Enter"], ["relabelled", "rain"]),  # whatever else the letters mean
        (["r", *"None", "Enter"], ["rejected", "none"]),
        (["r", "x", "Backspace", "1", "Enter"], ["relabelled", LOW]),
        (["r", "Control+a", "Enter"], ["not_this_label", ""]),  # no letter
        (["l", "1", "2", "Enter"], ["accepted", f"{HIGH}|{LOW}"]),  # as the numbers beside the labels say
        (["l", "0"], ["rejected", "none"]),
        (["m", "1", "Enter"], ["accepted", f"{HIGH}|{LOW}"]),
        (["l", *"owl2", "Enter"], ["relabelled", "owl2"]),
        (["l", *"none", "Enter"], ["rejected", "none"]),
        (["l", *"high", "Enter"], ["accepted", HIGH]),
        (["l", *"HIGH_pitched", "Enter"], ["accepted", HIGH]),
        (["l", *"owl", "Shift+Enter", *"tit", "Enter"], ["relabelled", "owl|tit"]),
        (["l", *"owl", "Shift+Enter", "Enter"], ["relabelled", "owl"]),
        (["l", *"owl", "Shift+Enter", "Backspace", *"tit", "Enter"], ["relabelled", "tit"]),
        (["m", *"owl", "Enter"], ["accepted", f"{HIGH}|owl"]),
        (["m", "ArrowDown", "Enter"], ["accepted", f"{HIGH}|{LOW}"]),
        (["m", "ArrowUp", "ArrowUp", "Enter"], ["accepted", f"{HIGH}|{LOW}"]),
    ],
)
def test_answers_by_keys(page: Page, keys: list[str], expected: list[str]) -> None:
    show(page, HIGH)
    press(page, *keys)
    assert answer(page) == expected


def test_an_answer_with_several_labels_is_added_to_and_undone(page: Page) -> None:
    show(page, HIGH)
    press(page, "m", *"owl", "Enter", "k")
    show(page, HIGH)
    assert page.inner_text("#answer").endswith("owl")
    press(page, "m", *"tit", "Enter")
    assert answer(page) == ["accepted", f"{HIGH}|owl|tit"]
    press(page, "Control+z")
    assert answer(page) == ["accepted", f"{HIGH}|owl"]
    press(page, "Control+z")
    assert page.evaluate(ANSWER) == []
    page.focus("#note")
    page.keyboard.type("abc")
    press(page, "a", "Control+z")  # of the text, not of answers
    assert page.evaluate(ANSWER) == []


def test_labels_are_completed_and_told_to_screen_readers(page: Page) -> None:
    show(page, HIGH)
    press(page, "l", *"Barn owl", "Enter", "l")
    assert page.evaluate(ACTIVE) == "label-input"  # one can type at once
    assert page.evaluate(OPTION) is None and page.locator("#label-options [role=option]").count() == 3
    page.keyboard.type("ba")
    assert page.evaluate(OPTION) == "Barn owl"
    assert page.get_attribute("#label-input", "role") == "combobox"
    press(page, "ArrowDown")
    assert page.evaluate(OPTION) == "ba"  # as a new label
    page.fill("#label-input", "owl")
    assert page.evaluate(OPTION) == "owl"  # not what merely contains it
    press(page, "ArrowDown")
    assert page.evaluate(OPTION) == "Barn owl"
    press(page, "Shift+Enter")
    assert page.input_value("#label-input") == "" and "Barn owl" in page.inner_text("#chosen-labels")
    selected = page.locator("#label-options [aria-selected=true]")
    assert selected.count() == 1 and "Barn owl" in selected.inner_text()
    press(page, "Escape")
    assert not page.is_visible("#label-dialog") and page.evaluate("answers.byEvent.size") == 1


def test_the_rejected_label_is_not_offered(page: Page) -> None:
    show(page, HIGH)
    press(page, "r")
    assert HIGH not in page.inner_text("#label-options")
    press(page, "Escape", "l")
    assert HIGH in page.inner_text("#label-options")


def test_the_dialog_works_with_the_mouse_and_without_letters(page: Page) -> None:
    show(page, HIGH)
    page.uncheck("#shortcuts")
    page.click("button[data-key=r]")
    press(page, "0", "1", "n")  # the letter is typed
    assert page.evaluate("answers.byEvent.size") == 0 and page.inner_text("#chosen-labels") == ""
    assert page.input_value("#label-input") == "n"
    page.fill("#label-input", "")
    page.locator("#label-options [role=option]").first.click()
    page.click("#label-form [type=submit]")
    assert answer(page) == ["relabelled", LOW]
    show(page, HIGH)
    page.click("button[data-key=r]")
    page.click("#none-of-ours")
    assert answer(page) == ["rejected", "none"]


def test_another_label_is_used_by_a_key_or_a_click(page: Page) -> None:
    show(page, HIGH)
    rows = page.locator("#probability-rows tr")
    event = page.evaluate("current")
    assert rows.count() == 2 and HIGH in rows.first.inner_text()
    values = page.locator("#probability-rows .value").all_inner_texts()
    assert values == [f"{event['probabilities'][label]:.2f}" for label in (HIGH, LOW)]
    assert event["probabilities"][HIGH] == pytest.approx(event["peak_confidence"], abs=1e-4)
    press(page, "1")
    assert answer(page) == ["relabelled", LOW]
    press(page, "u")
    show(page, HIGH)
    page.locator("#probability-rows button").click()
    assert answer(page) == ["relabelled", LOW]
    press(page, "u", "9")  # there is no ninth label
    assert page.evaluate("answers.byEvent.size") == 0

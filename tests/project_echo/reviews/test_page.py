"""The review page in a real browser: keys, labels, names with markup, accessibility, print."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from project_echo.reviews.review import review
from tests.browser import accessibility_violations, open_page
from tests.project_echo.reviews.conftest import NOT_UTF8, press, reload

NO_STORAGE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('storage is switched off') }})"
LABELS = "[...answers.byEvent.values()].map((answer) => answer.label)"


def current(page: Page) -> int:
    return int(page.evaluate("current.event"))


def decided(page: Page) -> int:
    return int(page.evaluate("answers.byEvent.size"))


def test_keys_move_decide_and_undo(page: Page) -> None:
    first = current(page)
    press(page, "j", "j", "k", "ArrowRight", "ArrowLeft", "k")
    assert current(page) == first
    press(page, "a")
    assert current(page) != first
    status = page.inner_text("#status")
    assert f"Event {first}: accepted" in status and f"event {current(page)}" in status
    press(page, "r", "Enter", "s", "u", "u")
    reload(page)
    press(page, "u")  # an answer from before the reload
    assert current(page) == first and decided(page) == 0
    assert page.evaluate("answers.get(current)") is None and page.inner_text("#decided-count").startswith("0 of")
    press(page, "j")
    press(page, "u")  # there is nothing to undo
    assert current(page) != first and decided(page) == 0 and page.inner_text("#status")
    page.uncheck("#shortcuts")
    page.focus("#event-list")
    press(page, "a")
    assert decided(page) == 0
    press(page, "ArrowUp")
    assert current(page) == first


def test_space_plays_and_the_timeline_seeks(page: Page) -> None:
    press(page, "j", " ")
    page.wait_for_function("media.currentTime > shown.startS + 0.2")
    page.wait_for_function("parseFloat(document.querySelector('.cursor').style.left) > 0")
    press(page, " ")
    assert page.evaluate("media.paused")
    page.focus(".track")
    press(page, "End")
    # of the second event, not of the first
    assert page.evaluate("Math.abs(media.currentTime - shown.startS - shown.durationS)") < 0.2


def test_events_play_automatically_if_asked_to(page: Page) -> None:
    page.check("#autoplay")
    reload(page)
    press(page, "j")
    page.wait_for_function("!media.paused && media.currentTime > shown.startS")


def test_a_typed_label_is_offered_again_and_matched_with_other_spellings(page: Page) -> None:
    press(page, "l")
    offered = page.locator("#label-options [role=option]").count()
    page.keyboard.type("Barn owl")
    press(page, "Enter", "l")
    page.keyboard.type("barn_OWL")
    press(page, "Enter")
    reload(page)
    press(page, "l")
    assert page.locator("#label-options [role=option]").count() == offered + 1
    page.locator("#label-options [role=option]", has_text="Barn owl").click()
    press(page, "Enter")
    assert page.evaluate(LABELS) == ["Barn owl"] * 3


def test_the_key_after_a_typed_label_is_not_taken_for_typing(page: Page) -> None:
    """The dialog is closed then, but until the browser draws the next frame its input may keep the focus."""
    press(page, "l")
    page.keyboard.type("Barn owl")
    assert page.evaluate("""() => {
        byId("label-form").requestSubmit();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "l", bubbles: true}));
        return byId("label-dialog").open;
    }""")


def test_two_pages_of_one_review_share_their_answers(page: Page) -> None:
    second_page = page.context.new_page()
    try:
        second_page.goto(page.url)
        press(page, "a", "r", "0")
        second_page.wait_for_function("answers.byEvent.size === 2")
        press(second_page, "j", "j", "s")
        page.wait_for_function("answers.byEvent.size === 3")
        reload(page)
        page.wait_for_function("byId('decided-count').textContent.startsWith('3 of')")
    finally:
        second_page.close()


def test_names_with_markup_are_shown_and_not_run(page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.select_option("#order", "time")
    names = set()
    for _ in range(page.evaluate("queue.events.length")):
        names.add(page.inner_text("#facts dd >> nth=0").split("/")[-1])
        press(page, "j")
    assert {"<img src=x onerror=alert(1)>.wav", "=1+2.wav", r"\xff.wav"} <= names
    assert "<b>low & slow</b>" in page.inner_text("#event-list")
    press(page, "l")
    assert "<b>low & slow</b>" in page.inner_text("#label-options")
    assert page.locator("img").count() == 1 and not dialogs


def test_without_storage_the_page_warns_and_works(review_folder: Path, browser: Browser) -> None:
    with open_page(browser, review_folder / "index.html") as page:
        assert not page.is_visible("#storage-error")
        page.add_init_script(NO_STORAGE)
        page.reload()
        assert page.is_visible("#storage-error") and "storage is switched off" in page.inner_text("#storage-error")
        press(page, "a")
        assert decided(page) == 1


@pytest.mark.parametrize("width", [1200, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_the_window(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    press(page, "a", "r", "Enter", "s", "+")
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for keys in (["l", "o", "Shift+Enter", "x"], ["r"], ["?"]):
        press(page, *keys)
        dialog = page.locator("dialog[open]")
        assert accessibility_violations(page) == []
        assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        press(page, "Escape")
    for button in page.locator(".buttons button:visible").all():
        assert (button.bounding_box() or {})["height"] >= 24


def test_a_print_has_the_event_and_the_precision(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.is_visible(".spectrogram") and page.is_visible("#precision-rows")
    assert not page.is_visible("#event-list") and not page.is_visible(".buttons")
    assert len(page.pdf()) > 10_000


def test_an_event_without_sound_is_shown_with_the_reason(
    own_screening: Path, by_pitch_or_none: Path, browser: Browser
) -> None:
    (own_screening / "recordings" / NOT_UTF8).unlink()
    review(own_screening / "results", model=by_pitch_or_none, output=own_screening / "review", jobs=1)
    with open_page(browser, own_screening / "review" / "index.html") as page:
        page.evaluate("goTo(DATA.events.find((event) => !event.media))")
        assert page.evaluate("current.reason") in page.inner_text("#no-audio")
        assert not page.is_visible(".player")
        press(page, " ", "a")
        assert decided(page) == 1

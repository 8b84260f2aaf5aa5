"""The report that `dvc repro` wrote, in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import HEIGHT, WIDTH, accessibility_violations, no_problems, open_page, screenshot

REPORT = Path(__file__).parents[1] / "report" / "index.html"


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    if not REPORT.is_file():
        reason = "there is no report: run dvc repro first"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with open_page(browser, REPORT) as page:
        screenshot(page, "report")
        yield page


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    with no_problems(opened):
        yield opened


def test_every_recording_plays_and_seeks(page: Page) -> None:
    for player in page.locator(".player").all():
        media, track = player.locator("video, audio"), player.locator(".track")
        track.scroll_into_view_if_needed()
        box = track.bounding_box()
        assert box
        track.click(position={"x": box["width"] / 2, "y": 20})
        half = float(player.get_attribute("data-duration") or 0) / 2
        assert media.evaluate("(media) => media.currentTime") == pytest.approx(half, abs=0.2)
        media.evaluate("(media) => { media.muted = true; return media.play(); }")
        page.wait_for_function("([media, half]) => media.currentTime > half + 0.2", arg=[media.element_handle(), half])
        media.evaluate("(media) => media.pause()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_accessibility_violations(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert accessibility_violations(page) == []
    if scheme == "dark" and (recordings := page.locator(".recording")).count():
        screenshot(recordings.nth(recordings.count() // 2 + 1), "recording")


def test_every_image_is_drawn(page: Page) -> None:
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


def test_the_page_itself_is_light() -> None:
    """Without its media."""
    if REPORT.is_file():
        assert REPORT.stat().st_size < 1e6


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

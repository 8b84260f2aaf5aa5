"""The report that `dvc repro` wrote, in a real browser. Without one there is nothing to look at."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import accessibility_violations, open_page, screenshot

REPORT = Path(__file__).parents[1] / "report" / "index.html"


@pytest.fixture
def html() -> Path:
    if not REPORT.is_file():
        reason = "there is no report: run dvc repro first"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return REPORT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_plays_and_seeks_without_a_network_and_without_a_fault(
    html: Path, browser: Browser, scheme: str
) -> None:
    with open_page(browser, html, scheme=scheme) as page:
        players = page.locator(".player")
        for player in players.all():
            media = player.locator("video, audio")
            track = player.locator(".track")
            track.scroll_into_view_if_needed()
            box = track.bounding_box()
            assert box
            track.click(position={"x": box["width"] / 2, "y": 20})
            half = float(player.get_attribute("data-duration") or 0) / 2
            assert media.evaluate("(it) => it.currentTime") == pytest.approx(half, abs=0.2)
            media.evaluate("(it) => { it.muted = true; return it.play(); }")
            page.wait_for_function("([it, half]) => it.currentTime > half + 0.2", arg=[media.element_handle(), half])
            media.evaluate("(it) => it.pause()")
        assert accessibility_violations(page) == []
        assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
        if scheme == "light":
            page.evaluate("window.scrollTo(0, 0)")
            screenshot(page, "report.png")
        elif players.count():
            screenshot(page.locator(".recording").nth(players.count() // 2 + 1), "report-recording.png")

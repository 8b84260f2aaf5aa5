"""A real browser with the network cut off, for the tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Locator, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Sound starts without a click, and nothing of the browser's own is looked for on the network.
OPTIONS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
]
SCREENSHOTS = os.environ.get("SCREENSHOTS")  # a folder: `make screenshots`


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium; where there is none the test is skipped, but in CI it fails."""
    with sync_playwright() as playwright:
        browser = _launched(playwright)
        yield browser
        browser.close()


def _launched(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    options = [*OPTIONS, "--no-sandbox"] if os.getuid() == 0 else OPTIONS  # root has no sandbox
    try:
        return playwright.chromium.launch(executable_path=path, args=options)
    except Error as error:
        reason = (
            f"no browser: install Debian's chromium, or `playwright install chromium` ({str(error).splitlines()[0]})"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def opened(browser: Browser, html: Path, width: int = 1200, height: int = 900, scheme: str = "light") -> Iterator[Page]:
    """A page from disk. At the end: nothing but files was asked for, and nothing went wrong in its scripts."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True, offline=True
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "requestfailed",
        lambda request: wrong.append(f"{request.url} {request.failure}") if _failed(request.failure) else None,
    )
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "blob:")) else None,
    )
    try:
        page.goto(html.resolve().as_uri())
        yield page
    finally:
        context.close()
    assert wrong == []


def _failed(failure: str | None) -> bool:
    return failure is not None and "ERR_ABORTED" not in failure  # a player may stop reading when it has enough


def faults(page: Page) -> list[str]:
    """Serious accessibility faults by axe-core, each with the elements that have it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']][:5]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def screenshot(page: Page | Locator, name: str, **options: object) -> None:
    """Keep a picture of a page, or of a part of it, for the README, if SCREENSHOTS names a folder for it."""
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / name, **options)  # type: ignore[arg-type]

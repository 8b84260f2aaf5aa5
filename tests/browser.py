"""A real browser without network, for the tests of pages."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from benchmarks import browser as benchmark_browser
from benchmarks.browser import HEIGHT, WIDTH, ColorScheme, NoBrowserError, offline_page

SCREENSHOTS = os.environ.get("SCREENSHOTS")  # a folder: `make screenshots`


@contextmanager
def chromium() -> Iterator[Browser]:
    """Launch Chromium. If there is none, the test is skipped; in CI it fails."""
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(benchmark_browser.chromium())
        except NoBrowserError as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield browser


@contextmanager
def open_page(
    browser: Browser, html: Path, width: int = WIDTH, height: int = HEIGHT, scheme: ColorScheme = "light"
) -> Iterator[Page]:
    """Open a page from disk, in a browser profile of its own, and check it as `no_problems` does."""
    with offline_page(browser, width, height, scheme) as page, no_problems(page):
        page.goto(html.resolve().as_uri())
        yield page


@contextmanager
def no_problems(page: Page) -> Iterator[None]:
    """Assert that a page requests nothing but files and that its scripts raise and log no error."""
    problems: list[str] = []
    listeners = {
        "console": lambda message: problems.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: problems.append(str(error)),
        "requestfailed": lambda request: (
            problems.append(f"{request.url} {request.failure}") if _is_failure(request.failure) else None
        ),
        "request": lambda request: (
            None if request.url.startswith(("file:", "data:", "blob:")) else problems.append(request.url)
        ),
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        yield
        page.evaluate("0")  # what the browser reported before its answer has arrived, too
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
    assert problems == []


def _is_failure(failure: str | None) -> bool:
    return failure is not None and "ERR_ABORTED" not in failure  # a player may stop reading when it has enough


def accessibility_violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds, each with the elements concerned."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']][:5]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def screenshot(target: Page | Locator, name: str, **options: object) -> None:
    """Save pictures of a page or of part of it, NAME-light.png and NAME-dark.png, if SCREENSHOTS names a folder."""
    if not SCREENSHOTS:
        return
    page = target if isinstance(target, Page) else target.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        path = Path(SCREENSHOTS) / f"{name}-{scheme}.png"
        target.screenshot(path=path, **options)  # type: ignore[arg-type]
        Image.open(path).quantize(256).save(path, optimize=True)  # the noise of spectrograms compresses badly

"""Chromium without network, for the benchmark of a page and the tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Sound starts without a click, and the browser itself uses no network.
OPTIONS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
]
WIDTH, HEIGHT = 1200, 900  # pixels
ColorScheme = Literal["light", "dark"]


class NoBrowserError(Exception):
    """Chromium could not be started."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Launch Chromium: an installed one, or else Playwright's. Raises NoBrowserError if there is none."""
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    options = [*OPTIONS, "--no-sandbox"] if os.getuid() == 0 else OPTIONS  # root has no sandbox
    try:
        return playwright.chromium.launch(executable_path=path, args=options)
    except Error as error:
        raise NoBrowserError(
            f"no browser: install Debian's chromium, or `playwright install chromium` ({str(error).splitlines()[0]})"
        ) from error


@contextmanager
def offline_page(
    browser: Browser, width: int = WIDTH, height: int = HEIGHT, scheme: ColorScheme = "light"
) -> Iterator[Page]:
    """Open an empty page in a browser profile of its own, without network.

    Parameters
    ----------
    browser : Browser
    width, height : int
        Pixels.
    scheme : {"light", "dark"}

    Yields
    ------
    Page
    """
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True, offline=True
    )
    try:
        yield context.new_page()
    finally:
        context.close()

"""A screening of recordings with unusual and hostile names, its review, and the page of the review."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.reviews.review import review
from project_echo.screening.screen import screen
from tests.browser import HEIGHT, WIDTH, no_problems, open_page
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
LOW, HIGH = tone(250, 1, RATE), tone(3000, 1, RATE)
QUIET = hiss(2, RATE, 0.05)  # longer than the gaps across which events are merged
NOT_UTF8 = "wood/\udcff.wav"
RECORDINGS = {
    "pond/20240501_053000.wav": [LOW, LOW, QUIET, HIGH],
    "pond/<img src=x onerror=alert(1)>.wav": [QUIET, LOW, QUIET],
    "north/mic 1/=1+2.wav": [HIGH, QUIET, LOW, LOW, LOW],
    NOT_UTF8: [QUIET, HIGH, HIGH, QUIET, HIGH],
}


@pytest.fixture(scope="session")
def screening(by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with recordings/ and the results/ of their screening. Read only."""
    folder = tmp_path_factory.mktemp("screening")
    for name, sound in RECORDINGS.items():
        # soundfile cannot write a name that is not UTF-8
        write_wav(folder / "a.wav", np.concatenate(sound), RATE)
        (folder / "recordings" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "a.wav").rename(folder / "recordings" / name)
    screen_folder(folder, by_pitch_or_none)
    return folder


def screen_folder(folder: Path, model: Path) -> None:
    """Screen recordings/ of a folder into results/."""
    screen(folder / "recordings", model=model, output=folder / "results", hop_seconds=0.5, jobs=1)


@pytest.fixture(scope="session")
def review_folder(screening: Path, by_pitch_or_none: Path) -> Path:
    """The review of the screening. Read only."""
    review(screening / "results", model=by_pitch_or_none, output=screening / "review", jobs=1)
    return screening / "review"


@pytest.fixture
def own_screening(screening: Path, by_pitch_or_none: Path, tmp_path: Path) -> Path:
    """A screening that the test may change."""
    shutil.copytree(screening / "recordings", tmp_path / "recordings")
    screen_folder(tmp_path, by_pitch_or_none)
    return tmp_path


@pytest.fixture
def own_results(screening: Path, tmp_path: Path) -> Path:
    """Results of the screening that the test may change; the recordings are the shared ones."""
    return Path(shutil.copytree(screening / "results", tmp_path / "results"))


WriteLabels = Callable[[dict[int, tuple[str, str]]], Path]


@pytest.fixture
def write_labels(review_folder: Path, tmp_path: Path) -> WriteLabels:
    """Write an export of the page with answers, (verdict, label) by the number of the event."""

    def write(answers: dict[int, tuple[str, str]]) -> Path:
        table = pd.read_csv(review_folder / "events.csv", dtype=str, keep_default_na=False)
        for event, (verdict, label) in answers.items():
            table.loc[table["event"] == str(event), ["verdict", "reviewed_label"]] = [verdict, label]
        table.to_csv(tmp_path / "labels.csv", index=False)
        return tmp_path / "labels.csv"

    return write


@pytest.fixture(scope="session")
def shared_page(review_folder: Path, browser: Browser) -> Iterator[Page]:
    with open_page(browser, review_folder / "index.html") as page:
        yield page


@pytest.fixture
def page(shared_page: Page) -> Iterator[Page]:
    """The page of the review without answers. It is opened once and reloaded, which takes a quarter of the time."""
    with no_problems(shared_page):
        shared_page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        shared_page.emulate_media(media="screen", color_scheme="light")
        reload_empty(shared_page)
        yield shared_page


def reload(page: Page) -> None:
    """Reload a page: its scripts find what it stored before."""
    _reload(page, page.evaluate("Object.entries(localStorage)"))


def reload_empty(page: Page) -> None:
    """Reload a page without anything that it stored."""
    _reload(page, [])


def _reload(page: Page, stored: list[list[str]]) -> None:
    # A page that is reloaded at once may find what the browser had before: Chromium's processes tell each other later.
    script = f"localStorage.clear(); for (const entry of {json.dumps(stored)}) localStorage.setItem(...entry);"
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    added = session.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    page.reload()
    session.send("Page.removeScriptToEvaluateOnNewDocument", added)
    session.detach()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)

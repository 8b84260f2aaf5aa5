"""From an empty start to an improved model in the browser, with the app killed in the middle of the work."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import accessibility_violations
from tests.project_echo.app.process import AppProcess, start_app
from tests.project_echo.custom_networks.networks import write_tflite
from tests.project_echo.studies.test_train import LABELS, SETTINGS, write_recordings
from tests.test_pipeline import RATE, write_tone

pytestmark = pytest.mark.slow  # CI runs the pipeline once, and the app's pages and jobs in tests of their own
WAIT_MS = 180_000  # for a training on a busy machine
MODEL, RESULTS = "Wald & Wiese", "May nights"
NIGHT_S = 200  # of a recording: long enough to kill the app while it is screened


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with recordings/ to learn from, nights/ to screen and a network that needs no time."""
    folder = tmp_path_factory.mktemp("Bärbels Töne")
    write_recordings(folder / "recordings")
    draw = np.random.default_rng(4)
    for site, pitch in (("pond", 2250), ("road", 420)):
        write_tone(folder / "nights" / site / "20260501_220000.wav", pitch, NIGHT_S, draw)
    write_tflite(folder / "network.tflite", rate=RATE, window_s=0.4)
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace") / "Mein Projekt"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that reaches this machine, as those of other tests do not; its scripts raise no error."""
    context = browser.new_context(accept_downloads=True)
    opened, errors = context.new_page(), []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(60_000)
    yield opened
    context.close()
    assert errors == []


def parameters() -> str:
    """Parameters with which a training takes seconds, as a person types them."""
    small = {name: value for name, value in SETTINGS.items() if not name.startswith("embed.")} | {"embed.slices": 3}
    return "\n".join(f"{name}={json.dumps(value)}" for name, value in small.items())


def open_folder(page: Page, app: AppProcess, folder: Path) -> None:
    page.goto(f"{app.url}recordings")
    page.get_by_label("Or type its path").fill(str(folder))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(folder.name)


def wait_until(page: Page, state: str) -> None:
    """Wait until the page of a job, which is open, shows a state."""
    expect(page.locator(f"p.state.{state}")).to_be_visible(timeout=WAIT_MS)
    assert accessibility_violations(page) == []


def click(page: Page, name: str, role: Literal["button", "link"] = "button") -> None:
    """Click what has exactly this name, on a page on which axe finds nothing serious."""
    assert accessibility_violations(page) == []
    page.locator("main").get_by_role(role, name=name, exact=True).click()


def kill(page: Page, app: AppProcess) -> None:
    """Kill the app, whose page would ask it for news."""
    page.goto("about:blank")
    app.kill()


def train(page: Page, app: AppProcess, sounds: Path) -> None:
    page.goto(f"{app.url}train")
    page.get_by_label(str(sounds / "recordings")).check()
    page.get_by_label("Name of the model").fill(MODEL)
    page.get_by_text("More options").click()
    page.get_by_label("Parameters").fill(parameters())
    page.get_by_label("A network of your own").fill(str(sounds / "network.tflite"))
    click(page, "Train")
    wait_until(page, "running")


def screen(page: Page, sounds: Path) -> None:
    click(page, "Screen recordings with it", "link")
    page.get_by_label(str(sounds / "nights")).check()
    page.get_by_label("Name of the results").fill(RESULTS)
    page.get_by_text("More options").click()
    page.get_by_label("Thresholds of labels").fill("\n".join(f"{label}=0.01" for label in LABELS))
    page.get_by_label("Step between windows, s").fill("0.1")
    click(page, "Screen")
    wait_until(page, "running")


def review(page: Page, app: AppProcess) -> None:
    """Make the review, and answer two events: one is right, one is none of ours."""
    page.goto(f"{app.url}review?results={RESULTS}")
    page.get_by_label("Random windows").fill("0")  # it takes less time without them
    click(page, "Make the review")
    wait_until(page, "done")
    click(page, "Review", "link")
    page.keyboard.press("a")
    page.keyboard.press("r")
    page.locator("#none-of-ours").click()
    expect(page.locator("#decided-count")).to_contain_text("2 of")
    page.wait_for_load_state("networkidle")


def test_a_model_is_trained_screens_is_reviewed_and_improved(sounds: Path, workspace: Path, page: Page) -> None:
    with start_app(workspace) as app:
        open_folder(page, app, sounds / "recordings")
        for label in LABELS:
            expect(page.get_by_role("link", name=label, exact=True)).to_be_visible()
        open_folder(page, app, sounds / "nights")
        train(page, app, sounds)
        with page.context.new_page() as other:  # a second tab finds it, too
            other.goto(f"{app.url}jobs")
            expect(other.locator("#running progress")).to_be_visible(timeout=WAIT_MS)
        expect(page.locator("p.state")).to_contain_text("Testing", timeout=WAIT_MS)  # the seventh stage of 14
        kill(page, app)
    with start_app(workspace) as app:
        page.goto(f"{app.url}jobs/1")
        wait_until(page, "interrupted")
        click(page, "Continue")
        wait_until(page, "done")
        screen(page, sounds)
        kill(page, app)
    with start_app(workspace) as app:
        page.goto(f"{app.url}jobs/2")
        click(page, "Continue")
        wait_until(page, "done")
        click(page, "See the results", "link")
        expect(page.get_by_role("heading", level=1)).to_have_text(RESULTS)
        review(page, app)
        page.goto(f"{app.url}improve")  # the tab of the review is closed, its answers are kept
        click(page, "Improve")
        wait_until(page, "done")
        expect(page.get_by_role("heading", name="The new model is")).to_be_visible()

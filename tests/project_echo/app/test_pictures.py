"""Screenshots for the documentation: the app with the trained classifier and a night of the synthetic field."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from project_echo.corpora.demo import field
from tests.browser import SCREENSHOTS, screenshot
from tests.project_echo.app.server import serve
from tests.project_echo.conftest import ROOT

MODEL = ROOT / "models" / "classifier"
pytestmark = pytest.mark.skipif(
    not (SCREENSHOTS and MODEL.is_dir()), reason="`make screenshots` writes them, after dvc repro"
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()


def test_the_app(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field, "NIGHTS", 1)
    folder = tmp_path / "home"
    monkeypatch.setenv("HOME", str(folder))  # paths are shown from there
    field.main(folder / "field")
    nights = folder / "field" / "night-1"
    workspace = folder / "project-echo"
    shutil.copytree(MODEL, workspace / "models" / "demo")
    with serve(workspace) as app:
        app.context.opened.open(str(nights))
        page.goto(f"{app.url}screen?model=demo")
        page.get_by_label("Name of the results").fill("night 1")
        screenshot(page, "app-screen")
        page.get_by_text("More options").click()
        page.get_by_label("Step between windows, s").fill("2.5")
        page.locator("main").get_by_role("button", name="Screen", exact=True).click()
        expect(page.locator("p.state.done")).to_be_visible(timeout=120_000)
        page.get_by_role("link", name="See the results").click()
        page.locator("#event-table a[data-event]").nth(3).click()
        expect(page.locator(".player img.spectrogram")).to_be_visible()
        page.wait_for_load_state("networkidle")
        screenshot(page, "app-results")
        page.goto(f"{app.url}recordings")
        screenshot(page, "app-recordings")

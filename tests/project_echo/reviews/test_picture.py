"""Screenshot for the README: the review of one night of the synthetic field, with the trained classifier."""

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

from project_echo.corpora.demo import field
from project_echo.reviews.review import review
from project_echo.screening.screen import screen
from tests.browser import SCREENSHOTS, open_page, screenshot
from tests.project_echo.reviews.conftest import press

MODEL = Path(__file__).parents[3] / "models" / "classifier"


@pytest.mark.skipif(not (SCREENSHOTS and MODEL.is_dir()), reason="`make screenshots` writes it, after dvc repro")
def test_a_night_of_the_field(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(field, "NIGHTS", 1)
    monkeypatch.chdir(tmp_path)  # the page shows paths as they are given; relative ones are short
    field.main(Path("field"))
    truth = pd.read_csv("field/truth.csv")
    screen("field/night-1", model=MODEL, output="night-1", hop_seconds=2.5)
    review("night-1", model=MODEL)
    monkeypatch.chdir(request.config.rootpath)
    with open_page(browser, tmp_path / "review" / "index.html", width=1150, height=1000) as page:
        page.select_option("#order", "shuffled")
        for _ in range(24):
            event = page.evaluate("current")
            calls = truth[truth["recording"].map(event["recording"].endswith) & (truth["label"] == event["label"])]
            overlaps = (calls["start_s"] < event["end_s"] - 0.5) & (calls["end_s"] > event["start_s"] + 0.5)
            press(page, *("a" if overlaps.any() else "r0"))
        page.evaluate(
            "goTo(DATA.events.find((event) => event.label === 'tree_frog' && !answers.get(event)) ?? current)"
        )
        assert not page.is_visible("#label-dialog") and page.evaluate("answers.byEvent.size") == 24
        page.evaluate("document.activeElement.blur()")
        screenshot(page, "review", full_page=True)

"""Two thousand events: the page opens at once and scrolls without a halt."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from project_echo import files
from project_echo.pages import spectrogram
from project_echo.review import command
from tests.browser import opened
from tests.project_echo.review.conftest import LABELS, unheard
from tests.sounds import FEATURES, tone, write_wav

N = 2000
OPENS_S, HALT_MS = 3.0, 100
# Long tasks by the browser's own account: everything that keeps it from drawing for 50 ms or more.
WATCH = """window.halts = [];
new PerformanceObserver((list) => halts.push(...list.getEntries().map((one) => one.duration)))
  .observe({type: "longtask"});"""
IN_SIGHT = """() => {
  const {top, bottom} = list.getBoundingClientRect();
  const rows = [...document.querySelectorAll("[role=option]")].map((row) => row.getBoundingClientRect());
  return rows.filter((row) => row.top < bottom && row.bottom > top).length;
}"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    sound = tone(500, 3, FEATURES.sample_rate)
    write_wav(folder / "media" / "1.wav", sound, FEATURES.sample_rate)
    spectrogram.save(spectrogram.decibels(sound, FEATURES), folder / "media" / "1.png")
    draw, numbers = np.random.default_rng(1), np.arange(N)
    events = pd.DataFrame(
        {
            "event": numbers + 1,
            "id": [f"{number:016x}" for number in draw.permutation(N)],
            "recording": [f"disk/site {number % 20}/20240501_{number:06}.wav" for number in numbers],
            "site": [f"site {number % 20}" for number in numbers],
            "source": [f"site {number % 20}" for number in numbers],
            "recorded_at": "2024-05-01T05:30:00",
            "start_s": numbers % 60 * 1.0,
            "end_s": numbers % 60 + 2.0,
            "label": [LABELS[number % 2] for number in numbers],
            "mean_confidence": draw.uniform(0.3, 1, N).round(6),
            "peak_confidence": 1.0,
            "windows": "1",
            "media": "media/1.wav",
            "cut_s": 3.0,
            "reason": "",
        }
    )  # fmt: skip
    files.write_text(command.page(events, unheard(), "many"), folder / "index.html")
    return folder / "index.html"


def test_it_opens_in_time_and_has_few_elements(many: Path, browser: Browser) -> None:
    took = []
    for _ in range(2):  # the better of two, as machines have other work
        began = time.monotonic()
        with opened(browser, many) as page:
            page.wait_for_selector("[role=option][aria-selected=true]")
            took.append(time.monotonic() - began)
            assert page.evaluate("queue.events.length") == N
            assert page.locator("[role=option]").count() < 60
            assert page.get_attribute("[role=option] >> nth=0", "aria-setsize") == str(N)
        if took[-1] < OPENS_S:
            break
    print(f"{N} events open in {min(took):.2f} s")
    assert min(took) < OPENS_S


def test_it_scrolls_and_decides_without_a_halt(many: Path, browser: Browser) -> None:
    longest = []
    for _ in range(3):
        with opened(browser, many) as page:
            page.wait_for_selector("[role=option]")
            page.hover("#list")
            page.evaluate(WATCH)
            for _ in range(60):
                page.mouse.wheel(0, 1500)
                page.wait_for_timeout(16)
            shown = page.evaluate(IN_SIGHT)
            assert page.evaluate("list.scrollTop") > 20_000 and shown >= 10  # rows, and no blank
            for key in "arsjk":
                page.keyboard.press(key)
            longest.append(max(page.evaluate("halts"), default=0))
        if longest[-1] <= HALT_MS:
            break
    print(f"longest halt {min(longest):.0f} ms")
    assert min(longest) <= HALT_MS

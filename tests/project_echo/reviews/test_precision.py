"""The page's precision and suggested threshold, against other ways to the same numbers."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from scipy.stats import binomtest

from tests.project_echo.reviews.conftest import press

MIN_REVIEWED = 10

# The cells for events at 0, 0.01, 0.02, ..., correct or wrong, and one at 0.5 that was not reviewed.
CELLS = """([correct, target]) => {
  const events = [...correct, undefined].map((_, event) => ({event, peak_confidence: event / 100, mean_confidence: 0}));
  events.at(-1).peak_confidence = 0.5;
  const answers = {true: {verdict: "accepted"}, false: {verdict: "rejected"}};
  return precisionCells(events, {get: ({event}) => answers[correct[event]]}, target);
}"""


def numbers(text: str) -> str:
    """A text without spaces, so that "67 %" and "67%" are the same."""
    return "".join(text.split())


def lowest_threshold(reviewed: list[dict[str, Any]], target: float) -> dict[str, Any] | None:
    """The threshold by trying each confidence."""
    reached = []
    for confidence in {event["confidence"] for event in reviewed}:
        above = [event["correct"] for event in reviewed if event["confidence"] >= confidence]
        if len(above) >= MIN_REVIEWED and sum(above) >= target * len(above) - 1e-9:
            reached.append({"threshold": confidence, "correct": sum(above), "n": len(above)})
    return min(reached, key=lambda suggestion: suggestion["threshold"], default=None)


def test_intervals_are_wilsons(page: Page) -> None:
    for correct, n in ((0, 1), (1, 1), (0, 10), (8, 10), (10, 10), (499, 1000)):
        expected = binomtest(correct, n).proportion_ci(0.95, method="wilson")
        interval = page.evaluate("([correct, n]) => wilson(correct, n)", [correct, n])
        assert interval == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_the_threshold_is_the_lowest_that_reaches_the_target_precision(page: Page) -> None:
    rng = np.random.default_rng(2)
    cases, expected = [], []
    for index in range(60):
        confidences = rng.uniform(0, 1, rng.integers(1, 40)).round(int(rng.integers(1, 4)))  # some are equal
        reviewed = [{"confidence": float(value), "correct": bool(rng.random() < value)} for value in confidences]
        target = [0.5, 0.8, 0.9, 1.0][index % 4]
        cases.append([reviewed, target])
        too_few = {"threshold": None, "tooFew": len(reviewed) < MIN_REVIEWED}
        expected.append(lowest_threshold(reviewed, target) or too_few)
    suggestions = page.evaluate(
        "(cases) => cases.map(([reviewed, target]) => suggestThreshold(reviewed, target))", cases
    )
    assert suggestions == expected


def test_the_table_counts_answers(page: Page) -> None:
    page.select_option("#label", label="high pitched")
    assert page.evaluate("queue.events.length") >= 4
    press(page, "a", "r", "Enter", "s", "a")
    cells = page.locator("#precision-rows tr", has_text="high pitched").locator("td").all_inner_texts()
    assert cells[0] == "2 of 3"  # skipped events do not count
    expected = binomtest(2, 3).proportion_ci(0.95, method="wilson")
    assert numbers(cells[1]) == f"67%({expected.low:.0%}to{expected.high:.0%})"
    assert f"3 of at least {MIN_REVIEWED}" in cells[2] and cells[3:] == ["–", "–"]
    assert page.locator("#precision-rows tr").count() == 3  # two labels, and all


def test_a_suggestion_is_marked_as_scored_on_the_events_that_chose_it(page: Page) -> None:
    assert page.locator(".precision thead th").nth(4).locator(".muted").inner_text()


def test_each_number_is_in_sight_beside_its_heading_where_the_page_is_narrow(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    press(page, "a")
    cells = page.locator("#precision-rows td:visible")
    assert page.locator("#precision-rows td").count() > cells.count() > 3  # those without a number are left out
    headings = page.locator(".precision thead th").evaluate_all("cells => cells.map((cell) => cell.textContent)")
    assert set(cells.evaluate_all("cells => cells.map(({dataset}) => dataset.heading)")) <= {*headings[1:]}
    for cell in cells.all():
        box = cell.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert cell.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_suggestion_follows_the_target_precision(page: Page) -> None:
    cells = page.evaluate(CELLS, [[False] * 10 + [True] * 15, 0.9])
    assert cells[0] == "15 of 25" and cells[2] == "0.09" and numbers(cells[3]).startswith("15of16:94%(")
    assert cells[4] == "17 of 26"  # one of them is not reviewed yet
    unreached = page.evaluate(CELLS, [[True, False] * 10, 0.9])
    assert unreached[0] == "10 of 20" and unreached[3:] == ["–", "–"]

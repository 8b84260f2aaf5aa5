"""What the page says of precision, against other ways to the same numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser
from scipy.stats import binomtest

from tests.browser import opened

FEWEST = 10

# The cells of events at 0, 0.01, 0.02, ..., right or not, and of one at 0.5 that was not reviewed.
CELLS = """([right, wanted]) => {
  const events = [...right, undefined].map((was, event) => ({event, mean_confidence: event / 100}));
  events.at(-1).mean_confidence = 0.5;
  const said = {true: {verdict: "accepted"}, false: {verdict: "rejected"}};
  return precisionRow(events, {of: ({event}) => said[right[event]]}, wanted);
}"""


def lowest(reviewed: list[dict[str, Any]], wanted: float) -> dict[str, Any] | None:
    """The threshold by trying every one."""
    found = []
    for least in {one["confidence"] for one in reviewed}:
        above = [one["right"] for one in reviewed if one["confidence"] >= least]
        if len(above) >= FEWEST and sum(above) >= wanted * len(above) - 1e-9:
            found.append({"from": least, "right": sum(above), "n": len(above)})
    return min(found, key=lambda one: one["from"], default=None)


def test_intervals_are_wilsons(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        for right, n in ((0, 1), (1, 1), (0, 10), (8, 10), (10, 10), (499, 1000)):
            expected = binomtest(right, n).proportion_ci(0.95, method="wilson")
            found = page.evaluate("([right, n]) => wilson(right, n)", [right, n])
            assert found == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_the_threshold_is_the_lowest_that_reaches_what_is_wanted(made: Path, browser: Browser) -> None:
    draw = np.random.default_rng(2)
    with opened(browser, made / "index.html") as page:
        for place in range(60):
            sure = draw.uniform(0, 1, draw.integers(1, 40)).round(int(draw.integers(1, 4)))  # with equals among them
            reviewed = [{"confidence": float(at), "right": bool(draw.random() < at)} for at in sure]
            wanted = [0.5, 0.8, 0.9, 1.0][place % 4]
            found = page.evaluate("([reviewed, wanted]) => threshold(reviewed, wanted)", [reviewed, wanted])
            assert found == (lowest(reviewed, wanted) or {"from": None, "few": len(reviewed) < FEWEST})


def test_the_table_counts_what_was_said(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        page.select_option("#label", label="high pitched")
        n = page.evaluate("queue.events.length")
        for key in "arsa"[:n]:
            page.keyboard.press(key)
        row = page.locator("#precision tr", has_text="high pitched").locator("td").all_inner_texts()
        assert row[0] == "2 of 3"  # what was skipped does not count
        expected = binomtest(2, 3).proportion_ci(0.95, method="wilson")
        assert row[1].replace("\xa0", " ") == f"67 % ({expected.low:.0%} to {expected.high:.0%})".replace(
            "%)", " %)"
        ).replace("% to", " % to")
        assert row[2] == "too few reviewed (3 of at least 10)" and row[3:] == ["–", "–"]
        assert page.locator("#precision tr").last.inner_text().startswith("all labels")


def test_a_suggestion_is_said_to_be_scored_on_the_events_that_chose_it(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        head = page.locator(".figures thead th", has_text="Right of reviewed from there")
        assert "hopeful: the events that chose it" in head.inner_text()


def test_a_suggestion_follows_the_wanted_precision(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        right = [False] * 10 + [True] * 15
        row = [text.replace("\xa0", " ") for text in page.evaluate(CELLS, [right, 0.9])]
        assert row[0] == "15 of 25" and row[2] == "0.09" and row[3].startswith("15 of 16: 94 % (")
        assert row[4] == "17 of 26"  # one of them not reviewed yet
        assert page.evaluate(CELLS, [[True, False] * 10, 0.9])[2] == "not reached"

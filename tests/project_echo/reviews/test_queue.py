"""The queue of the page: order, filters, and two thousand events with few rows at a time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.review_page import write_page
from tests.browser import no_problems, open_page
from tests.project_echo.reviews.conftest import press, reload, reload_empty

N = 2000
MAX_ROWS = 60
CONFIDENCES = "queue.events.map((event) => event.peak_confidence)"
VISIBLE_ROWS = """() => {
  const {top, bottom} = queue.list.getBoundingClientRect();
  const isVisible = (row) => row.getBoundingClientRect().top < bottom && row.getBoundingClientRect().bottom > top;
  return [...document.querySelectorAll("[role=option]")].filter(isVisible).map((row) => Number(row.id.slice(4)));
}"""
# Scroll by the height of the list until its end: the events that were visible, and the most rows that existed at once.
SCROLL_THROUGH = f"""() => {{
  const seen = new Set();
  let rows = 0;
  for (let top = 0; top < queue.list.scrollHeight; top += queue.list.clientHeight) {{
    queue.list.scrollTop = top;
    queue.render();
    for (const event of ({VISIBLE_ROWS})()) seen.add(event);
    rows = Math.max(rows, document.querySelectorAll("[role=option]").length);
  }}
  return [seen.size, rows];
}}"""
COUNT_ADDED_ROWS = """() => {
  window.added = 0;
  new MutationObserver((records) => {
    for (const {addedNodes} of records) added += addedNodes.length;
  }).observe(queue.container, {childList: true});
}"""


def test_the_queue_is_sorted_and_filtered(page: Page) -> None:
    assert page.evaluate(CONFIDENCES) == sorted(page.evaluate(CONFIDENCES))
    page.select_option("#order", "confident")
    assert page.evaluate(CONFIDENCES) == sorted(page.evaluate(CONFIDENCES), reverse=True)
    page.select_option("#order", "time")
    times = page.evaluate("queue.events.map((event) => event.event_time)")
    assert times == sorted(times) and any(times)
    page.select_option("#show", "decided")
    assert page.evaluate("queue.events.length") == 0
    reload(page)  # the choice is kept, although it shows nothing
    assert page.input_value("#show") == "decided"
    page.select_option("#show", "all")
    page.select_option("#label", label="high pitched")
    assert set(page.evaluate("queue.events.map((event) => event.label)")) == {"high pitched"}
    n = page.evaluate("queue.events.length")
    page.select_option("#show", "undecided")
    page.select_option("#order", "confident")
    press(page, "a", "r", "0")
    assert page.evaluate("queue.events.length") == n - 2 and page.locator("[role=option]").count() == n - 2
    page.select_option("#show", "decided")
    assert page.locator("[role=option]").count() == 2
    reload(page)  # the choices are kept
    assert page.input_value("#label") == "=high pitched" and page.locator("[role=option]").count() == 2


def test_rows_name_the_site(page: Page) -> None:
    rows = page.locator("#event-rows .location").all_inner_texts()
    events = page.evaluate("queue.events.map(({site, recording}) => [site, recording.split('/').pop()])")
    for row, (site, name) in zip(rows, events, strict=True):
        assert row.startswith(f"{site}, {name}, ")


@pytest.fixture(scope="module")
def long_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_page(browser, write_page(tmp_path_factory.mktemp("many"), N)) as page:
        yield page


@pytest.fixture
def many(long_page: Page) -> Iterator[Page]:
    """The page of N events without answers, from its start."""
    with no_problems(long_page):
        reload_empty(long_page)
        yield long_page


def test_few_rows_exist_and_every_event_can_be_scrolled_to(many: Page) -> None:
    assert many.evaluate("queue.events.length") == N
    assert many.get_attribute("[role=option] >> nth=0", "aria-setsize") == str(N)
    n_events, max_rows = many.evaluate(SCROLL_THROUGH)
    assert n_events == N and max_rows < MAX_ROWS


def test_the_wheel_scrolls_to_rows_and_not_to_blanks(many: Page) -> None:
    many.hover("#event-list")
    for _ in range(5):
        many.mouse.wheel(0, 5000)
    many.wait_for_function(f"queue.list.scrollTop > 20_000 && ({VISIBLE_ROWS})().length >= 10")


def test_keys_draw_few_rows_and_keep_the_current_event_visible(many: Page) -> None:
    many.evaluate(COUNT_ADDED_ROWS)
    for keys, most in (
        (["j"], 2),
        (["j"], 2),
        (["k"], 2),
        (["a"], MAX_ROWS),
        (["r", "Enter"], MAX_ROWS),
        (["s"], MAX_ROWS),
        (["u"], MAX_ROWS),
        (["f"], MAX_ROWS),
    ):
        before = many.evaluate("added")
        press(many, *keys)
        assert many.evaluate("added") - before <= most
    assert many.evaluate("answers.byEvent.size") == 2
    many.evaluate("goTo(queue.events.at(-1))")  # far from where the list is scrolled to
    press(many, "k", "j", "j", "k")
    assert many.evaluate("queue.events.indexOf(current)") == N - 2
    assert many.evaluate("current.event") in many.evaluate(VISIBLE_ROWS)

"""Orders of the queue by sound: like an event, and least sure, spread over recordings."""

from typing import Any

from playwright.sync_api import Page

from tests.project_echo.reviews.conftest import press, reload

NUMBERS = "queue.events.map(({event}) => event)"
# Order events of one recording and label, planted as (peak confidence, direction); the label's threshold is 0.5.
SPREAD = """(planted) => unitVectors.clear() ?? spreadEvents(planted.map(([peak, bytes, recording], index) => ({
  ...DATA.events[0], event: 1000 + index, peak_confidence: peak, vector: btoa(String.fromCharCode(...bytes)),
  recording, source: recording.split("/")[0], label: "high pitched",
}))).map(({event}) => event - 1000)"""
UP, RIGHT = [0, 127], [127, 0]


def numbers(page: Page) -> list[int]:
    return list(page.evaluate(NUMBERS))


def queue_of(page: Page, name: str) -> list[Any]:
    return list(page.evaluate(f"queue.events.map((event) => event.{name})"))


def test_the_queue_has_what_sounds_like_the_open_event_first(page: Page) -> None:
    press(page, "j", "j")
    event, label = page.evaluate("[current.event, current.label]")
    press(page, "f")
    assert page.evaluate("current.event") == event == numbers(page)[0]
    assert page.input_value("#order") == "similar" and f"event {event}" in page.inner_text("#order-note")
    labels = queue_of(page, "label")
    n = labels.count(label)
    assert 1 < n < len(labels) and set(labels[:n]) == {label}
    before = numbers(page)
    press(page, "a", "s", "r", "n", "u")  # neither answers nor going on to the next event change the order
    assert numbers(page) == before and page.evaluate("current.event") == before[2]
    reload(page)
    assert numbers(page) == before
    other = page.locator("[role=option]").last
    other.click()
    press(page, "f")
    assert page.evaluate("current.event") == numbers(page)[0] == before[-1]
    page.select_option("#show", "decided")
    assert sorted(numbers(page)) == sorted(before[:2])


def test_without_sound_there_is_nothing_to_compare(page: Page) -> None:
    before = numbers(page)
    page.evaluate("current.vector = ''")
    press(page, "f")
    assert numbers(page) == before and page.input_value("#order") == "uncertain"
    assert page.inner_text("#status")
    press(page, "j", "f")
    assert numbers(page)[-1] == before[0]


def test_sites_and_recordings_take_turns_whatever_is_answered(page: Page) -> None:
    page.select_option("#order", "spread")
    sites, recordings = queue_of(page, "source"), queue_of(page, "recording")
    n_sites = len(set(sites))
    assert n_sites > 1 and len(set(sites[:n_sites])) == n_sites
    in_pond = [recording for recording, site in zip(recordings, sites, strict=True) if site == "pond"]
    assert len(set(in_pond[:2])) == 2
    before = numbers(page)
    press(page, "a", "s")
    assert numbers(page) == before
    page.select_option("#show", "undecided")
    assert numbers(page) == before[2:]
    page.select_option("#show", "all")
    page.select_option("#label", label="high pitched")
    assert set(queue_of(page, "label")) == {"high pitched"}


def test_the_least_sure_come_first_and_twins_wait(page: Page) -> None:
    def spread(*planted: tuple[float, list[int], str]) -> list[int]:
        return list(page.evaluate(SPREAD, planted))

    # Nothing is alike: by distance from the threshold, on either side
    assert spread((0.9, [], "a/1"), (0.55, [], "a/1"), (0.3, [], "a/1"), (1.0, [], "a/1")) == [1, 2, 0, 3]
    assert spread((0.52, UP, "a/1"), (0.53, UP, "a/1"), (0.7, RIGHT, "a/1")) == [0, 2, 1]
    # One of each site, then another recording of a site, then another event of a recording; twins of other sites wait
    planted = [(0.51, UP, "a/1"), (0.52, RIGHT, "a/1"), (0.9, RIGHT, "a/2"), (0.6, UP, "b/1"), (0.7, RIGHT, "c/1")]
    assert spread(*planted) == [0, 4, 3, 2, 1]


def test_a_threshold_other_than_a_half_is_where_its_label_is_least_sure(page: Page) -> None:
    page.evaluate("DATA.thresholds['high pitched'] = 0.2")
    planted: list[tuple[float, list[int], str]] = [(0.5, [], "a"), (0.21, [], "a"), (0.1, [], "a"), (1.0, [], "a")]
    assert page.evaluate(SPREAD, planted) == [1, 2, 0, 3]

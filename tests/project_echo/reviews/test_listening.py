"""Listening closer: speed, context, zoom, contrast, a band of frequencies, notes, and the list of keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.browser import offline_page
from project_echo.core.spreadsheets import read_table
from project_echo.reviews import exchange
from project_echo.reviews.excerpts import CONTEXT_S
from tests.project_echo.reviews.conftest import press, reload, reload_empty

# The level of what comes out of the filters while the event plays, as its highest sample.
LEVEL = """async () => {
  const {context, source, filters} = sound.graph;
  const analyser = new AnalyserNode(context, {fftSize: 4096});
  (filters.at(-1) ?? source).connect(analyser);
  media.currentTime = shown.startS;
  await sound.play();
  const samples = new Float32Array(4096);
  const until = performance.now() + 20_000;
  while (media.currentTime < current.start_s - current.excerpt_start_s + 0.6 && performance.now() < until)
    await new Promise(requestAnimationFrame);
  analyser.getFloatTimeDomainData(samples);
  media.pause();
  analyser.disconnect();
  return Math.max(...samples);
}"""
EVENT = (
    """(name) => goTo(DATA.events.find((event) => event.recording.endsWith(name) && event.label === "high pitched"))"""
)
BOX = """(selector) => {
  const {left, right, width} = document.querySelector(selector).getBoundingClientRect();
  return {left, right, width};
}"""


def test_speed_and_pitch_hold_for_all_events(page: Page) -> None:
    press(page, ".", ".", ".")
    assert page.evaluate("media.playbackRate") == 2
    press(page, *",,,,,,")
    assert page.evaluate("[media.playbackRate, media.preservesPitch]") == [0.5, True]
    assert page.locator("#speed option").evaluate_all("options => options.map(({value}) => Number(value))") == [
        0.5,
        0.75,
        1,
        1.5,
        2,
    ]
    page.uncheck("#pitch")
    press(page, "j")
    page.evaluate("sound.ready")
    assert page.evaluate("[media.playbackRate, media.preservesPitch]") == [0.5, False]
    reload(page)
    assert page.evaluate("[media.playbackRate, media.preservesPitch]") == [0.5, False]


def test_context_shows_and_plays_more_around_the_event(page: Page) -> None:
    page.evaluate(EVENT, "20240501_053000.wav")  # from 4 to 5 s of 5
    event = page.evaluate("current")
    before_s = []
    for _ in range(3):
        start = page.evaluate("Number(player.dataset.start)")
        duration = page.evaluate("Number(player.dataset.duration)")
        assert start + duration == pytest.approx(min(event["excerpt_duration_s"], start + duration))
        before_s.append(round(event["start_s"] - event["excerpt_start_s"] - start, 3))
        image, track, bounds = (page.evaluate(BOX, selector) for selector in (".spectrogram", ".picture", ".bounds"))
        per_s = track["width"] / duration
        assert image["width"] == pytest.approx(per_s * event["excerpt_duration_s"], rel=0.01)
        assert track["left"] - image["left"] == pytest.approx(per_s * start, abs=2)
        assert bounds["left"] - track["left"] == pytest.approx(per_s * before_s[-1], abs=2)
        press(page, "c")
    assert before_s == [0.5, 2.0, min(CONTEXT_S, event["start_s"])]
    assert page.evaluate("shown.contextS") == 0.5  # again


def test_playback_ends_with_what_is_shown(page: Page) -> None:
    page.evaluate(EVENT, "=1+2.wav")
    page.evaluate("sound.ready")
    page.select_option("#speed", "2")
    press(page, " ")
    page.wait_for_function("!media.paused")
    page.wait_for_function("media.paused")
    end = page.evaluate("shown.startS + shown.durationS")
    assert end < page.evaluate("current.excerpt_duration_s") - 1
    assert page.evaluate("media.currentTime") == pytest.approx(end, abs=0.01)
    press(page, " ")  # from the start again
    page.wait_for_function("!media.paused && media.currentTime < shown.startS + shown.durationS - 0.3")
    assert page.inner_text("#play") == "Pause"


def test_zoom_keeps_the_cursor_in_sight(page: Page) -> None:
    page.focus(".track")
    press(page, "End")
    viewport = page.evaluate(BOX, ".viewport")
    for factor in (2, 4):
        press(page, "+")
        assert page.evaluate(BOX, ".track")["width"] == pytest.approx(factor * viewport["width"], rel=0.01)
        cursor = page.evaluate(BOX, ".cursor")
        assert viewport["left"] <= cursor["left"] and cursor["right"] <= viewport["right"] + 2
    ticks = page.locator(".tick.x").count()
    page.click("button[data-key='-']")
    press(page, "-", "-")
    assert page.inner_text("#zoom").startswith("1")
    assert page.evaluate(BOX, ".track")["width"] == pytest.approx(viewport["width"], rel=0.01)
    assert page.locator(".tick.x").count() < ticks
    press(page, "+", "j")
    assert page.evaluate("shown.zoom") == 1 and page.inner_text("#zoom").startswith("1")  # of the next event


def test_contrast_changes_the_picture(page: Page) -> None:
    before = page.locator(".picture").screenshot()
    page.focus("#contrast")
    press(page, *["ArrowRight"] * 5)
    assert page.evaluate("document.querySelector('.spectrogram').style.filter") == "contrast(150%)"
    assert page.locator(".picture").screenshot() != before
    assert page.evaluate("current === queue.events[0]")  # the arrows did not go on to another event


def test_a_band_of_frequencies_is_heard(page: Page) -> None:
    page.evaluate(EVENT, "20240501_053000.wav")  # a tone of 3000 Hz
    page.evaluate("sound.ready")
    levels = []
    for low, high in (("100", ""), ("", "500"), ("100", "6000"), ("6000", ""), ("", "")):
        page.fill("#low-cut", low)
        page.fill("#high-cut", high)
        page.press("#high-cut", "Tab")
        assert page.evaluate("sound.graph.filters.length") == 2 * (bool(low) + bool(high))
        levels.append(page.evaluate(LEVEL))
    whole = levels[-1]
    assert whole > 0.1
    assert levels[0] == pytest.approx(whole, rel=0.2) and levels[2] == pytest.approx(whole, rel=0.3)
    assert max(levels[1], levels[3]) < 0.3 * whole
    page.fill("#high-cut", "400")
    page.press("#high-cut", "Tab")
    page.fill("#low-cut", "4000")
    page.press("#low-cut", "Tab")
    assert page.evaluate("byId('high-cut').validationMessage")
    assert page.evaluate("sound.graph.filters.map(({type}) => type)") == ["lowpass"] * 2  # as before


def test_notes_are_kept_exported_and_imported(page: Page, tmp_path: Path) -> None:
    event = page.evaluate("current.event")
    press(page, "n", *"a fox, or two", "Escape", "a")
    page.evaluate("(event) => goTo(DATA.events.find((one) => one.event === event))", event)
    assert page.input_value("#note") == "a fox, or two"
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "labels.csv")
    table = read_table(tmp_path / "labels.csv", exchange.COLUMNS, "").set_index("event")
    assert table.loc[str(event), ["note", "verdict"]].tolist() == ["a fox, or two", "accepted"]
    assert (table["note"] != "").sum() == 1
    reload_empty(page)
    assert page.input_value("#note") == ""
    page.set_input_files("#import", tmp_path / "labels.csv")
    page.wait_for_function("answers.byEvent.size === 1")
    page.evaluate("(event) => goTo(DATA.events.find((one) => one.event === event))", event)
    assert page.input_value("#note") == "a fox, or two"
    page.fill("#note", "")
    reload(page)
    assert page.evaluate("answers.notes.size") == 0


def test_a_table_of_an_earlier_version_is_imported(page: Page, tmp_path: Path) -> None:
    press(page, "a", "r", "0")
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "labels.csv")
    labels = page.evaluate("[...answers.byEvent.values()].map(({label}) => label)")
    table = read_table(tmp_path / "labels.csv", exchange.COLUMNS, "").drop(columns=exchange.ADDED_COLUMNS)
    table.loc[table["verdict"] == "rejected", "reviewed_label"] = ""
    table.to_csv(tmp_path / "earlier.csv", index=False)
    reload_empty(page)
    page.set_input_files("#import", tmp_path / "earlier.csv")
    page.wait_for_function("answers.byEvent.size === 2")
    assert sorted(page.evaluate("[...answers.byEvent.values()].map(({label}) => label)")) == sorted(labels)


def test_the_list_of_keys_has_all_of_them(page: Page) -> None:
    press(page, "?")
    keys = set(page.locator("#help-dialog dt").all_inner_texts())
    for key in page.locator("button[data-key]").evaluate_all("buttons => buttons.map(({dataset}) => dataset.key)"):
        assert {" ": "Space"}.get(key, key.upper()) in keys
    shown = page.evaluate("ACTIONS.map(({shown}) => shown)")
    assert {*shown, "Ctrl + Z"} <= keys
    press(page, "a")
    assert page.evaluate("answers.byEvent.size") == 0  # while it is open
    press(page, "Escape", "a")
    assert page.evaluate("answers.byEvent.size") == 1


def test_signs_and_digits_are_shortcuts_only_if_asked_for(page: Page) -> None:
    page.uncheck("#shortcuts")
    page.focus("#event-list")
    press(page, "+", "c", "1", "?", ".")
    assert page.evaluate("[shown.zoom, shown.contextS, answers.byEvent.size, media.playbackRate]") == [1, 0.5, 0, 1]
    assert not page.is_visible("#help-dialog")


def test_a_missing_sound_is_told(review_folder: Path, browser: Browser) -> None:
    with offline_page(browser) as page:  # which may report the failed request
        page.goto((review_folder / "index.html").resolve().as_uri())
        page.evaluate("current.excerpt = 'media/missing.js'; player.dataset.event = ''; goTo(current)")
        page.wait_for_selector("#no-audio:visible")
        assert "media/missing.js" in page.inner_text("#no-audio")

"""The review page in a real browser: what is said of events is kept, shown, exported and taken over."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.review import exchange
from project_echo.review.collect_labels import collect_labels
from tests.browser import faults, opened

NO_STORAGE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('storage is switched off') }})"


def export(page: Page, folder: Path) -> pd.DataFrame:
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(folder / "labels.csv")
    return exchange.read(folder / "labels.csv", exchange.COLUMNS, "")


def current(page: Page) -> int:
    return int(page.evaluate("current.event"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def decide_all(page: Page) -> dict[int, tuple[str, str]]:
    """Answer every event, by keys and by clicks; what was said of each."""
    labels = [label["label"] for label in page.evaluate("DATA.labels")]
    said: dict[int, tuple[str, str]] = {}
    ways = ["accept", "reject", "relabel", "skip", "type", "click"]
    for place in range(int(page.evaluate("DATA.events.length"))):
        event, heard = current(page), str(page.evaluate("current.label"))
        way = ways[place % len(ways)]
        if way == "relabel":
            other = next(number for number, label in enumerate(labels) if label != heard)
            press(page, "l", str(other + 1))
            said[event] = ("relabelled", labels[other])
        elif way == "type":
            press(page, "l")
            page.fill("#other", '=HYPERLINK("x"), "owl"')
            press(page, "Enter")
            said[event] = ("relabelled", '=HYPERLINK("x"), "owl"')
        elif way == "click":
            page.click("button[data-key=a]")
            said[event] = ("accepted", heard)
        else:
            press(page, way[0])
            said[event] = {
                "accept": ("accepted", heard),
                "reject": ("rejected", "none"),
                "skip": ("skipped", ""),
            }[way]
    return said


def test_what_was_said_outlives_a_reload_and_is_exported_as_it_was_said(
    made: Path, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, made / "index.html") as page:
        said = decide_all(page)
        assert "No event in this queue is left undecided" in page.inner_text("#status")
        page.reload()
        n = len(said)
        assert page.inner_text("#done") == f"{n} of {n} decided"
        table = export(page, tmp_path)
    assert (
        dict(zip(table["event"].astype(int), zip(table["verdict"], table["reviewed_label"], strict=True), strict=True))
        == said
    )
    events = exchange.read(made / "events.csv", exchange.COLUMNS, "")
    pd.testing.assert_frame_equal(table[[*exchange.FACTS, "media"]], events[[*exchange.FACTS, "media"]])
    raw = (tmp_path / "labels.csv").read_bytes()
    assert raw.count(b"\r\n") == n + 1 and b",=" not in raw and b"\n=" not in raw  # RFC 4180, and no formula
    other = pd.read_csv(tmp_path / "labels.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(unescape_formulas(other)[exchange.SAME[:1]], events[exchange.SAME[:1]])


def test_keys_move_take_back_and_play(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        first = current(page)
        press(page, "j", "j", "k", "ArrowRight", "ArrowLeft", "k")
        assert current(page) == first
        press(page, "a")
        assert current(page) != first and f"Event {first}: accepted. Next: event" in page.inner_text("#status")
        press(page, "r", "s", "u", "u")
        page.reload()
        press(page, "u")  # what was said before the reload
        assert current(page) == first and page.inner_text("#said") == "not decided yet"
        assert page.inner_text("#done").startswith("0 of")
        press(page, "u")
        assert page.inner_text("#status") == "Nothing to take back."
        press(page, " ")
        page.wait_for_function("media.currentTime > 0.2")
        assert page.evaluate("parseFloat(document.querySelector('.cursor').style.left)") > 0
        press(page, " ")
        assert page.evaluate("media.paused")
        page.uncheck("#keys")
        page.focus("#list")
        press(page, "a")
        assert page.inner_text("#done").startswith("0 of")
        press(page, "ArrowDown")
        assert current(page) != first
        page.focus(".track")
        press(page, "End")
        assert page.evaluate("Math.abs(media.currentTime - current.cut_s)") < 0.2  # of this event, not of the first


def test_a_label_that_was_typed_is_offered_again_and_taken_for_the_same(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        press(page, "l")
        known = page.locator("#labels button").count()
        page.fill("#other", "Barn owl")
        press(page, "Enter", "l")
        page.fill("#other", "barn_OWL")
        press(page, "Enter")
        page.reload()
        press(page, "l")
        assert page.locator("#labels button").count() == known + 1
        page.locator("#labels button", has_text="Barn owl").click()
        assert page.evaluate("[...answers.found.values()].map((answer) => answer.label)") == ["Barn owl"] * 3


def test_the_key_after_a_typed_label_is_not_taken_for_typing(made: Path, browser: Browser) -> None:
    """Before the browser draws anew, what was typed in is closed but may have the focus still."""
    with opened(browser, made / "index.html") as page:
        press(page, "l")
        page.fill("#other", "Barn owl")
        assert page.evaluate("""() => {
            find("typed").requestSubmit();
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "l", bubbles: true}));
            return find("relabelling").open;
        }""")


def test_rows_of_the_queue_say_which_site(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        rows = page.locator("#rows .where").all_inner_texts()
        events = page.evaluate("queue.events.map(({site, recording}) => [site, recording.split('/').pop()])")
        for row, (site, name) in zip(rows, events, strict=True):
            assert row.startswith(f"{site}, {name}, ")


def test_each_event_plays_as_it_comes_if_it_is_asked_for(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        page.check("#autoplay")
        page.reload()
        press(page, "j")
        page.wait_for_function("!media.paused && media.currentTime > 0")


def test_the_queue_is_sorted_and_filtered(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        sure = "queue.events.map((event) => event.mean_confidence)"
        assert page.evaluate(sure) == sorted(page.evaluate(sure))
        page.select_option("#order", "confident")
        assert page.evaluate(sure) == sorted(page.evaluate(sure), reverse=True)
        page.select_option("#order", "time")
        times = page.evaluate("queue.events.map((event) => event.at)")
        assert times == sorted(times) and any(times)
        page.select_option("#label", label="high pitched")
        assert set(page.evaluate("queue.events.map((event) => event.label)")) == {"high pitched"}
        n = page.evaluate("queue.events.length")
        page.select_option("#show", "undecided")
        page.select_option("#order", "confident")
        press(page, "a", "r")
        assert page.evaluate("queue.events.length") == n - 2 and page.locator("[role=option]").count() == n - 2
        page.select_option("#show", "decided")
        assert page.locator("[role=option]").count() == 2
        page.reload()  # the view is kept too
        assert page.input_value("#label") == "=high pitched" and page.locator("[role=option]").count() == 2


def test_two_pages_of_one_review_keep_each_others_answers(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        other = page.context.new_page()
        other.goto(page.url)
        press(page, "a", "r")
        other.wait_for_function("answers.found.size === 2")
        press(other, "j", "j", "s")
        page.wait_for_function("answers.found.size === 3")
        page.reload()  # on a busy machine what the browser keeps for both pages may reach the new one a moment later
        page.wait_for_function("find('done').textContent.startsWith('3 of')")


def test_an_export_goes_on_in_another_browser_and_one_of_another_review_does_not(
    made: Path, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, made / "index.html") as page:
        said = decide_all(page)
        export(page, tmp_path)
    with opened(browser, made / "index.html") as page:
        page.set_input_files("#import", tmp_path / "labels.csv")
        page.wait_for_function("answers.found.size === DATA.events.length")
        assert page.inner_text("#status") == f"{len(said)} answers taken over from labels.csv."
        (tmp_path / "again").mkdir()
        export(page, tmp_path / "again")
        assert (tmp_path / "again" / "labels.csv").read_bytes() == (tmp_path / "labels.csv").read_bytes()
    verdict = re.compile("accepted|rejected|relabelled|skipped")
    lines = (tmp_path / "labels.csv").read_text(encoding="utf-8").split("\n")
    head, first, second = lines[:3]
    harms = {
        "row 2 is of no event of this page": [head, first.replace("recordings", "elsewhere"), second],
        "row 3 has no known verdict: wrong": [head, first, verdict.sub("wrong", second)],
        "has no column verdict": [head.replace("verdict", "opinion"), first],
        "quotation mark": [head, '"' + first],
    }
    with opened(browser, made / "index.html") as page:
        for told, rows in harms.items():
            (tmp_path / "harmed.csv").write_text("\n".join(rows), encoding="utf-8")
            page.set_input_files("#import", tmp_path / "harmed.csv")
            page.wait_for_function("(told) => document.getElementById('status').textContent.includes(told)", arg=told)
            assert page.inner_text("#done").startswith("0 of")  # all of it or nothing


def test_names_with_markup_are_shown_and_not_run(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        asked: list[str] = []
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.select_option("#order", "time")
        seen = set()
        for _ in range(page.evaluate("queue.events.length")):
            seen.add(page.inner_text("#facts dd >> nth=0").split("/")[-1])
            press(page, "j")
        assert {"<img src=x onerror=alert(1)>.wav", "=1+2.wav", r"\xff.wav"} <= seen
        assert "<b>low & slow</b>" in page.inner_text("#list")
        press(page, "l")
        assert "<b>low & slow</b>" in page.inner_text("#labels")
        assert page.locator("img").count() == 1 and not asked


def test_where_nothing_is_kept_the_page_says_so_and_works(made: Path, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, made / "index.html") as page:
        page.add_init_script(NO_STORAGE)
        page.reload()
        assert "This browser does not keep your answers (storage is switched off)" in page.inner_text("#trouble")
        press(page, "a")
        assert list(export(page, tmp_path)["verdict"]).count("accepted") == 1


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (375, "light"), (375, "dark")])
def test_it_has_no_serious_accessibility_fault_and_fits(made: Path, browser: Browser, width: int, scheme: str) -> None:
    with opened(browser, made / "index.html", width=width, height=800, scheme=scheme) as page:
        press(page, "a", "r", "s")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        press(page, "l")
        assert faults(page) == []
        press(page, "Escape")
        for button in page.locator(".buttons button:visible").all():
            assert (button.bounding_box() or {})["height"] >= 24


def test_a_print_has_the_event_and_the_figures(made: Path, browser: Browser) -> None:
    with opened(browser, made / "index.html") as page:
        page.emulate_media(media="print")
        assert page.is_visible(".spectrogram") and page.is_visible("#precision")
        assert not page.is_visible("#list") and not page.is_visible(".buttons")
        assert len(page.pdf()) > 10_000


def test_an_event_without_sound_is_shown_with_the_reason(own: Path, by_pitch_or_none: Path, browser: Browser) -> None:
    from project_echo.review import command  # noqa: PLC0415

    (own / "recordings" / "wood" / "\udcff.wav").unlink()
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    with opened(browser, own / "review" / "index.html") as page:
        page.evaluate("visit(DATA.events.find((event) => !event.media))")
        assert "the recording cannot be read (No such file or directory)" in page.inner_text("#mute")
        assert not page.is_visible(".player")
        press(page, " ", "a")
        assert page.inner_text("#done").startswith("1 of")


def test_the_loop_closes(made: Path, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, made / "index.html") as page:
        page.select_option("#order", "time")
        press(page, "a", "r")
        export(page, tmp_path)
    collect_labels(made, tmp_path / "labels.csv", tmp_path / "corpus")
    assert len(list((tmp_path / "corpus").rglob("*.flac"))) == 2
    with pytest.raises(EchoError, match="no such event in this review"):
        table = pd.read_csv(tmp_path / "labels.csv", dtype=str, keep_default_na=False)
        table.assign(start_s="99").to_csv(tmp_path / "other.csv", index=False)
        collect_labels(made, tmp_path / "other.csv", tmp_path / "corpus")

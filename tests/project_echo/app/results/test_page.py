"""The page of results, asked for as a browser does, and used in one."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from project_echo.app.jobs.job import Job
from project_echo.app.results.event_query import read_filter
from project_echo.app.results.loaded_results import load
from project_echo.core.spreadsheets import read_table, write_table
from project_echo.models.card import card_digest
from project_echo.screening import columns
from project_echo.screening.journal import open_journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.writers import write_skipped, write_tables
from tests.browser import accessibility_violations
from tests.project_echo.app.results.test_coordinates import guano
from tests.project_echo.app.server import RunningApp, StillQueue, serve
from tests.project_echo.conftest import wait_for
from tests.project_echo.media.test_riff import wav

NAME = "May & June"
HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=1+1"
N_EVENTS = 250
PARTS = ("table", "event", "events.csv", "activity", "sites", "files", "notes", "download")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app with results of two recordings in an opened folder, one in another folder, and one that is gone."""
    folder = tmp_path_factory.mktemp("results")
    workspace = folder / "workspace"
    opened = folder / "opened"
    sound = wav(opened / "pond" / "20260501_213000.wav", guano("47.3769 8.5417"))
    other = wav(folder / "closed" / "20260502_040000.wav", guano("47.5 8.7"))
    names = [sound.as_posix(), other.as_posix(), (opened / HOSTILE / "gone.wav").as_posix(), "far/away.wav"]
    recordings = pd.DataFrame(
        {
            "recording": names,
            "site": ["pond", "closed", HOSTILE, "pond"],
            "recorded_at": ["2026-05-01T21:30:00", "2026-05-02T04:00:00", "", ""],
            "duration_s": [1800.0, 3600.0, 60.0, 60.0],
            "note": "",
            "windows": 1,
        }
    )
    rows = [(names[0], "fox", 0.1, 0.3, 0.9), (names[0], HOSTILE, 0.2, 0.4, 0.8), (names[1], FORMULA, 1.0, 2.0, 0.95)]
    rows += [(names[2], "fox", 10.0, 11.0, 0.6), (names[3], "fox", 1.0, 1000.0, 0.7)]
    rows += [(names[1], "fox", 5.0 + number, 6.0 + number, 0.5) for number in range(N_EVENTS - len(rows))]
    events = pd.DataFrame(rows, columns=["recording", "label", "start_s", "end_s", "mean_confidence"])
    labels = [FORMULA, HOSTILE, "fox", "owl"]
    results = workspace / "results" / NAME
    open_journal(results / JOURNAL, {}, resume=True)
    write_tables(events.assign(peak_confidence=0.99), recordings, labels, results)
    write_skipped([(f"{HOSTILE}.wav", "it is empty")], results)
    write_table(
        pd.DataFrame([(1, "fox", names[0], "", 0.1, 0.3, 2.0, 1.0, 0.9)], columns=list(columns.ALERTS)),
        results / "alerts.csv",
    )
    (workspace / "jobs").mkdir()
    arguments = {"recordings": [str(opened)], "model": str(workspace / "models" / "m"), "output": str(results)}
    job = {
        "number": 1,
        "action": "predict",
        "title": "Screen",
        "state": "done",
        "arguments": {**arguments, "formats": ["raven"]},
    }
    (workspace / "jobs" / "0001.json").write_text(json.dumps({**job, "messages": []}), encoding="utf-8")
    with serve(workspace, StillQueue(workspace / "jobs")) as running:
        running.context.opened.open(str(opened))
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which no script has failed."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("dialog", lambda dialog: errors.append(dialog.message))
    yield opened
    context.close()
    assert errors == []


def address(part: str = "", **query: object) -> str:
    return f"results{part}?{urlencode({'name': NAME, **query}, doseq=True)}"


def folder_of(app: RunningApp) -> Path:
    return app.context.workspace.results / NAME


def n_rows(text: str) -> int:
    return text.count('<tr><th scope="row"><a') + text.count('<tr class="chosen"')


def test_all_results_are_listed(app: RunningApp) -> None:
    text = app.get("results").text
    assert "May &amp; June" in text
    assert HOSTILE not in text
    assert f"{N_EVENTS:,} events" in text
    again = next(part for part in text.split('"') if "/screen?" in part)
    assert parse_qs(urlsplit(unescape(again)).query)["model"] == ["m"]


def test_results_that_cannot_be_read_do_not_hide_the_others(app: RunningApp) -> None:
    broken = app.context.workspace.results / "broken"
    broken.mkdir()
    (broken / "events.csv").write_text("nonsense", encoding="utf-8")
    try:
        answer = app.get("results")
        assert answer.status == 200
        assert "May &amp; June" in answer.text
        assert app.get("results?name=broken").status == 400
    finally:
        (broken / "events.csv").unlink()
        broken.rmdir()


@pytest.mark.parametrize("name", ["gone", "../workspace", "..", HOSTILE])
def test_other_names_are_refused(app: RunningApp, name: str) -> None:
    for part in (f"/{part}" for part in PARTS):
        answer = app.get(f"results{part}?{urlencode({'name': name, 'file': 'events.csv'})}")
        assert answer.status == 400, part
        assert HOSTILE not in answer.text, part


def test_a_page_of_the_table_has_a_hundred_events(app: RunningApp) -> None:
    assert n_rows(app.get(address("/table")).text) == 100
    assert n_rows(app.get(address("/table", page=3)).text) == 50
    assert app.get(address("/table", page=99)).text == app.get(address("/table", page=3)).text
    assert n_rows(app.get(address("/table", label="owl")).text) == 0


def test_without_scripts_the_address_says_all(app: RunningApp) -> None:
    text = app.get(address(label=["fox"], recording="gone", confidence_from="0.5", event=3)).text
    assert n_rows(text) == 1
    assert 'value="fox" checked' in text
    assert 'value="gone"' in text
    link = next(part for part in text.split('"') if "event=3" in part)
    chosen, problems = read_filter(_Query(parse_qs(urlsplit(unescape(link)).query)))
    assert (chosen.labels, chosen.recording, chosen.min_confidence, problems) == (("fox",), "gone", 0.5, [])


def test_what_is_not_valid_is_said_beside_the_table(app: RunningApp) -> None:
    answer = app.get(address(confidence_from=HOSTILE))
    assert answer.status == 200
    assert 'role="alert"' in answer.text
    assert HOSTILE not in answer.text


def test_only_recordings_of_opened_folders_are_played(app: RunningApp) -> None:
    playable = app.get(address("/event", event=0)).text
    assert "sounds/excerpt?" in playable
    for number in (2, 3, 4):  # in a folder that is not opened, gone, screened elsewhere
        text = app.get(address("/event", event=number)).text
        assert "sounds/" not in text
        assert 'class="notice"' in text
    rows = app.get(address("/table", sort="-confidence")).text
    assert rows.count("error problem") == 98


def test_an_event_says_what_else_is_heard(app: RunningApp) -> None:
    text = app.get(address("/event", event=0)).text
    assert 'data-event="1"' in text
    assert 'data-event="2"' not in text
    assert "2026-05-01 21:30:00" in text
    assert HOSTILE not in text
    assert app.get(address("/event", event=N_EVENTS)).status == 200


def test_long_events_are_cut(app: RunningApp) -> None:
    text = app.get(address("/event", event=4)).text
    assert "1,000.0 s" in text


def test_the_sound_of_an_event_can_be_had(app: RunningApp) -> None:
    text = unescape(app.get(address("/event", event=0)).text)
    path = next(part for part in text.split('"') if "sounds/excerpt?" in part).removeprefix(f"/{app.token}/")
    answer = app.get(path)
    assert (answer.status, answer.content[:4]) == (200, b"RIFF")


def test_the_chosen_events_are_downloaded_as_a_table(app: RunningApp, tmp_path: Path) -> None:
    answer = app.get(address("/events.csv", recording="closed", confidence_from=0.9))
    assert "attachment" in answer.headers["content-disposition"]
    (tmp_path / "events.csv").write_bytes(answer.content)
    table = read_table(tmp_path / "events.csv", {**columns.EVENTS, "site": str, "at": str}, "")
    assert list(table["label"]) == [FORMULA]
    assert b"'=1+1" in answer.content
    assert list(table["at"]) == ["2026-05-02T04:00:01"]


def test_the_last_two_results_are_in_memory(app: RunningApp) -> None:
    folder = folder_of(app)
    assert load(folder) is load(folder)
    first = load(folder)
    events = folder / "events.csv"
    events.write_bytes(events.read_bytes())
    assert load(folder) is not first


def test_activity_is_drawn_for_chosen_labels_and_sites(app: RunningApp) -> None:
    both = app.get(address("/activity")).text
    assert both.count("<figure") == 4
    one = app.get(address("/activity", label="fox", site="pond")).text
    assert one.count("<figure") == 1
    assert "1 event;" in one
    assert HOSTILE not in both
    assert app.get(address("/activity", label="fox", site=HOSTILE)).text.count("<figure") == 0


def test_sites_are_placed_by_recorders_and_by_people(app: RunningApp) -> None:
    text = app.get(address("/sites", label="fox")).text
    assert text.count("<title>") == 2 + 1  # on a wide and on a narrow map, and that of the page
    assert "47.37690, 8.54170" in text  # of the recording; the other folder is not opened
    form = {
        "name": NAME,
        "label": "fox",
        "site": ["closed", "pond"],
        "latitude": ["-33,5", ""],
        "longitude": ["151.25", ""],
    }
    saved = app.post("results/sites", form)
    assert saved.status == 303
    text = app.get(address("/sites")).text
    assert "-33.50000, 151.25000" in text
    assert text.count("<circle") > 4
    wrong = app.post("results/sites", {**form, "latitude": ["95", ""]})
    assert wrong.status == 400
    assert "closed" in wrong.text.partition('notice" role="alert"')[2].partition("</p>")[0]
    assert [f'value="{text}"' in wrong.text for text in ("95", "151.25")] == [True, True]  # as it was typed
    assert "151.25" in (folder_of(app) / "sites.csv").read_text(encoding="utf-8")
    assert 'name="latitude"' in text
    (folder_of(app) / "sites.csv").write_text("site,latitude,longitude\npond,north,8\n", encoding="utf-8")
    assert 'name="latitude"' not in app.get(address("/sites")).text  # a table with a mistake is not replaced
    (folder_of(app) / "sites.csv").unlink()


def test_exports_and_reviews_use_the_classifier_that_made_the_results(
    app: RunningApp, by_pitch: Path, by_pitch_or_none: Path
) -> None:
    """Also if its model has been trained again since. An export runs the screening again with formats added."""
    journal = folder_of(app) / ".journal" / "settings.json"
    before, models = journal.read_bytes(), app.context.workspace.models
    earlier = models / "boars-study" / "versions" / "1" / "model"
    shutil.copytree(by_pitch_or_none, models / "boars")
    journal.write_text(json.dumps({"model": card_digest(by_pitch)}), encoding="utf-8")
    form = {"name": NAME, "format": ["audacity"]}
    assert app.post("results/export", form).status == 400  # the classifier is not here
    shutil.copytree(by_pitch, earlier)
    assert app.post("results/export", form).status == 303
    job: Job = app.context.queue.all()[0]
    first = app.context.queue.get(1)
    assert first
    assert job.action == "predict"
    assert job.arguments == {**first.arguments, "model": str(earlier), "formats": ["audacity", "raven"]}
    for formats in ([], ["excel"]):
        assert app.post("results/export", {"name": NAME, "format": formats}).status == 400
    windows = unescape(app.get("review").text).partition('name="random_windows"')[2]
    assert re.search(r'value="(\d+)"', windows)[1] == "40"  # type: ignore[index]
    assert app.post("review", {"results": NAME, "random_windows": "40"}).status == 303
    job = app.context.queue.all()[0]
    assert (job.arguments["model"], job.arguments["random_windows"]) == (str(earlier), 4)  # there are no more
    journal.write_bytes(before)


def test_exports_are_downloaded(app: RunningApp) -> None:
    folder = folder_of(app)
    (folder / "raven" / "pond").mkdir(parents=True)
    (folder / "raven" / "pond" / "a.txt").write_text("Selection", encoding="utf-8")
    (folder / "kaleidoscope").mkdir()
    (folder / "kaleidoscope" / "kaleidoscope.csv").write_text("INDIR", encoding="utf-8")
    with zipfile.ZipFile(io.BytesIO(app.get(address("/download", file="raven")).content)) as archive:
        assert archive.namelist() == ["pond/a.txt"]
    assert app.get(address("/download", file="kaleidoscope")).content == b"INDIR"
    assert app.get(address("/download", file="events.csv")).content == (folder / "events.csv").read_bytes()
    for file in ("audacity", ".journal/settings.json", "../../opened.json", ""):
        assert app.get(address("/download", file=file)).status == 404
    (folder / "raven" / "pond" / "b.txt").symlink_to("/etc/hostname")
    assert app.get(address("/download", file="raven")).status == 403


def test_results_of_elsewhere_say_how_to_export_them(app: RunningApp) -> None:
    text = app.get(address("/files")).text
    assert 'action="' in text
    other = app.context.workspace.results / "copied"
    other.symlink_to(folder_of(app))
    try:
        text = app.get("results/files?name=copied").text
        assert "results/export" not in text
        assert "project-echo predict" in text
        assert app.post("results/export", {"name": "copied", "format": ["raven"]}).status == 400
    finally:
        other.unlink()


def test_skipped_recordings_and_alerts_are_listed(app: RunningApp) -> None:
    text = app.get(address("/notes")).text
    assert "it is empty" in text
    assert HOSTILE not in text
    assert "<td>fox</td>" in text


def test_pages_are_accessible_and_fit_a_phone(app: RunningApp, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    for part in ("", "/activity", "/sites", "/files", "/notes"):
        page.goto(app.url + address(part, recording="opened", event=0))
        assert accessibility_violations(page) == [], part
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), part


def test_the_table_follows_while_typing_and_a_reload_shows_the_same(app: RunningApp, page: Page) -> None:
    page.goto(app.url + address())
    page.locator("#recording").press_sequentially("gone")
    expect(page.locator("#event-table tbody tr")).to_have_count(1)
    page.locator("#sort").select_option("-confidence")
    page.wait_for_url("**sort=-confidence**")
    shown = page.locator("#event-count").inner_text()
    page.reload()
    expect(page.locator("#event-table tbody tr")).to_have_count(1)
    assert page.locator("#event-count").inner_text() == shown
    assert page.input_value("#recording") == "gone"


def test_arrows_go_through_the_events_and_enter_shows_one(app: RunningApp, page: Page) -> None:
    page.goto(app.url + address(recording="pond"))
    link = page.locator("#event-table a[data-event]").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#event-panel .player")).to_be_visible()
    assert "event=0" in page.url
    page.set_viewport_size({"width": 1100, "height": 900})  # all columns are seen beside the event
    assert page.locator("#event-table .scroll").evaluate("table => table.scrollWidth <= table.clientWidth")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#event-panel h2")).to_have_text(HOSTILE)
    expect(page.locator("tr.chosen")).to_have_count(1)
    assert page.evaluate("document.activeElement.dataset.event") == "1"
    page.wait_for_url("**event=1")
    page.reload()
    expect(page.locator("#event-panel h2")).to_have_text(HOSTILE)
    page.get_by_role("button", name="Previous").click()
    expect(page.locator("#event-panel h2")).to_have_text("fox")
    wait_for(lambda: page.evaluate("document.querySelector('#event-panel audio').readyState > 0"))
    wait_for(lambda: page.evaluate("document.querySelector('#event-panel .spectrogram').naturalWidth > 0"))
    page.locator("tr.chosen a").focus()
    page.keyboard.press(" ")
    wait_for(lambda: page.evaluate("document.querySelector('#event-panel audio').currentTime > 0"))


class _Query(dict[str, list[str]]):
    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])

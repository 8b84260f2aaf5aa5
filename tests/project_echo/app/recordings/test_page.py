"""The page of recordings: opened folders, what they contain and what is wrong with it, choosing one, and listening."""

import html
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from project_echo.app.addresses import address_of
from project_echo.app.recordings import contents
from project_echo.app.recordings import page as recordings
from project_echo.app.recordings.contents import glance, read_contents
from project_echo.app.recordings.folder_picker import list_folders
from project_echo.app.recordings.surveys import OUTSIDE, Survey
from project_echo.app.sounds import excerpts
from project_echo.app.sounds.headers import read_header
from tests.browser import accessibility_violations
from tests.project_echo.app.server import RunningApp, serve
from tests.project_echo.conftest import wait_for
from tests.sounds import encode, hiss, mel_spectrogram, tone, write_wav

RATE = 8000
HOSTILE = ["<b>'q' & \"dq\".wav", "new\nline.wav", "ü ö.wav"]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on which one can train, with files that are wrong. Read only."""
    folder = tmp_path_factory.mktemp("labelled")
    names = [f"fox/{name}" for name in (*HOSTILE, "den/1.wav", "den/2.wav")]
    names += [f"none/rain/{number}.wav" for number in range(3)] + ["unseen/1.wav"]
    for number, name in enumerate(names):
        write_wav(folder / name, hiss(1, RATE) * (1 - number / 20), RATE)
    whole = write_wav(folder / "fox/cut.wav", tone(500, 2, RATE), RATE).read_bytes()
    (folder / "fox/cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "fox/broken.mp3").write_bytes(b"no sound")
    (folder / "fox/empty.wav").touch()
    return folder


@pytest.fixture(scope="module")
def field_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of two sites, one of them 130 s long. Read only."""
    folder = tmp_path_factory.mktemp("field")
    for name, seconds in (("pond/20240501_213000.wav", 130), ("pond/20240502_213000.wav", 1), ("wood/x.wav", 1)):
        write_wav(folder / name, tone(500, seconds, RATE), RATE)
    return folder


@pytest.fixture(scope="module")
def app(labelled: Path, field_recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app that has opened both."""
    with pytest.MonkeyPatch.context() as patch, serve(tmp_path_factory.mktemp("app") / "workspace") as app:
        patch.setattr(excerpts, "_mel_spectrogram", mel_spectrogram)  # librosa takes seconds to import
        app.context.opened.open(str(labelled))
        app.context.opened.open(str(field_recordings))
        yield app


def address(endpoint: str, path: Path, **query: object) -> str:
    return f"{endpoint}?{urlencode({'path': address_of(path), **query})}"


def surveyed(folder: Path, kind: str = "labels") -> Survey:
    survey = Survey(folder, read_contents(folder, kind), lambda path: True)  # type: ignore[arg-type]
    survey.wait()
    return survey


def listed(page: str) -> list[str]:
    """The recordings in the table of a page."""
    return [html.unescape(name) for name in re.findall(r'aria-label="Listen to (.*?)"', page, re.DOTALL)]


def test_contents_by_label(labelled: Path) -> None:
    contents = read_contents(labelled, "labels")
    assert [(group.name, group.recordings, group.sources, group.is_learned) for group in contents.groups] == [
        ("fox", 7, 6, True),  # the two in den/ are of one source
        ("none/rain", 3, 3, True),
        ("unseen", 1, 1, False),
    ]
    assert [name for name, _ in contents.skipped] == ["fox/empty.wav"]


def test_survey_finds_lengths_and_faults(labelled: Path) -> None:
    state = surveyed(labelled).ask()
    assert state.refusal == ""
    assert any("fox (6)" in hint for hint in state.hints)
    assert state.seconds == {"fox": pytest.approx(6, abs=0.01), "none/rain": 3, "unseen": 1}
    reasons = dict(state.faults)
    assert sorted(reasons) == ["fox/broken.mp3", "fox/cut.wav"]
    assert "truncated" in reasons["fox/cut.wav"]


def test_survey_says_why_training_is_refused(tmp_path: Path) -> None:
    for name in ("fox/1.wav", "fox/2.wav", "owl/1.wav", "owl/2.wav", "owl/3.wav"):
        write_wav(tmp_path / name, hiss(0.1) * (1 - len(list(tmp_path.rglob("*.wav"))) / 10))
    assert "fox has 2 sources" in surveyed(tmp_path).ask().refusal


def test_survey_passes_over_links_out_of_opened_folders(labelled: Path) -> None:
    survey = Survey(labelled, read_contents(labelled, "labels"), lambda path: path.name != "1.wav")
    assert {name for name, reason in survey.wait().faults if reason == OUTSIDE} == {
        "fox/den/1.wav",
        "none/rain/1.wav",
        "unseen/1.wav",
    }


def test_contents_follow_the_folder(tmp_path: Path) -> None:
    write_wav(tmp_path / "fox/1.wav", hiss(0.1))
    assert len(read_contents(tmp_path, "labels").items) == 1
    write_wav(tmp_path / "fox/2.wav", hiss(0.1))
    assert len(read_contents(tmp_path, "labels").items) == 2


def test_a_large_folder_is_read_once_for_all_who_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def slow_names(folder: Path) -> int:
        looks.append(folder)
        time.sleep(0.02)
        return 1

    monkeypatch.setattr(contents, "_names", slow_names)
    monkeypatch.setattr(contents, "QUICK_S", 0.01)
    write_wav(tmp_path / "fox/1.wav", hiss(0.1))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_contents(tmp_path, "labels"), range(8)))
    assert looks == [tmp_path]
    assert all(each is found[0] for each in found)


def test_kind_is_told_by_names(labelled: Path, field_recordings: Path, tmp_path: Path) -> None:
    assert (glance(labelled).kind, glance(labelled).labels) == ("labels", 1)
    assert (glance(field_recordings).kind, glance(field_recordings).recordings) == ("field", 3)
    (tmp_path / "a.wav").touch()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.wav").touch()
    assert glance(tmp_path) == glance(tmp_path, budget_s=10)
    assert (glance(tmp_path).kind, glance(tmp_path).recordings, glance(tmp_path).is_complete) == ("field", 1, True)


def test_headers(field_recordings: Path, tmp_path: Path) -> None:
    header = read_header(field_recordings / "pond/20240501_213000.wav")
    assert header.duration_s == 130
    assert f"{header.recorded:%Y-%m-%d %H:%M}" == "2024-05-01 21:30"
    assert read_header(encode(tmp_path / "a.mp3", tone(500, 2))).duration_s == pytest.approx(2, abs=0.1)
    assert read_header(tmp_path / "gone.wav").problem


def test_empty_start_explains_itself(running_app: RunningApp) -> None:
    page = running_app.get("recordings").text
    assert "<pre" in page
    assert "none" in page
    assert 'name="folder"' in page


def test_open_and_close(running_app: RunningApp, tmp_path: Path) -> None:
    folder = tmp_path / "with\nnew line & <b>"
    write_wav(folder / "a.wav", hiss(0.1))
    opened = running_app.post(address("recordings/open", folder))
    assert opened.status == 303
    assert running_app.context.opened.all() == [folder]
    shown = running_app.request("GET", opened.headers["location"])
    assert (shown.status, listed(shown.text)) == (200, ["a.wav"])
    card = running_app.get("recordings").text
    assert "1 field recording" in card
    assert "<b>" not in card
    assert running_app.post(address("recordings/close", folder)).status == 303
    assert running_app.context.opened.all() == []
    assert running_app.get(address("recordings/folder", folder)).status == 403


def test_opening_what_is_no_folder(running_app: RunningApp, tmp_path: Path) -> None:
    for text in (str(tmp_path / "gone"), "", "a\0b"):
        assert running_app.post("recordings/open", {"folder": text}).status == 400
    assert running_app.context.opened.all() == []


def test_folder_that_is_gone(running_app: RunningApp, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    running_app.context.opened.open(str(folder))
    folder.rmdir()
    assert running_app.get("recordings").status == 200
    assert running_app.get(address("recordings/folder", folder)).status == 400


@pytest.mark.parametrize("endpoint", ["recordings/folder", "recordings/rows", "recordings/state"])
def test_other_folders_are_refused(endpoint: str, app: RunningApp, labelled: Path, tmp_path: Path) -> None:
    for path in (tmp_path, labelled / "..", Path("/"), Path("relative"), Path("/\0")):
        assert app.get(address(endpoint, path)).status == 403
    link = app.context.workspace.folder / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path)
    assert app.get(address(endpoint, link)).status == 403


def test_folder_page_lists_labels_and_recordings(app: RunningApp, labelled: Path) -> None:
    page = app.get(address("recordings/folder", labelled)).text
    assert [name for name in listed(page) if "den" not in name][:5] == [
        "fox/<b>'q' & \"dq\".wav",
        "fox/broken.mp3",
        "fox/cut.wav",
        "fox/new\nline.wav",
        "fox/ü ö.wav",
    ]
    assert "<b>" not in page
    rain = app.get(address("recordings/folder", labelled, group="none/rain")).text
    assert listed(rain) == [f"none/rain/{number}.wav" for number in range(3)]
    assert listed(app.get(address("recordings/folder", labelled, group="no such label")).text) == []
    assert "none/rain" in app.get(address("recordings/folder", labelled, **{"as": "field"})).text


def test_field_recordings_have_sites_and_times(app: RunningApp, field_recordings: Path) -> None:
    page = app.get(address("recordings/folder", field_recordings)).text
    assert "2024-05-01 21:30" in page
    assert "2 min 10 s" in page
    pond = app.get(address("recordings/rows", field_recordings, group="pond")).text
    assert listed(pond) == ["pond/20240501_213000.wav", "pond/20240502_213000.wav"]


def test_pages(app: RunningApp, labelled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "ROWS", 4)
    everything = listed(app.get(address("recordings/rows", labelled, p=1)).text)
    assert len(everything) == 4
    for number in (2, 3):
        everything += listed(app.get(address("recordings/rows", labelled, p=number)).text)
    assert everything == [item.name for item in read_contents(labelled, "labels").items]
    last = app.get(address("recordings/rows", labelled, p=99)).text
    assert listed(last) == everything[8:]
    for wrong in ("0", "-1", "x"):
        assert listed(app.get(address("recordings/rows", labelled, p=wrong)).text) == everything[:4]


def test_headers_that_take_long_follow(app: RunningApp, labelled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = address("recordings/rows", labelled)
    monkeypatch.setattr(recordings, "HEADERS_S", -1.0)
    assert "data-done" not in app.get(rows).text
    assert "data-source" in app.get(address("recordings/folder", labelled)).text
    monkeypatch.setattr(recordings, "HEADERS_S", 60.0)
    assert "data-done" in app.get(rows).text


def test_state_ends(app: RunningApp, labelled: Path) -> None:
    state = address("recordings/state", labelled)
    wait_for(lambda: "data-done" in app.get(state).text)
    page = app.get(state).text
    assert "fox/broken.mp3" in page
    assert "fox/empty.wav" in page


def test_names_of_folders_only(tmp_path: Path) -> None:
    for name in ("b", "A", ".hidden", "$RECYCLE.BIN"):
        (tmp_path / name).mkdir()
    for name in ("1.wav", "2.MP3", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    listing = list_folders(tmp_path)
    assert (listing.folders, listing.recordings, listing.problem) == (["A", "b"], 2, "")


def test_choosing_a_folder(app: RunningApp, tmp_path: Path) -> None:
    for number in range(450):
        (tmp_path / f"folder {number:03} <b>").mkdir()
    first = app.get(f"recordings/choose?{urlencode({'at': tmp_path})}").text
    assert first.count(">folder 1") == 100
    assert "folder 200" not in first
    assert "<b>" not in first
    assert "folder 449" in app.get(f"recordings/choose?{urlencode({'at': tmp_path, 'p': 3})}").text
    found = app.get(f"recordings/choose?{urlencode({'at': tmp_path, 'find': 'ER 44'})}").text
    assert found.count(">folder 44") == 10
    assert "folder 339" not in found


def test_choosing_starts_at_home(app: RunningApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Recordings of mine").mkdir()
    assert "Recordings of mine" in app.get("recordings/choose").text


@pytest.mark.parametrize("at", ["gone", "a\0b", "file.wav"])
def test_choosing_what_cannot_be_listed(at: str, app: RunningApp, tmp_path: Path) -> None:
    (tmp_path / "file.wav").touch()
    answer = app.get(f"recordings/choose?{urlencode({'at': f'{tmp_path}/{at}'})}")
    assert answer.status == 200
    assert 'role="alert"' in answer.text
    assert "Open this folder" not in answer.text


@pytest.mark.skipif(sys.platform != "linux", reason="only there are names bytes")
def test_a_folder_whose_name_is_not_utf_8_is_shown_but_not_opened(running_app: RunningApp, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    running_app.context.opened.open(str(tmp_path))
    assert running_app.post(address("recordings/open", folder)).status == 400
    assert r"\xff" in running_app.get(address("recordings/folder", folder)).text
    assert running_app.get("recordings").status == 200


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read")
def test_choosing_without_permission(app: RunningApp, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    answer = app.get(f"recordings/choose?{urlencode({'at': tmp_path / 'closed'})}")
    assert "permission" in answer.text


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that nothing but the app can be reached from."""
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        yield context.new_page()


def listen(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=f"Listen to {name}")


def position_s(page: Page) -> float:
    return float(page.evaluate("document.querySelector('.dock audio')?.currentTime ?? -1"))


def test_listening_in_the_browser(app: RunningApp, field_recordings: Path, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(app.url + address("recordings/folder", field_recordings))
    dock = page.get_by_role("region", name="Player")
    listen(page, "pond/20240501_213000.wav").press(" ")
    expect(dock.locator(".bar")).to_contain_text("0:00 to 1:00 of 2:10, 2024-05-01 21:30:00")
    wait_for(lambda: position_s(page) > 0)
    page.keyboard.press(" ")
    assert page.evaluate("document.querySelector('.dock audio').paused")
    page.evaluate("document.querySelector('.dock audio').currentTime = 40")
    wait_for(lambda: position_s(page) >= 40)
    assert not accessibility_violations(page)

    dock.get_by_role("link", name="Later").click()
    expect(dock.locator(".bar")).to_contain_text("1:00 to 2:00 of 2:10, 2024-05-01 21:31:00")
    dock.get_by_role("slider", name="Position in the whole recording").fill("120")
    expect(dock.locator(".bar")).to_contain_text("2:00 to 2:10")
    expect(dock.get_by_role("link", name="Later")).to_have_count(0)

    listen(page, "pond/20240501_213000.wav").press("ArrowDown")
    expect(listen(page, "pond/20240502_213000.wav")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dock.locator(".bar")).to_contain_text("20240502_213000.wav")
    page.keyboard.press("Escape")
    expect(dock).to_be_hidden()
    expect(listen(page, "pond/20240502_213000.wav")).to_be_focused()
    assert errors == []


def test_hostile_names_and_broken_files_in_the_browser(app: RunningApp, labelled: Path, page: Page) -> None:
    page.goto(app.url + address("recordings/folder", labelled))
    dock = page.get_by_role("region", name="Player")
    for name in HOSTILE:
        page.locator("a.listen").nth(
            [item.path.name for item in read_contents(labelled, "labels").items].index(name)
        ).click()
        expect(dock.locator(".sound")).to_have_attribute("data-title", name)
        expect(dock.locator("audio")).to_have_count(1)
    assert page.locator("b").count() == 0
    listen(page, "fox/broken.mp3").click()
    expect(dock.get_by_role("alert")).to_contain_text("broken.mp3")
    assert not accessibility_violations(page)
    listen(page, "fox/ü ö.wav").click()
    expect(dock.locator("audio")).to_have_count(1)

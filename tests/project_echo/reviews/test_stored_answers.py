"""Answers on disk: what is stored, what is refused, and the page that an app serves."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table
from project_echo.reviews import exchange
from project_echo.reviews.stored_answers import append_changes, check_changes, embed_changes, read_changes
from project_echo.reviews.stored_labels import label_table, read_page_data, write_labels
from tests.project_echo.reviews.answer_server import AnswerServer
from tests.project_echo.reviews.conftest import press
from tests.project_echo.reviews.test_exchange import decide_all

EVENT, OTHER = "0123456789abcdef", "fedcba9876543210"
ACCEPTED = {"verdict": "accepted", "label": "owl", "sequence": 1}
EXPORT = "exportAnswers(DATA.events, answers, DATA.columns)"
ALL_STORED = "store.unsaved === 0"
WARNS = """() => {
  const leaving = new Event("beforeunload", {cancelable: true});
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


def body(*changes: object) -> bytes:
    return json.dumps(changes).encode()


def stored(path: Path) -> list[dict[str, object]]:
    return [change.model_dump(exclude_unset=True) for change in read_changes(path)]


def test_the_last_change_of_each_event_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    assert read_changes(path) == []
    skipped = {"event": EVENT, "answer": {"verdict": "skipped", "label": "", "sequence": 2, "previous": ACCEPTED}}
    noted = {"event": EVENT, "note": "line\nsecond \u2028 </script>"}
    append_changes(path, check_changes(body({"event": EVENT, "answer": ACCEPTED}, noted)))
    append_changes(path, check_changes(body(skipped, {"event": OTHER, "answer": ACCEPTED})))
    append_changes(path, check_changes(body({"event": OTHER, "answer": None}, {"event": OTHER, "note": ""})))
    assert sorted(stored(path), key=str) == sorted([skipped, noted], key=str)
    assert len(path.read_bytes().splitlines()) == 6
    page = embed_changes("<head></head><body></body>", read_changes(path))
    assert page.index("stored-answers") < page.index("</head>") and page.count("</script>") == 1


def test_a_half_line_is_ignored_and_replaced_and_a_damaged_one_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    first, second = ({"event": event, "answer": ACCEPTED} for event in (EVENT, OTHER))
    append_changes(path, check_changes(body(first)))
    whole = path.read_bytes()
    for half in (whole[:1], whole[:-1], b"\xff"):
        path.write_bytes(whole + half)
        assert stored(path) == [first]
        append_changes(path, check_changes(body(second)))
        assert stored(path) == [first, second]
    path.write_bytes(whole[:-1])
    append_changes(path, check_changes(body(second)))
    assert stored(path) == [second]
    path.write_bytes(whole + whole[5:] + whole)
    with pytest.raises(EchoError, match="line 2"):
        read_changes(path)
    with pytest.raises(EchoError, match="missing"):
        append_changes(tmp_path / "missing" / "answers.jsonl", [])


@pytest.mark.parametrize(
    "change",
    [
        {"event": EVENT},
        {"event": EVENT, "note": 1},
        {"event": EVENT, "note": "a", "answer": None},
        {"event": EVENT, "note": "a" * 10_001},
        {"event": f"{EVENT}\n", "note": "a"},
        {"event": "../answers", "note": "a"},
        {"event": EVENT, "answer": {**ACCEPTED, "verdict": ""}},
        {"event": EVENT, "answer": {**ACCEPTED, "verdict": "wrong"}},
        {"event": EVENT, "answer": {**ACCEPTED, "label": "a\nb"}},
        {"event": EVENT, "answer": {**ACCEPTED, "label": "a\u2028b"}},
        {"event": EVENT, "answer": {**ACCEPTED, "label": "a" * 2001}},
        {"event": EVENT, "answer": {**ACCEPTED, "label": "\ud800"}},
        {"event": EVENT, "answer": {**ACCEPTED, "sequence": "1"}},
        {"event": EVENT, "answer": {**ACCEPTED, "sequence": 0}},
        {"event": EVENT, "answer": {**ACCEPTED, "previous": {**ACCEPTED, "verdict": "wrong"}}},
        {"event": EVENT, "answer": {**ACCEPTED, "path": "a"}},
        "text",
    ],
)
def test_wrong_changes_are_refused(change: object) -> None:
    with pytest.raises(EchoError):
        check_changes(body({"event": OTHER, "answer": ACCEPTED}, change))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"{}", b"[" * 5000, b" " * 200_001, b'[{"a":NaN}]'])
def test_what_is_no_list_of_changes_is_refused(content: bytes) -> None:
    with pytest.raises(EchoError):
        check_changes(content)


@pytest.fixture
def server(review_folder: Path, tmp_path: Path) -> Iterator[AnswerServer]:
    running = AnswerServer(review_folder, tmp_path / "answers.jsonl")
    yield running
    running.answering.set()
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    problems: list[object] = []
    opened.on("weberror", lambda problem: problems.append(problem.error))
    yield opened
    opened.close()
    assert problems == []


def open_review(context: BrowserContext, server: AnswerServer) -> Page:
    page = context.new_page()
    page.goto(server.url)
    return page


def test_answers_are_on_disk_and_exported_as_by_the_page(
    server: AnswerServer, context: BrowserContext, browser: Browser, review_folder: Path, tmp_path: Path
) -> None:
    page = open_review(context, server)
    n = len(decide_all(page))
    press(page, "u")
    page.fill("#note", "=1+2")
    page.evaluate("goTo(DATA.events[0])")
    page.fill("#note", 'two\nlines, "quoted", </script>')
    page.wait_for_function(ALL_STORED)
    assert (
        page.evaluate("Object.keys(localStorage).filter((key) => DATA.events.some(({id}) => key.includes(id)))") == []
    )
    assert page.inner_text("#saved-where") != "in this browser" and not page.is_visible("#storage-error")
    labels, folder = tmp_path / "labels.csv", tmp_path / "search"
    table = write_labels(review_folder / "index.html", read_changes(server.stored), labels)
    assert labels.read_bytes().decode() == page.evaluate(EXPORT)
    assert (table["verdict"] != "").sum() == n - 1 and (table["note"] != "").sum() == 2
    pd.testing.assert_frame_equal(read_table(labels, exchange.COLUMNS, ""), table)
    # The same as a search, whose page is that of a review.
    folder.mkdir()
    html = (review_folder / "index.html").read_text(encoding="utf-8")
    (folder / "index.html").write_text(html.replace('"searched": false', '"searched": true'), encoding="utf-8")
    searched = write_labels(folder / "index.html", read_changes(server.stored), labels)
    assert searched["peak_confidence"].isna().all()
    page.evaluate("DATA.searched = true")
    assert labels.read_bytes().decode() == page.evaluate(EXPORT)
    # Another browser starts from the same answers, and can undo them.
    other = browser.new_context()
    again = open_review(other, server)
    assert again.inner_text("#decided-count").startswith(f"{n - 1} of")
    press(again, "u")
    again.wait_for_function(ALL_STORED)
    other.close()
    assert sum("answer" in change for change in stored(server.stored)) == n - 2


def test_answers_of_other_results_are_left_out(review_folder: Path, tmp_path: Path) -> None:
    changes = check_changes(body({"event": EVENT, "answer": ACCEPTED}, {"event": EVENT, "note": "a"}))
    table = write_labels(review_folder / "index.html", changes, tmp_path / "labels.csv")
    assert len(table) and (table[["verdict", "reviewed_label", "note"]] == "").all(axis=None)
    with pytest.raises(EchoError, match=r"events\.csv"):
        write_labels(review_folder / "events.csv", changes, tmp_path / "labels.csv")


def test_two_tabs_share_their_answers(server: AnswerServer, context: BrowserContext) -> None:
    page, second = open_review(context, server), open_review(context, server)
    press(page, "a", "r", "0")
    page.fill("#note", "heard twice")
    second.wait_for_function("answers.byEvent.size === 2 && answers.notes.size === 1")
    assert second.inner_text("#decided-count").startswith("2 of")
    press(second, "u", "j", "s", "j", "s")
    page.wait_for_function("answers.byEvent.size === 3")
    for tab in (page, second):
        tab.wait_for_function(ALL_STORED)
    exported = second.evaluate(EXPORT)
    page.reload()
    assert page.evaluate(EXPORT) == exported


def test_answers_of_an_old_tab_are_taken_to_another_address(
    server: AnswerServer, context: BrowserContext, tmp_path: Path
) -> None:
    """As the page says: an app that is started again has another address."""
    page = open_review(context, server)
    press(page, "s")
    page.wait_for_function(ALL_STORED)
    server.stop()
    press(page, "a")
    page.wait_for_selector("#storage-error-remedy:visible")
    assert page.inner_text("#storage-error-remedy") != page.evaluate("EXPORT_FIRST")
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "labels.csv")
    again = AnswerServer(server.review, server.stored)
    other = open_review(context, again)
    other.set_input_files("#import", tmp_path / "labels.csv")
    exported = page.evaluate(EXPORT)
    other.wait_for_function(f"exported => {EXPORT} === exported && {ALL_STORED}", arg=exported)
    other.reload()
    assert other.evaluate(EXPORT) == exported
    again.stop()
    server.start()  # for the end of the test


def test_nothing_is_lost_while_the_server_is_stopped(server: AnswerServer, context: BrowserContext) -> None:
    page = open_review(context, server)
    press(page, "s")
    page.wait_for_function(ALL_STORED)
    assert not page.evaluate(WARNS)
    server.stop()
    press(page, "a", "u", "s", "u", "a")
    page.wait_for_selector("#storage-error:visible")
    assert page.evaluate(WARNS) and str(page.evaluate("store.unsaved")) in page.inner_text("#storage-error")
    before = len(server.stored.read_text().splitlines())
    server.start()
    page.wait_for_function(ALL_STORED)
    assert not page.is_visible("#storage-error") and not page.evaluate(WARNS)
    lines = [json.loads(line)["answer"] for line in server.stored.read_text().splitlines()[before:]]
    assert [line and line["verdict"] for line in lines] == ["accepted", None, "skipped", None, "accepted"]


def test_one_request_is_under_way_at_a_time(server: AnswerServer, context: BrowserContext) -> None:
    page = open_review(context, server)
    server.answering.clear()
    press(page, "a")
    page.wait_for_function("store.nSending === 1")
    press(page, "u", "s")
    page.fill("#note", "a")
    page.fill("#note", "ab")  # a note that is being typed is sent once
    assert page.evaluate(WARNS) and not page.is_visible("#storage-error")
    server.answering.set()
    page.wait_for_function(ALL_STORED)
    assert [len(json.loads(sent)) for sent in server.bodies] == [1, 3]
    server.answering.clear()
    press(page, "Escape", "a")
    page.wait_for_function("store.nSending === 1")
    press(page, "a")
    page.close()  # what was waiting is sent, too
    server.answering.set()
    for _ in range(100):
        if len(stored(server.stored)) == 4:
            break
        sleep(0.02)
    assert len(stored(server.stored)) == 4


def test_a_refused_change_is_told_and_keeps_no_other_back(server: AnswerServer, context: BrowserContext) -> None:
    page = open_review(context, server)
    page.evaluate("""() => {
      answers.add(DATA.events[0], "skipped", "");
      answers.setNote(DATA.events[1], "a".repeat(10_001));
      answers.add(DATA.events[2], "skipped", "");
    }""")
    page.wait_for_function("store.waiting.length === 0")
    assert page.is_visible("#storage-error") and page.evaluate(WARNS)
    assert len(stored(server.stored)) == 2
    page.evaluate("answers.setNote(DATA.events[1], 'a')")
    page.wait_for_function(ALL_STORED)
    assert not page.is_visible("#storage-error") and len(stored(server.stored)) == 3


def test_a_large_import_is_sent_in_parts(server: AnswerServer, context: BrowserContext, tmp_path: Path) -> None:
    page = open_review(context, server)
    page.evaluate("""() => {
      for (const event of DATA.events) answers.add(event, "accepted", event.label);
      for (const event of DATA.events) answers.setNote(event, "noted ".repeat(500));
    }""")
    page.wait_for_function(ALL_STORED)
    (tmp_path / "labels.csv").write_bytes(page.evaluate(EXPORT).encode())
    server.stored.unlink()
    page.reload()
    server.bodies.clear()
    page.set_input_files("#import", tmp_path / "labels.csv")
    page.wait_for_function("answers.notes.size === DATA.events.length && store.unsaved === 0")
    write_labels(server.review / "index.html", read_changes(server.stored), tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "labels.csv").read_bytes()
    assert len(server.bodies) > 1 and max(map(len, server.bodies)) < 10_100


def test_the_page_of_an_earlier_version_has_the_columns_of_its_own_table(review_folder: Path) -> None:
    data = read_page_data(review_folder / "index.html")
    data["columns"] = [name for name in data["columns"] if name != "model"]
    for event in data["events"]:
        del event["model"]
    table = label_table(data, [])
    assert list(table) == data["columns"]
    assert not (table == "nan").any(axis=None)

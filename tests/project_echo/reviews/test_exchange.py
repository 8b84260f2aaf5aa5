"""Tables between page and corpus: answers survive a reload, an export, an import, and become a corpus."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Error, Page

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table, unescape_formulas
from project_echo.reviews import exchange
from project_echo.reviews.collect_labels import collect_labels
from tests.project_echo.reviews.conftest import press, reload, reload_empty

FORMULA = '=HYPERLINK("x"), "owl"'
N_ANSWERS = "answers.byEvent.size"


def export(page: Page, path: Path) -> pd.DataFrame:
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(path)
    return read_table(path, exchange.COLUMNS, "")


def decide_all(page: Page) -> dict[int, tuple[str, str]]:
    """Answer every event, by keys and by clicks; (verdict, label) by the number of the event."""
    labels = [label["label"] for label in page.evaluate("DATA.labels")]
    answers: dict[int, tuple[str, str]] = {}
    actions = ["accept", "background", "relabel", "skip", "type", "click", "not", "both"]
    for index in range(int(page.evaluate("DATA.events.length"))):
        event, label = page.evaluate("[current.event, current.label]")
        action = actions[index % len(actions)]
        other = next(name for name in labels if name != label)
        answers[event] = {
            "accept": ("accepted", label),
            "click": ("accepted", label),
            "both": ("accepted", f"{label}|{other}"),
            "relabel": ("relabelled", other),
            "type": ("relabelled", FORMULA),
            "not": ("not_this_label", ""),
            "background": ("rejected", "none"),
            "skip": ("skipped", ""),
        }[action]
        if action == "relabel":
            press(page, "r", "1", "Enter")
        elif action == "both":
            press(page, "m")
            page.keyboard.type(other[:3])
            press(page, "Enter")
        elif action == "type":
            press(page, "l")
            page.keyboard.type(FORMULA)
            press(page, "Enter")
        elif action == "click":
            page.click("button[data-key=a]")
        else:
            press(page, *{"accept": ["a"], "background": ["r", "0"], "not": ["r", "Enter"], "skip": ["s"]}[action])
    return answers


def test_answers_survive_a_reload_and_are_exported(page: Page, review_folder: Path, tmp_path: Path) -> None:
    answers = decide_all(page)
    n = len(answers)
    reload(page)
    assert page.inner_text("#decided-count").startswith(f"{n} of {n}")
    table = export(page, tmp_path / "labels.csv")
    pairs = zip(table["verdict"], table["reviewed_label"], strict=True)
    assert dict(zip(table["event"].astype(int), pairs, strict=True)) == answers
    events = read_table(review_folder / "events.csv", exchange.COLUMNS, "")
    facts = [*exchange.FACTS, "media"]
    pd.testing.assert_frame_equal(table[facts], events[facts])
    raw = (tmp_path / "labels.csv").read_bytes()
    assert raw.count(b"\r\n") == n + 1 and b",=" not in raw and b"\n=" not in raw  # RFC 4180, and no formula
    plain = pd.read_csv(tmp_path / "labels.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(unescape_formulas(plain)[["recording"]], events[["recording"]])


def test_an_export_can_be_imported_in_another_browser(page: Page, tmp_path: Path) -> None:
    n = len(decide_all(page))
    export(page, tmp_path / "labels.csv")
    reload_empty(page)
    assert page.evaluate(N_ANSWERS) == 0
    page.set_input_files("#import", tmp_path / "labels.csv")
    page.wait_for_function(f"{N_ANSWERS} === DATA.events.length")
    assert all(fact in page.inner_text("#status") for fact in (f"{n} answers", "labels.csv"))
    export(page, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "labels.csv").read_bytes()


def test_an_unusable_import_changes_nothing_and_says_where(page: Page, tmp_path: Path) -> None:
    press(page, "a", "r", "0")
    export(page, tmp_path / "labels.csv")
    reload_empty(page)
    head, *rows = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()
    verdict = re.compile("accepted|rejected")
    first, second = [row for row in rows if verdict.search(row)]
    for facts, lines in (
        (["row 2"], [head, first.replace("recordings", "elsewhere"), second]),
        (["row 3", "wrong"], [head, first, verdict.sub("wrong", second)]),
        (["verdict"], [head.replace("verdict", "opinion"), first]),
        (["quotation mark", "row 2"], [head, '"' + first]),
    ):
        (tmp_path / "changed.csv").write_text("\n".join(lines), encoding="utf-8")
        page.evaluate("announce('')")
        page.set_input_files("#import", tmp_path / "changed.csv")
        page.wait_for_function("document.getElementById('status').textContent.includes('changed.csv')")
        assert [fact for fact in facts if fact not in page.inner_text("#status")] == []
        assert page.evaluate(N_ANSWERS) == 0  # not even the rows before


def test_an_import_tells_an_event_from_a_random_window_of_the_same_seconds(page: Page) -> None:
    imported = """([verdict, label]) => {
        const [event] = DATA.events;
        const events = [event, {...event, event: 99, sample: "random"}];
        const given = {get: ({sample}) => sample ? undefined : {verdict, label}, note: () => ""};
        const added = [];
        const receiver = {add: ({event}, verdict) => added.push([event, verdict]), setNote: () => {}};
        importAnswers(exportAnswers(events, given, DATA.columns), events, receiver, DATA);
        return added;
    }"""
    number = page.evaluate("DATA.events[0].event")
    assert page.evaluate(imported, ["skipped", ""]) == [[number, "skipped"]]
    with pytest.raises(Error, match="row 2"):
        page.evaluate(imported, ["relabelled", "two\nlines"])


def test_exported_answers_become_a_corpus(page: Page, review_folder: Path, tmp_path: Path) -> None:
    press(page, "a", "r", "0")
    table = export(page, tmp_path / "labels.csv")
    collect_labels(review_folder, tmp_path / "labels.csv", output=tmp_path / "corpus")
    assert len(list((tmp_path / "corpus").rglob("*.flac"))) == 2
    table.assign(start_s=99.0).to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(EchoError, match=r"other\.csv, row 2"):
        collect_labels(review_folder, tmp_path / "other.csv", output=tmp_path / "corpus")

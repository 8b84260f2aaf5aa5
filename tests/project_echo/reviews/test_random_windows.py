"""Windows drawn at random: which they are, answers to all labels of one, recall, and the corpus."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page
from scipy.stats import binomtest

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table
from project_echo.models.classifier import load_classifier
from project_echo.reviews import events as screened
from project_echo.reviews import exchange
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.exchange import RANDOM
from project_echo.reviews.probabilities import peak_probabilities
from project_echo.reviews.random_windows import add_windows
from project_echo.reviews.review import review
from tests.browser import accessibility_violations, open_page
from tests.project_echo.reviews.conftest import press, reload_empty

N = 6
LOW, HIGH = "<b>low & slow</b>", "high pitched"


@pytest.fixture(scope="module")
def folder(screening: Path, by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("random") / "review"
    review(screening / "results", model=by_pitch_or_none, output=output, random_windows=N, jobs=1)
    return output


@pytest.fixture
def page(folder: Path, browser: Browser) -> Iterator[Page]:
    with open_page(browser, folder / "index.html") as page:
        page.select_option("#sample", RANDOM)
        yield page


def windows(folder: Path) -> pd.DataFrame:
    table = read_table(folder / exchange.EVENTS, exchange.COLUMNS, "")
    return table[table["sample"] == RANDOM]


def test_each_window_has_a_row_for_each_label_and_one_sound(folder: Path, screening: Path) -> None:
    table = windows(folder)
    screened = pd.read_parquet(screening / "results" / "windows.parquet")
    key = ["recording", "start_s", "end_s"]
    assert table.groupby(key)["label"].agg(list).tolist() == [[LOW, HIGH]] * N
    assert (table["media"] == "").all()  # no clip, as windows are not added to a corpus
    assert table["peak_confidence"].between(0, 1).all() and table["peak_confidence"].nunique() > 2
    starts = {(row.recording, round(row.start_s, 3)) for row in screened.itertuples()}
    assert {(row.recording, round(row.start_s, 3)) for row in table.itertuples()} <= starts


def test_a_window_is_reported_where_its_confidence_reaches_the_threshold(
    screening: Path, by_pitch_or_none: Path
) -> None:
    journal, digest = screened.load_journal(screening / "results", by_pitch_or_none)
    classifier = load_classifier(by_pitch_or_none)
    events = screened.load_events(screening / "results", digest)
    events = events.assign(probabilities=peak_probabilities(events, journal, classifier))
    own = [of_labels[label] for of_labels, label in zip(events["probabilities"], events["label"], strict=True)]
    assert own == pytest.approx(events["peak_confidence"].tolist(), abs=1e-4)  # of four decimals
    recordings = screened.load_recordings(screening / "results")
    table = add_windows(events, recordings, journal, classifier, digest, int(recordings["windows"].sum()))
    drawn = table[table["sample"] == RANDOM]
    assert 0 < drawn["reported"].sum() < len(drawn)
    assert drawn["reported"].tolist() == (drawn["peak_confidence"] >= 0.5).tolist()  # both thresholds


def test_the_same_screening_gives_the_same_windows_and_fewer_are_the_first(
    folder: Path, screening: Path, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    review(screening / "results", model=by_pitch_or_none, output=tmp_path / "few", random_windows=2, jobs=1)
    few, more = windows(tmp_path / "few"), windows(folder)
    facts = ["recording", "start_s", "label", "peak_confidence"]
    pd.testing.assert_frame_equal(few[facts].reset_index(drop=True), more[facts].iloc[:4].reset_index(drop=True))
    with pytest.raises(EchoError, match="100000"):
        review(screening / "results", model=by_pitch_or_none, output=tmp_path / "many", random_windows=100_000, jobs=1)
    assert not (tmp_path / "many").exists()


def test_the_labels_of_a_window_share_one_sound(page: Page, folder: Path) -> None:
    excerpts = page.evaluate("queue.events.map(({recording, start_s, excerpt}) => [recording, start_s, excerpt])")
    assert len({(recording, start_s) for recording, start_s, _ in excerpts}) == N
    names = {excerpt for _, _, excerpt in excerpts}
    assert len(names) == N and all((folder / name).is_file() for name in names)
    n_events = page.evaluate("DATA.events.filter(({sample}) => !sample).length")
    assert len(list((folder / "media").glob("*.flac"))) == n_events


def test_events_and_windows_are_counted_apart(page: Page) -> None:
    n_events = page.evaluate("DATA.events.filter(({sample}) => !sample).length")

    def progress() -> list[str]:
        return [" ".join(page.inner_text(name).split()[:3]) for name in ("#decided-count", "#windows-count")]

    assert progress() == [f"0 of {n_events}", f"0 of {N}"]
    press(page, "a")  # one label of a window
    assert progress() == [f"0 of {n_events}", f"0 of {N}"]
    assert page.inner_text("#answered-labels").startswith(f"1 of {2 * N}")
    press(page, "u", "r", "0")  # all labels of it
    assert progress() == [f"0 of {n_events}", f"1 of {N}"]
    page.select_option("#sample", "")
    press(page, "a")
    assert progress() == [f"1 of {n_events}", f"1 of {N}"]
    assert page.inner_text("#verdict-counts").startswith("1 ")
    bar = page.evaluate("[byId('progress').value, byId('progress').max]")
    assert bar == [2, n_events + N]


def test_an_answer_to_one_label_may_answer_the_others(page: Page) -> None:
    assert page.evaluate("queue.events.length") == 2 * N
    page.evaluate("(label) => goTo(queue.events.find((event) => event.label === label))", LOW)
    press(page, "r", "0")
    assert page.evaluate("[...answers.byEvent.values()].map(({verdict}) => verdict)") == ["rejected"] * 2
    press(page, "u")
    assert page.evaluate("answers.byEvent.size") == 0
    page.evaluate("(label) => goTo(queue.events.find((event) => event.label === label))", LOW)
    press(page, "m", *"high", "Enter")
    assert page.evaluate("[...answers.byEvent.values()].map(({verdict}) => verdict)") == ["accepted"] * 2
    press(page, "u")
    press(page, "a")
    assert page.evaluate("answers.byEvent.size") == 1  # of the other label nothing is known


def test_recall_is_the_share_of_windows_with_an_event(page: Page) -> None:
    heard = page.evaluate(
        """(label) => {
          const own = DATA.events.filter((event) => event.sample && event.label === label);
          const verdict = (index) => (index < 5 ? "accepted" : "not_this_label");
          for (const [index, event] of own.entries()) answers.add(event, verdict(index), label);
          refresh();
          return own.slice(0, 5).map((event) => event.reported);
        }""",
        HIGH,
    )
    cells = page.locator("#recall-rows tr", has_text=HIGH).locator("td").all_inner_texts()
    assert cells[:2] == [f"5 of {N}", f"{sum(heard)} of 5"]
    low, high = binomtest(sum(heard), 5).proportion_ci(0.95, method="wilson")
    assert cells[2] == f"{sum(heard) / 5:.0%} ({low:.0%} to {high:.0%})"
    precision = page.locator("#precision-rows tr", has_text=HIGH).locator("td").all_inner_texts()
    assert precision[0] == "0 of 0"  # windows are no events
    assert accessibility_violations(page) == []


def test_answers_of_windows_are_exported_and_not_learned_from(page: Page, folder: Path, tmp_path: Path) -> None:
    press(page, "r", "Enter")
    page.select_option("#sample", "")
    press(page, "a")
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "labels.csv")
    table = read_table(tmp_path / "labels.csv", exchange.COLUMNS, "")
    answered = table.loc[table["verdict"] != "", ["sample", "verdict"]].to_numpy().tolist()
    assert answered == [["", "accepted"], [RANDOM, "not_this_label"]]
    collected = collect_labels(folder, tmp_path / "labels.csv", output=tmp_path / "corpus")
    assert collected["verdict"].tolist() == ["accepted"]
    reload_empty(page)
    page.set_input_files("#import", tmp_path / "labels.csv")
    page.wait_for_function("answers.byEvent.size === 2")


def test_without_random_windows_there_is_no_recall(review_folder: Path, browser: Browser) -> None:
    with open_page(browser, review_folder / "index.html") as page:
        assert not page.is_visible("#recall") and not page.is_visible("#sample")

"""A search by example: what is found, from a file, a stretch or an event, and what is an error."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table
from project_echo.models.card import card_digest
from project_echo.reviews import exchange
from project_echo.reviews.collect_labels import collect_labels
from project_echo.screening.journal import open_journal
from project_echo.screening.output import JOURNAL
from project_echo.screening.screen import screen
from project_echo.searches import similarity
from project_echo.searches.matches import find_matches
from project_echo.searches.search import list_matches, search
from project_echo.searches.similarity import Slices
from tests.browser import open_page
from tests.sounds import FEATURES, hiss, tone, write_wav

RATE = FEATURES.sample_rate
LOW, HIGH, QUIET = tone(250, 1, RATE), tone(3000, 1, RATE), hiss(1, RATE, 0.05)
CALLS = {"a.wav": [2, 9], "b.wav": [5], "c.wav": []}  # seconds at which a high tone begins
LENGTH_S = 14


@pytest.fixture(scope="module")
def screened(by_pitch_or_none: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of noise with low tones and a few high ones, and results/ with embeddings. Read only."""
    folder = tmp_path_factory.mktemp("searched")
    for name, calls in CALLS.items():
        pieces = [HIGH if second in calls else LOW if second in (0, 7, 12) else QUIET for second in range(LENGTH_S)]
        write_wav(folder / "disk" / name, np.concatenate(pieces), RATE)
    write_wav(folder / "example.wav", HIGH, RATE)
    screen(folder / "disk", model=by_pitch_or_none, output=folder / "results", embeddings=True, jobs=1)
    return folder


def matches(folder: Path, model: Path, *examples: str | Path, top: int = 50) -> pd.DataFrame:
    return list_matches(folder / "results", examples, model, top, 1)


def places(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    names = [Path(name).name for name in table["recording"]]
    return sorted(zip(names, table["start_s"], table["end_s"], strict=True))


def test_planted_calls_are_found_first_each_once(screened: Path, by_pitch_or_none: Path) -> None:
    table = matches(screened, by_pitch_or_none, screened / "example.wav")
    assert places(table[:3]) == [("a.wav", 2, 3), ("a.wav", 9, 10), ("b.wav", 5, 6)]
    assert table["similarity"][:3].min() == pytest.approx(1, abs=0.1)
    assert (table["similarity"][3:] < 0.5).all()
    assert table["similarity"].is_monotonic_decreasing


def test_a_file_a_stretch_and_an_event_find_the_same(screened: Path, by_pitch_or_none: Path) -> None:
    """A stretch of a screened recording, and an event, are left out of the matches themselves."""
    events = pd.read_csv(screened / "results" / "events.csv")
    is_call = events["recording"].str.endswith("b.wav") & (events["label"] == "high pitched")
    (row,) = events.index[is_call] + 1
    expected = [("a.wav", 2, 3), ("a.wav", 9, 10)]
    found = places(matches(screened, by_pitch_or_none, screened / "example.wav", top=3))
    assert set(expected) < set(found)
    for example in (f"event:{row}", f"{screened / 'disk' / 'b.wav'}@5-6"):
        table = matches(screened, by_pitch_or_none, example)
        assert places(table[:2]) == expected
        assert not any(name == "b.wav" and start_s < 6 and end_s > 5 for name, start_s, end_s in places(table))
    both = matches(screened, by_pitch_or_none, f"event:{row}", f"{screened / 'disk' / 'a.wav'}@2-3")
    assert places(both[:1]) == [("a.wav", 9, 10)]


def test_a_whole_file_is_its_loud_parts(screened: Path, by_pitch_or_none: Path, tmp_path: Path) -> None:
    silence = np.zeros(2 * RATE, np.float32)
    path = write_wav(tmp_path / "night@home:1@2-3", np.concatenate([silence, HIGH, silence]), RATE)
    assert places(matches(screened, by_pitch_or_none, path)[:3]) == [("a.wav", 2, 3), ("a.wav", 9, 10), ("b.wav", 5, 6)]
    assert len(matches(screened, by_pitch_or_none, f"{path}@2-3"))


def test_matches_do_not_depend_on_threads_and_files(
    screened: Path, by_pitch_or_none: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "CHUNK", 5)
    one, two = (
        list_matches(screened / "results", [screened / "example.wav"], by_pitch_or_none, 50, jobs) for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_products_are_those_of_32_bits() -> None:
    draw = np.random.default_rng(1)
    vectors = np.concatenate([draw.normal(0, scale, (700, 6)) for scale in (1e-6, 1e-3, 1, 1e3)]).astype(np.float16)
    weights = draw.normal(0, 10, 6).astype(np.float32)
    np.testing.assert_allclose(
        similarity.products(vectors, weights), vectors.astype(np.float32) @ weights, rtol=1e-4, atol=1e-9
    )


def test_a_long_call_is_a_match_of_bounded_length_and_overlapping_windows_are_one() -> None:
    start_s = np.concatenate([np.arange(0, 30, 1.25), np.arange(0.6, 30, 1.25)])
    likeness = np.where((start_s > 3) & (start_s < 7), 0.9, 0.1).astype(np.float32)
    likeness[3] = 1
    slices = Slices(["a"], np.zeros(len(start_s), np.int32), start_s, start_s + 1.25, likeness)
    table = find_matches(slices, [("a", 20, 30)], 3)
    assert len(table) == 3
    assert table["start_s"][0] <= 3.75
    assert table["end_s"][0] >= 5
    ordered = table.sort_values("start_s")
    assert (ordered["end_s"] - ordered["start_s"] <= 5.001).all()
    assert (ordered["start_s"].to_numpy()[1:] > ordered["end_s"].to_numpy()[:-1]).all()
    assert (table["end_s"] <= 20).all()


def test_slices_with_the_same_similarity_are_each_a_match() -> None:
    """As many as are more than are sorted at once: copies of a recording have equal embeddings."""
    n = 5000
    start_s = np.arange(n) * 10.0
    likeness = np.where(np.arange(n) % 3 == 0, 0.75, 0.25).astype(np.float32)
    slices = Slices(["a"], np.zeros(n, np.int32), start_s, start_s + 1, likeness)
    table = find_matches(slices, [], n)
    assert table["start_s"].tolist() == [*start_s[likeness > 0.5], *start_s[likeness < 0.5]]


def test_the_page_asks_for_a_label_that_the_model_does_not_know(
    screened: Path, by_pitch_or_none: Path, tmp_path: Path, browser: Browser
) -> None:
    example = screened / "example.wav"
    search(screened / "results", example, model=by_pitch_or_none, output=tmp_path / "s", label="owl", jobs=1, top=3)
    with open_page(browser, tmp_path / "s" / "index.html") as page:
        assert page.locator("#order").input_value() == "confident"
        assert page.locator("#facts dt", has_text="similarity").count() == 1
        assert page.locator("#probability-rows tr").count() == 2, "of the labels that the classifier knows"
        assert not page.locator("#precision-heading").is_visible()
        page.keyboard.press("a")
        assert page.locator("#decided-count").inner_text().startswith("1 ")
        columns = "['verdict', 'peak_confidence', 'mean_confidence']"
        exported = page.evaluate(f"exportAnswers(DATA.events, answers, {columns})")
        assert "accepted,NaN,NaN\r\n" in exported


def test_the_page_exports_labels_that_grow_a_corpus_by_a_new_label(
    screened: Path, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    output = tmp_path / "search"
    table = search(
        screened / "results",
        screened / "example.wav",
        model=by_pitch_or_none,
        output=output,
        label="owl",
        jobs=1,
        top=4,
    )
    assert pd.read_csv(output / "matches.csv")["start_s"].tolist() == table["start_s"].tolist()
    answers = read_table(output / "events.csv", exchange.COLUMNS, "")
    assert set(answers["label"]) == {"owl"}
    answers[["mean_confidence", "peak_confidence"]] = "NaN"  # as the page exports them
    answers.loc[:2, ["verdict", "reviewed_label"]] = ["accepted", "owl"]
    answers.to_csv(tmp_path / "labels.csv", index=False)
    collect_labels(output, tmp_path / "labels.csv", output=tmp_path / "corpus")
    assert len(list((tmp_path / "corpus" / "owl").rglob("*.flac"))) == 3
    search(screened / "results", screened / "example.wav", model=by_pitch_or_none, output=output, jobs=1, top=1)
    assert len(pd.read_csv(output / "matches.csv")) == 1
    (output / "mine.txt").touch()
    with pytest.raises(EchoError, match=r"mine\.txt"):
        search(screened / "results", screened / "example.wav", model=by_pitch_or_none, output=output)


def test_unusable_examples_are_errors_that_name_them(screened: Path, by_pitch_or_none: Path, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", np.zeros(RATE, np.float32), RATE)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    long = write_wav(tmp_path / "long.wav", np.tile(HIGH, 70), RATE)
    recording = screened / "disk" / "a.wav"
    examples: list[str | Path] = [silent, broken, long, tmp_path, "gone.wav", "gone.wav@1-2", "event:99", "event:0"]
    examples += [f"{recording}@3-3", f"{recording}@3-2", f"{recording}@13-15", f"{recording}@20-21", f"{silent}@0-1"]
    for example in examples:
        with pytest.raises(EchoError, match=re.escape(str(example))) as error:
            matches(screened, by_pitch_or_none, example)
        assert "\n" not in str(error.value)


def test_another_model_results_without_embeddings_and_bad_labels_are_errors(
    screened: Path, by_pitch_or_none: Path, by_pitch: Path, tmp_path: Path
) -> None:
    example = screened / "example.wav"
    with pytest.raises(EchoError, match="different model"):
        matches(screened, by_pitch, example)
    results = shutil.copytree(screened / "results", tmp_path / "results")
    shutil.rmtree(results / "embeddings")
    with pytest.raises(EchoError, match="--embeddings"):
        matches(tmp_path, by_pitch_or_none, example)
    (results / "embeddings").mkdir()
    (results / "embeddings" / "00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(EchoError, match="embeddings"):
        matches(tmp_path, by_pitch_or_none, example)
    for label in ("none", "unseen", " "):
        with pytest.raises(EchoError, match=re.escape(repr(label))):
            search(results, example, label=label)


def test_embeddings_that_a_killed_run_with_another_model_left_are_not_searched(
    screened: Path, by_pitch_or_none: Path, by_pitch: Path, tmp_path: Path
) -> None:
    """`--no-resume` replaces the journal when it begins, and embeddings when it ends."""
    results = shutil.copytree(screened / "results", tmp_path / "results")
    open_journal(results / JOURNAL, {"model": card_digest(by_pitch), "hop": 1.0}, resume=False)
    with pytest.raises(EchoError, match="different model"):
        matches(tmp_path, by_pitch, screened / "example.wav")

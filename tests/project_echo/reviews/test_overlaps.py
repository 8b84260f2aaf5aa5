"""Events of different labels may overlap: what that means for the sounds of a corpus."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.spreadsheets import write_table
from project_echo.media.excerpt import CONTEXT_S
from project_echo.reviews import exchange, ledger
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.overlaps import holds_animal
from project_echo.reviews.placement import CorpusContents
from tests.project_echo.conftest import Messages

CONTENTS = CorpusContents(("fox",), {"rain": frozenset({"1"})})


def decided(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["recording", "start_s", "end_s", "truth"])


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (("a", 4.0, 6.0, "fox"), True),
        (("a", 5.0 + CONTEXT_S / 2, 9.0, "fox"), True),  # in the sound, as it ends later than the event
        (("a", 5.0 + 2 * CONTEXT_S, 9.0, "fox"), False),
        (("b", 4.0, 6.0, "fox"), False),  # in another recording
        (("a", 4.0, 6.0, "none"), False),
        (("a", 4.0, 6.0, "rain"), False),  # a kind of background
        (("a", 4.0, 6.0, ""), False),  # skipped
    ],
)
@pytest.mark.parametrize("truth", ["none", "rain"])
def test_background_holds_an_animal_of_an_event_that_it_overlaps(
    truth: str, other: tuple[str, float, float, str], found: bool
) -> None:
    background = ("a", 2.0, 5.0, truth)
    assert holds_animal(decided(background, other), decided(), CONTENTS).tolist() == [found, False]
    assert holds_animal(decided(background), decided(other), CONTENTS).tolist() == [found]


def test_animals_that_overlap_are_both_kept() -> None:
    table = decided(("a", 2.0, 5.0, "fox"), ("a", 2.0, 5.0, "owl"))
    assert not holds_animal(table, decided(), CONTENTS).any()
    assert holds_animal(decided(), decided(), CONTENTS).tolist() == []


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A review of two events with the same times, and of a third; the sounds are text."""
    rows = [("1", "fox", 2.0, 5.0), ("2", "owl", 2.0, 5.0), ("3", "fox", 20.0, 22.0)]
    table = pd.DataFrame(rows, columns=["event", "label", "start_s", "end_s"])
    table = table.assign(recording="a.wav", site="", source="pond", mean_confidence=0.5, peak_confidence=0.6)
    table = table.assign(
        sample="", verdict="", reviewed_label="", note="", media="media/" + table["event"] + ".flac", model=""
    )
    write_table(table[list(exchange.COLUMNS)], tmp_path / "review" / exchange.EVENTS)
    for media, start_s in zip(table["media"], table["start_s"], strict=True):
        files.write_text(f"sound at {start_s}", tmp_path / "review" / media)
    return tmp_path / "review"


def collect(review: Path, *verdicts: str, label: str = "") -> list[str]:
    """The folders of the clips in the corpus after these verdicts."""
    table = pd.read_csv(review / exchange.EVENTS, dtype=str, keep_default_na=False)
    answers = table.assign(verdict=verdicts, reviewed_label=label)
    answers["reviewed_label"] = answers["reviewed_label"].where(answers["verdict"] == "relabelled", "")
    answers.to_csv(review.parent / "labels.csv", index=False)
    corpus = review.parent / "corpus"
    collect_labels(review, review.parent / "labels.csv", output=corpus)
    return sorted(path.relative_to(corpus).parts[0] for path in corpus.rglob("*.flac"))


def test_two_labels_of_one_segment_are_one_clip(review: Path) -> None:
    for _ in range(2):
        assert collect(review, "accepted", "accepted", "skipped") == ["fox"]
        ledger_table = pd.read_csv(review.parent / "corpus" / ledger.LEDGER)
        assert ledger_table[["prediction", "truth"]].to_numpy().tolist() == [["fox", "fox"], ["owl", "owl"]]
        assert ledger_table["file"].nunique() == 1
    assert collect(review, "skipped", "accepted", "skipped") == ["owl"]


def test_an_event_that_is_rejected_is_no_background_where_another_animal_is_heard(
    review: Path, messages: Messages
) -> None:
    assert collect(review, "rejected", "accepted", "rejected") == ["none", "owl"]
    assert any(text.startswith("1 event left out as background") for text in messages())
    assert collect(review, "rejected", "rejected", "skipped") == ["none"]


def test_an_event_is_no_background_until_those_of_other_labels_are_decided(review: Path, messages: Messages) -> None:
    for other in ("", "skipped"):
        assert collect(review, "rejected", other, "rejected") == ["none"]
        assert any(text.startswith("1 event left out as background until") for text in messages())
    assert collect(review, "rejected", "not_this_label", "rejected") == ["none", "none"]


def test_one_sound_with_one_label_is_in_the_corpus_once(review: Path) -> None:
    for _ in range(2):
        assert collect(review, "relabelled", "relabelled", "skipped", label="boar") == ["boar"]
    assert collect(review, "relabelled", "accepted", "skipped", label="boar") == ["owl"]


def test_files_of_an_earlier_version_with_one_label_each_become_one_clip(review: Path) -> None:
    collect(review, "accepted", "accepted", "skipped")
    corpus = review.parent / "corpus"
    table = pd.read_csv(corpus / ledger.LEDGER, dtype=str)
    fox = table["file"].iloc[0]
    owl = fox.replace("fox/", "owl/", 1)
    (corpus / owl).parent.mkdir(parents=True)
    (corpus / owl).write_bytes((corpus / fox).read_bytes())
    table["file"] = [fox, owl]
    table.to_csv(corpus / ledger.LEDGER, index=False)
    (corpus / "labels.csv").unlink()
    assert collect(review, "", "", "") == ["fox"]
    assert not (corpus / "owl").exists()

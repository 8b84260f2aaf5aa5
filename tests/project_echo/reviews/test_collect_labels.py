"""From the answers of a review to a corpus for the next training."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.core.names import portable_name
from project_echo.core.spreadsheets import read_table
from project_echo.corpora.collected import found_table
from project_echo.corpora.folder import find_recordings
from project_echo.reviews import exchange, ledger
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.ledger import LEDGER
from project_echo.reviews.review import review as write_review
from tests.project_echo.conftest import Messages
from tests.project_echo.reviews.conftest import NOT_UTF8, WriteLabels
from tests.sounds import fill


def events(review_folder: Path) -> pd.DataFrame:
    return read_table(review_folder / "events.csv", exchange.COLUMNS, "").set_index("event")


def test_every_verdict_has_its_place_in_the_corpus(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    table = events(review_folder)
    own = table.loc["1", "label"]
    labels = write_labels(
        {1: ("accepted", own), 2: ("rejected", "none"), 3: ("relabelled", "Tawny owl"), 4: ("skipped", "")}
    )
    corpus = tmp_path / "corpus"
    collect_labels(review_folder, labels, output=corpus)
    found, skipped = find_recordings(corpus)
    assert skipped == []  # the ledger is hidden
    rows = found_table(found).set_index("label")
    accepted = {"<b>low & slow</b>": "_b_low_&_slow__b_", "high pitched": "high_pitched"}[own]
    assert sorted(rows.index) == sorted([accepted, "none", "Tawny_owl"])
    assert rows.loc["none", "kind"] == "false_positive"
    for label, event in ((accepted, "1"), ("none", "2"), ("Tawny_owl", "3")):
        assert rows.loc[label, "source"] == portable_name(table.loc[event, "site"])
        copied = corpus / rows.loc[label, "original"]
        assert copied.read_bytes() == (review_folder / table.loc[event, "media"]).read_bytes()


@pytest.mark.parametrize(("separator", "decimal", "encoding"), [(";", ",", "cp1252"), ("\t", ",", "utf-16")])
def test_labels_that_a_spreadsheet_saved_give_the_same_corpus(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, separator: str, decimal: str, encoding: str
) -> None:
    labels = write_labels({1: ("accepted", ""), 2: ("rejected", ""), 3: ("relabelled", "Füchsin; jung")})
    expected = collect_labels(review_folder, labels, output=tmp_path / "corpus")
    table = pd.read_csv(labels, keep_default_na=False)
    saved = tmp_path / "saved.csv"
    saved.write_bytes(table.to_csv(sep=separator, decimal=decimal, index=False, lineterminator="\r\n").encode(encoding))
    collected = collect_labels(review_folder, saved, output=tmp_path / "again")
    pd.testing.assert_frame_equal(collected, expected)


def test_the_summary_counts_events_and_sources_of_each_folder(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, messages: Messages
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/1.wav", "fox/2.wav", *(f"none/rain/{n}.wav" for n in range(3)))
    labels = write_labels({1: ("relabelled", "fox"), 2: ("rejected", ""), 3: ("relabelled", "owl")})
    messages()
    collect_labels(review_folder, labels, output=corpus)
    first, fox, rain, owl, false_positives = messages()  # it can't be trained on: too few owls
    assert str(corpus) in first and "3 added" in first
    assert fox.startswith("  fox: 1 event ") and "3 sources" in fox and "skip" not in fox
    assert rain.startswith("  none/rain: 1 event ") and "4 sources" in rain
    assert owl.startswith("  owl: 1 event ") and "1 source in" in owl and "skip" in owl  # too few to train on
    assert "fewer than 3 sources" in false_positives and "rain" in false_positives


def test_labels_and_background_of_a_folder_beside_count_and_it_is_not_changed(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, messages: Messages
) -> None:
    beside = fill(tmp_path / "mine", "Tree frog/1.wav", *(f"None/rain/{n}.wav" for n in range(3)))
    before = sorted(beside.rglob("*"))
    labels = write_labels({1: ("relabelled", "tree_frog"), 2: ("rejected", ""), 3: ("relabelled", "rain")})
    messages()
    table = collect_labels(review_folder, labels, output=tmp_path / "reviewed", beside=beside)
    assert {file.rsplit("/", 2)[0] for file in table["file"]} == {"Tree frog", "None/rain"}
    assert any("Tree frog: 1 event from 1 source; 2 sources in" in line for line in messages())
    assert sorted(beside.rglob("*")) == before


def test_the_summary_says_which_answers_cannot_be_learned(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, messages: Messages
) -> None:
    labels = write_labels({1: ("not_this_label", "")})
    label = events(review_folder).loc["1", "label"]
    lines = []
    for corpus in (tmp_path / "without", fill(tmp_path / "with", *(f"{label}/{n}.wav" for n in range(3)))):
        messages()
        collect_labels(review_folder, labels, output=corpus)
        lines += [line for line in messages() if line.startswith(f"  {PARTIAL}: 1 event from 1 source")]
    assert ["without a folder" in line for line in lines] == [True, False]


def test_false_positives_become_a_kind_when_they_come_from_enough_sources(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/1.wav", *(f"none/rain/{n}.wav" for n in range(3)))
    first, *others = events(review_folder).reset_index().drop_duplicates("site")["event"].astype(int)
    collect_labels(review_folder, write_labels({first: ("rejected", "none")}), output=corpus)
    assert len(list((corpus / "none" / "rain").glob("*/*.flac"))) == 1
    collect_labels(review_folder, write_labels(dict.fromkeys(others, ("rejected", "none"))), output=corpus)
    assert len(list((corpus / "none" / "false_positive").glob("*/*.flac"))) == 3
    assert sorted(path.name for path in (corpus / "none" / "rain").iterdir()) == ["0.wav", "1.wav", "2.wav"]


def test_few_false_positives_join_background_without_a_kind(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, messages: Messages
) -> None:
    names = [f"none/{n}.wav" for n in range(3)] + [f"none/rain/{n}.wav" for n in range(5)]
    corpus = fill(tmp_path / "corpus", *names, "fox/1.wav", "owl/1.wav")
    collect_labels(review_folder, write_labels({1: ("rejected", "none")}), output=corpus)
    out = "\n".join(messages())
    assert "  none/none: 1 event " in out and "4 sources" in out and " rain" not in out
    assert out.endswith(f"dvc exp run -S collect.corpus={corpus}")
    rows = found_table(find_recordings(corpus)[0]).set_index("original")
    added = rows.loc[next(name for name in rows.index if name.endswith(".flac"))]
    assert added["kind"] == "none"
    assert added["source"] == portable_name(events(review_folder).loc["1", "site"])


def test_typed_labels_match_those_of_rows_above_and_of_earlier_reviews(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"

    def collected(answers: dict[int, tuple[str, str]]) -> list[str]:
        collect_labels(review_folder, write_labels(answers), output=corpus)
        return [path.name for path in corpus.iterdir() if path.is_dir()]

    assert collected({1: ("relabelled", "Barn owl"), 2: ("relabelled", "barn_Owl")}) == ["Barn_owl"]
    assert collected({3: ("relabelled", "BARN OWL")}) == ["Barn_owl"]
    # A new spelling replaces the old one where all events that have it are decided again.
    assert collected(dict.fromkeys((1, 2, 3), ("relabelled", "barn owl"))) == ["barn_owl"]
    assert len(list(corpus.rglob("*.flac"))) == 3


def test_labels_that_look_like_formulas_are_escaped_in_the_ledger(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    labels, corpus = write_labels({1: ("relabelled", "=owl()")}), tmp_path / "corpus"
    for _ in range(2):  # the second time the ledger is read back
        collect_labels(review_folder, labels, output=corpus)
        assert ",=" not in (corpus / LEDGER).read_text(encoding="utf-8")
        assert len(list((corpus / "=owl()").rglob("*.flac"))) == len(list(corpus.rglob("*.flac"))) == 1


def test_unusable_tables_are_named(review_folder: Path, write_labels: WriteLabels, tmp_path: Path) -> None:
    table = pd.read_csv(write_labels({1: ("accepted", "")}), dtype=str, keep_default_na=False)
    table.drop(columns="verdict").to_csv(tmp_path / "short.csv", index=False)
    table.assign(start_s="soon").to_csv(tmp_path / "words.csv", index=False)
    for review, labels, texts in (
        (review_folder, tmp_path / "short.csv", ("short.csv", "verdict")),
        (review_folder, tmp_path / "words.csv", ("words.csv", "soon")),
        (review_folder, tmp_path / "missing.csv", ("missing.csv",)),
        (tmp_path, tmp_path / "labels.csv", (str(tmp_path / "events.csv"), "output folder", "review")),
    ):
        with pytest.raises(EchoError) as error:
            collect_labels(review, labels, output=tmp_path / "corpus")
        assert [name for name in texts if name not in str(error.value)] == []
        assert not (tmp_path / "corpus").exists()


def test_events_without_sound_are_left_out_and_a_deleted_sound_is_an_error(
    own_screening: Path, by_pitch_or_none: Path, messages: Messages
) -> None:
    review, labels, corpus = (own_screening / name for name in ("review", "labels.csv", "corpus"))
    (own_screening / "recordings" / NOT_UTF8).unlink()
    write_review(own_screening / "results", model=by_pitch_or_none, output=review, jobs=1)
    table = pd.read_csv(review / "events.csv", dtype=str, keep_default_na=False)
    table.assign(verdict="accepted").to_csv(labels, index=False)
    silent = int((table["media"] == "").sum())
    messages()
    collect_labels(review, labels, output=corpus)
    assert messages()[0].startswith(f"{silent} events left out")
    assert len(list(corpus.rglob("*.flac"))) == len(table) - silent
    (review / "media" / "0001.flac").unlink()
    with pytest.raises(EchoError, match=r"row 2.*0001\.flac"):
        collect_labels(review, labels, output=corpus)


def test_a_review_without_answers_adds_nothing(review_folder: Path, tmp_path: Path, messages: Messages) -> None:
    table = collect_labels(review_folder, review_folder / "events.csv", output=tmp_path / "corpus")
    assert table.empty and list(table) == list(ledger.COLUMNS)
    assert "0 added" in messages()[0]

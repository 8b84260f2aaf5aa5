"""What a corpus states about reviewed clips: several labels at once, labels that are absent, and never more."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.spreadsheets import write_table
from project_echo.corpora.folder import find_recordings
from project_echo.corpora.partial import read_stated
from project_echo.media.excerpt import CONTEXT_S
from project_echo.reviews import exchange
from project_echo.reviews.collect_labels import collect_labels
from tests.sounds import fill

LABELS = ["boar", "cane_toad", "fox", "tree_frog"]
Row = tuple[str, float, float, str, str]  # label, start_s, end_s, verdict, reviewed_label


def write_review(folder: Path, *rows: Row, note: str | None = "") -> Path:
    """A review, and beside it labels.csv with the answers; without a note it is one of an earlier version."""
    table = pd.DataFrame(rows, columns=["label", "start_s", "end_s", "verdict", "reviewed_label"])
    table = table.assign(event=range(1, len(table) + 1), recording="night.wav", site="pond", source="pond")
    table = table.assign(mean_confidence=0.5, peak_confidence=0.6, sample="", note=note, model="")
    table["media"] = [f"media/{event}.flac" for event in table["event"]]
    table = table[[name for name in exchange.COLUMNS if name not in exchange.ADDED_COLUMNS or note is not None]]
    write_table(table.assign(verdict="", reviewed_label=""), folder / "review" / exchange.EVENTS)
    write_table(table, folder / "labels.csv")
    for media, start_s, end_s in zip(table["media"], table["start_s"], table["end_s"], strict=True):
        files.write_text(f"sound from {start_s} to {end_s}", folder / "review" / media)
    return folder / "review"


def collect(
    folder: Path, *rows: Row, note: str | None = ""
) -> tuple[list[str], list[tuple[str, float, float, str, str]]]:
    """Folders of the clips after these answers, and the rows of labels.csv, with folders in place of files."""
    review, corpus = write_review(folder, *rows, note=note), folder / "corpus"
    if not corpus.exists():
        fill(corpus, *(f"{label}/{n}.wav" for label in LABELS for n in range(3)), *(f"none/{n}.wav" for n in range(3)))
    collect_labels(review, folder / "labels.csv", output=corpus)
    clips = sorted(path.relative_to(corpus).parts[0] for path in corpus.rglob("*.flac"))
    stated = read_stated(corpus, find_recordings(corpus)[0])  # as the pipeline reads it
    table = pd.read_csv(corpus / "labels.csv") if (corpus / "labels.csv").exists() else pd.DataFrame()
    facts = [(row.file.split("/")[0], row.start_s, row.end_s, row.label, row.present) for row in table.itertuples()]
    assert len(stated) == len(facts)
    return clips, facts


def test_several_labels_of_an_event_are_one_clip_with_a_row_each(tmp_path: Path) -> None:
    clips, facts = collect(tmp_path, ("fox", 10.0, 12.0, "accepted", "fox|cane_toad"))
    assert clips == ["fox"]
    start_s, end_s = CONTEXT_S, CONTEXT_S + 2
    assert facts == [("fox", start_s, end_s, "cane_toad", "yes"), ("fox", start_s, end_s, "fox", "yes")]


def test_a_clip_of_another_label_states_that_the_reported_one_is_absent(tmp_path: Path) -> None:
    clips, facts = collect(tmp_path, ("boar", 0.0, 3.0, "relabelled", "fox|tree_frog"))
    assert clips == ["fox"]  # it starts with the event, as there is no sound before
    assert [(fact[1:3], *fact[3:]) for fact in facts] == [
        ((0.0, 3.0), "boar", "no"),
        ((0.0, 3.0), "fox", "yes"),
        ((0.0, 3.0), "tree_frog", "yes"),
    ]


def test_not_this_label_is_a_negative_and_no_background(tmp_path: Path) -> None:
    clips, facts = collect(
        tmp_path, ("fox", 10.0, 12.0, "not_this_label", ""), ("boar", 30.0, 32.0, "rejected", "none")
    )
    assert clips == ["none", PARTIAL]
    # Of no other label, and background has none.
    assert facts == [(PARTIAL, CONTEXT_S, CONTEXT_S + 2, "fox", "no")]
    found, skipped = find_recordings(tmp_path / "corpus")
    (partial,) = [recording for recording in found if recording.recording.endswith(".flac") and recording.label != NONE]
    assert skipped == []
    assert (partial.label, partial.source, partial.unseen) == (PARTIAL, "pond", False)


def test_not_this_label_is_told_in_the_clip_that_covers_it(tmp_path: Path) -> None:
    clips, facts = collect(
        tmp_path, ("fox", 11.0, 12.0, "not_this_label", ""), ("cane_toad", 10.0, 14.0, "accepted", "cane_toad")
    )
    assert clips == ["cane_toad"]
    assert facts == [
        ("cane_toad", CONTEXT_S, CONTEXT_S + 4, "cane_toad", "yes"),
        ("cane_toad", CONTEXT_S + 1, CONTEXT_S + 2, "fox", "no"),
    ]
    clips, _ = collect(tmp_path, ("fox", 11.0, 12.0, "not_this_label", ""), ("cane_toad", 10.0, 14.0, "skipped", ""))
    assert clips == [PARTIAL]


def test_clips_that_overlap_state_the_labels_of_each_other(tmp_path: Path) -> None:
    clips, facts = collect(
        tmp_path, ("fox", 10.0, 13.0, "accepted", "fox"), ("cane_toad", 12.0, 15.0, "accepted", "cane_toad")
    )
    assert clips == ["cane_toad", "fox"]
    assert facts == [
        ("cane_toad", 0.0, 1.5, "fox", "yes"),
        ("cane_toad", 0.5, 3.5, "cane_toad", "yes"),
        ("fox", 0.5, 3.5, "fox", "yes"),
        ("fox", 2.5, 4.0, "cane_toad", "yes"),
    ]


@pytest.mark.parametrize("note", ["", None])  # a table of today, and of an earlier version
def test_rejected_events_that_hold_another_animal_never_become_background(tmp_path: Path, note: str | None) -> None:
    """Five of six rejected events hold another animal, whatever is known of it; the last one holds none."""
    clips, facts = collect(
        tmp_path,
        ("fox", 10.0, 12.0, "rejected", "none"),
        ("cane_toad", 11.0, 14.0, "accepted", "cane_toad"),
        ("boar", 20.0, 22.0, "rejected", "none"),
        ("cane_toad", 20.0, 22.0, "relabelled", "tree_frog"),
        ("fox", 30.0, 32.0, "rejected", "none"),
        ("tree_frog", 31.0, 40.0, "skipped", ""),
        ("boar", 50.0, 52.0, "rejected", "none"),
        ("tree_frog", 51.0, 54.0, "", ""),
        ("fox", 60.0, 62.0, "not_this_label", ""),
        ("boar", 80.0, 82.0, "rejected", "none"),
        note=note,
    )
    assert clips == ["cane_toad", "none", PARTIAL, "tree_frog"]
    (background,) = (tmp_path / "corpus" / "none").rglob("*.flac")
    assert background.read_text(encoding="utf-8") == "sound from 80.0 to 82.0"
    assert ("tree_frog", CONTEXT_S, CONTEXT_S + 2, "cane_toad", "no") in facts


def test_answers_of_an_earlier_version_mean_what_they_did(tmp_path: Path) -> None:
    clips, facts = collect(
        tmp_path,
        ("fox", 10.0, 12.0, "accepted", "whatever"),  # the page wrote fox, and nothing else was read
        ("boar", 20.0, 22.0, "rejected", ""),
        ("boar", 30.0, 32.0, "relabelled", "Tree frog"),
        note=None,
    )
    assert clips == ["fox", "none", "tree_frog"]
    assert [(folder, label, present) for folder, _, _, label, present in facts] == [
        ("fox", "fox", "yes"),
        ("tree_frog", "boar", "no"),
        ("tree_frog", "tree_frog", "yes"),
    ]


def test_what_others_stated_stays_and_a_changed_answer_replaces_its_rows(tmp_path: Path) -> None:
    mine = "file,start_s,end_s,label,present\nfox/0.wav,1,2,boar,no\n"
    fox = ("fox", 10.0, 12.0, "accepted", "fox")
    collect(tmp_path, fox)
    table = tmp_path / "corpus" / "labels.csv"
    table.write_text(mine + table.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    before = table.read_bytes()
    collect(tmp_path, fox)
    assert table.read_bytes() == before
    _, facts = collect(tmp_path, ("fox", 10.0, 12.0, "relabelled", "tree_frog"))
    assert ("fox", 1.0, 2.0, "boar", "no") in facts and len(facts) == 3
    collect(tmp_path, ("fox", 10.0, 12.0, "skipped", ""))
    assert table.read_text(encoding="utf-8") == mine


def test_labels_without_a_folder_are_stated_once_they_have_one(tmp_path: Path) -> None:
    _, facts = collect(tmp_path, ("wolf", 10.0, 12.0, "relabelled", "fox"))
    assert [fact[3:] for fact in facts] == [("fox", "yes")]
    fill(tmp_path / "corpus", "wolf/1.wav")
    _, facts = collect(tmp_path, ("wolf", 10.0, 12.0, "relabelled", "fox"))
    assert [fact[3:] for fact in facts] == [("fox", "yes"), ("wolf", "no")]


def test_an_unusable_table_of_the_corpus_is_named_and_nothing_is_changed(tmp_path: Path) -> None:
    review = write_review(tmp_path, ("fox", 10.0, 12.0, "accepted", "fox"))
    files.write_text("file,label\n", tmp_path / "corpus" / "labels.csv")
    with pytest.raises(EchoError, match=r"labels\.csv.*start_s"):
        collect_labels(review, tmp_path / "labels.csv", output=tmp_path / "corpus")
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == ["labels.csv"]

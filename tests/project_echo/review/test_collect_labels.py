"""From answers to a corpus that the next training takes."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.names import portable_name
from project_echo.core.spreadsheets import escape_formulas
from project_echo.corpora.folder import collect_folder
from project_echo.review import exchange
from project_echo.review.collect_labels import LEDGER, collect_labels
from tests.project_echo.review.conftest import Answered
from tests.sounds import fill


def sounds(corpus: Path) -> dict[str, bytes]:
    return {str(path.relative_to(corpus)): path.read_bytes() for path in sorted(corpus.rglob("*")) if path.is_file()}


def heard(made: Path) -> pd.DataFrame:
    return exchange.read(made / "events.csv", exchange.COLUMNS, "").set_index("event")


def test_what_was_said_is_what_is_collected_with_its_source(made: Path, answered: Answered, tmp_path: Path) -> None:
    events = heard(made)
    said = {"accepted": "1", "rejected": "2", "relabelled": "3", "skipped": "4"}
    labels = answered({int(event): (verdict, "Tawny owl") for verdict, event in said.items()})
    corpus = tmp_path / "corpus"
    collect_labels(made, labels, corpus)
    found = collect_folder(corpus, tmp_path / "collected")
    assert found.skipped.empty  # the ledger is no stray
    rows = found.recordings.set_index("label")
    accepted = {"<b>low & slow</b>": "_b_low_&_slow__b_", "high pitched": "high_pitched"}[events.loc["1", "label"]]
    assert sorted(rows.index) == sorted([accepted, "none", "Tawny_owl"])
    assert rows.loc["none", "kind"] == "false_alarm"
    for label, event in ((accepted, "1"), ("none", "2"), ("Tawny_owl", "3")):
        assert rows.loc[label, "source"] == portable_name(events.loc[event, "site"])
        copied = corpus / rows.loc[label, "original"]
        assert copied.read_bytes() == (made / events.loc[event, "media"]).read_bytes()


def test_the_summary_says_what_there_is_and_what_is_too_little(
    made: Path, answered: Answered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/1.wav", "fox/2.wav", *(f"none/rain/{n}.wav" for n in range(3)))
    collect_labels(made, answered({1: ("relabelled", "fox"), 2: ("rejected", ""), 3: ("relabelled", "owl")}), corpus)
    told = capsys.readouterr().out
    assert "fox: 1 event of 1 source, 3 with all that is there\n" in told
    assert (
        "owl: 1 event of 1 source, 1 with all that is there: too few to train on; record more, or skip its events"
        in told
    )
    assert "False alarms come from fewer than 3 sources" in told
    assert "they count as background of the kind with most, rain, in crossval's unheard_kinds too." in told
    assert f"dvc exp run -S collect.corpus={corpus}" in told


def test_a_second_run_changes_nothing_and_a_changed_verdict_moves_its_sound(
    made: Path, answered: Answered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/mine.wav", "none/rain/1.wav", "unseen/u.wav")
    said = {1: ("relabelled", "fox"), 2: ("rejected", "none"), 3: ("relabelled", "owl")}
    collect_labels(made, answered(said), corpus)
    first = sounds(corpus)
    assert len(first) == 3 + 3 + 1
    capsys.readouterr()
    collect_labels(made, answered(said), corpus)
    assert sounds(corpus) == first and "0 added, 0 moved, 0 taken out" in capsys.readouterr().out
    collect_labels(made, answered(said | {1: ("relabelled", "owl"), 3: ("skipped", "")}), corpus)
    assert "0 added, 1 moved, 1 taken out" in capsys.readouterr().out
    after = sounds(corpus)
    assert len(after) == 3 + 2 + 1 and after["fox/mine.wav"] == first["fox/mine.wav"]
    assert sorted(path.name for path in (corpus / "fox").iterdir()) == ["mine.wav"]  # and no empty folder
    collect_labels(made, answered({5: ("relabelled", "owl")}), corpus)  # what is not decided here stays as it was
    whole = sounds(corpus)
    assert len(whole) == len(after) + 1
    (corpus / LEDGER).unlink()
    collect_labels(made, answered({1: ("relabelled", "owl"), 5: ("relabelled", "owl")}), corpus)
    assert {name: sound for name, sound in sounds(corpus).items() if name != LEDGER} == {
        name: sound for name, sound in whole.items() if name != LEDGER
    }


def test_false_alarms_become_a_kind_of_their_own_when_they_come_from_enough_sources(
    made: Path, answered: Answered, tmp_path: Path
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/1.wav", *(f"none/rain/{n}.wav" for n in range(3)))
    one_of_each = heard(made).reset_index().drop_duplicates("site")["event"].astype(int)
    first, *others = one_of_each
    collect_labels(made, answered({first: ("rejected", "none")}), corpus)
    assert len(list((corpus / "none" / "rain").glob("*/*.flac"))) == 1
    collect_labels(made, answered(dict.fromkeys(others, ("rejected", "none"))), corpus)
    assert len(list((corpus / "none" / "false_alarm").glob("*/*.flac"))) == 3
    assert sorted(path.name for path in (corpus / "none" / "rain").iterdir()) == ["0.wav", "1.wav", "2.wav"]


def test_false_alarms_of_few_sources_are_background_of_no_kind_where_the_corpus_has_some(
    made: Path, answered: Answered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"none/{n}.wav" for n in range(3)] + [f"none/rain/{n}.wav" for n in range(5)]
    corpus = fill(tmp_path / "corpus", *names, "fox/1.wav", "owl/1.wav")
    collect_labels(made, answered({1: ("rejected", "none")}), corpus)
    told = capsys.readouterr().out
    assert "none/none: 1 event of 1 source, 4 with all that is there\n" in told
    assert "they count as background of no kind." in told
    rows = collect_folder(corpus, tmp_path / "collected").recordings.set_index("original")
    placed = rows.loc[next(name for name in rows.index if name.endswith(".flac"))]
    assert placed["kind"] == "none"
    assert placed["source"] == portable_name(heard(made).loc["1", "site"])


def test_labels_that_people_typed_are_one_with_those_of_the_rows_above_and_of_reviews_before(
    made: Path, answered: Answered, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    collect_labels(made, answered({1: ("relabelled", "Barn owl"), 2: ("relabelled", "barn_Owl")}), corpus)
    assert [path.name for path in corpus.iterdir() if path.is_dir()] == ["Barn_owl"]
    collect_labels(made, answered({3: ("relabelled", "BARN OWL")}), corpus)
    assert [path.name for path in corpus.iterdir() if path.is_dir()] == ["Barn_owl"]
    every = dict.fromkeys((1, 2, 3), ("relabelled", "barn owl"))  # a spelling is corrected where all of it is
    collect_labels(made, answered(every), corpus)
    assert [path.name for path in corpus.iterdir() if path.is_dir()] == ["barn_owl"]
    assert len(list(corpus.rglob("*.flac"))) == 3


def test_where_two_names_are_one_folder_no_sound_is_lost(made: Path, answered: Answered, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    collect_labels(made, answered({1: ("relabelled", "Owl")}), corpus)
    (corpus / "owl").symlink_to(corpus / "Owl")  # as where the file system ignores case
    before = {path: path.read_bytes() for path in corpus.glob("Owl/*/*.flac")}
    collect_labels(made, answered({1: ("relabelled", "owl")}), corpus)
    assert {path: path.read_bytes() for path in corpus.glob("Owl/*/*.flac")} == before != {}
    assert ",owl\n" in (corpus / LEDGER).read_text(encoding="utf-8")


def test_nobody_elses_file_is_touched(made: Path, answered: Answered, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    collect_labels(made, answered({1: ("relabelled", "owl")}), corpus)
    path = next((corpus / "owl").rglob("*.flac"))
    (corpus / LEDGER).unlink()
    path.write_bytes(b"mine")
    with pytest.raises(EchoError, match="did not come from a review"):
        collect_labels(made, answered({1: ("relabelled", "owl"), 2: ("relabelled", "fox")}), corpus)
    assert path.read_bytes() == b"mine" and not (corpus / "fox").exists()


def test_names_that_look_like_formulas_are_guarded_in_the_ledger_and_read_back(
    made: Path, answered: Answered, tmp_path: Path
) -> None:
    collect_labels(made, answered({1: ("relabelled", "=owl()")}), tmp_path / "corpus")
    assert ",=" not in (tmp_path / "corpus" / LEDGER).read_text(encoding="utf-8")
    before = sounds(tmp_path / "corpus")
    collect_labels(made, answered({1: ("relabelled", "=owl()")}), tmp_path / "corpus")
    assert sounds(tmp_path / "corpus") == before


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ({"start_s": "77"}, r"row 3 \(.*\): no such event in this review"),
        ({"recording": "elsewhere.wav"}, r"row 3 \(elsewhere.wav, .*\): no such event"),
        ({"verdict": "maybe"}, r"row 3 .*the verdict 'maybe' is none of accepted, rejected"),
        ({"verdict": "relabelled", "reviewed_label": "unseen"}, r"row 3 .*'unseen' is a name.*reviewed_label"),
        ({"verdict": "relabelled", "reviewed_label": ""}, r"row 3 .*leaves no name"),
        ({"start_s": "soon"}, "cannot be read as a table"),
    ],
)
def test_errors_name_the_row_and_change_nothing(
    made: Path, answered: Answered, tmp_path: Path, harm: dict[str, str], told: str
) -> None:
    table = pd.read_csv(answered({1: ("accepted", "")}), dtype=str, keep_default_na=False)
    table.loc[1, list(harm)] = list(harm.values())
    escape_formulas(table).to_csv(tmp_path / "harmed.csv", index=False)
    with pytest.raises(EchoError, match=told):
        collect_labels(made, tmp_path / "harmed.csv", tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_a_table_that_is_none_or_lacks_columns_or_names_an_event_twice(
    made: Path, answered: Answered, tmp_path: Path
) -> None:
    table = pd.read_csv(answered({1: ("accepted", "")}), dtype=str, keep_default_na=False)
    for name, harmed, told in (
        ("short.csv", table.drop(columns="verdict"), "has no column verdict"),
        ("twice.csv", pd.concat([table, table.iloc[:1]]), "the same event as in a row before"),
    ):
        harmed.to_csv(tmp_path / name, index=False)
        with pytest.raises(EchoError, match=told):
            collect_labels(made, tmp_path / name, tmp_path / "corpus")
    with pytest.raises(EchoError, match="is not there"):
        collect_labels(made, tmp_path / "none.csv", tmp_path / "corpus")
    with pytest.raises(EchoError, match="--output of `project-echo review`"):
        collect_labels(tmp_path, answered({}), tmp_path / "corpus")


def test_a_missing_sound_is_named_by_its_row_and_an_event_that_never_had_one_is_left_out(
    own: Path, by_pitch_or_none: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from project_echo.review import command  # noqa: PLC0415

    (own / "recordings" / "wood" / "\udcff.wav").unlink()
    command.review(own / "results", by_pitch_or_none, own / "review", 1)
    table = pd.read_csv(own / "review" / "events.csv", dtype=str, keep_default_na=False)
    table.assign(verdict="accepted").to_csv(own / "labels.csv", index=False)
    mute = int((table["media"] == "").sum())
    collect_labels(own / "review", own / "labels.csv", own / "corpus")
    assert f"{mute} events left out" in capsys.readouterr().out
    assert len(list((own / "corpus").rglob("*.flac"))) == len(table) - mute
    (own / "review" / "media" / "0001.flac").unlink()
    with pytest.raises(EchoError, match=r"row 2: its sound, .*0001.flac, is missing"):
        collect_labels(own / "review", own / "labels.csv", own / "corpus")

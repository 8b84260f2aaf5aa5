"""Files of a corpus that come from reviews: added, moved and removed, and nothing else touched."""

from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.reviews.collect_labels import collect_labels
from project_echo.reviews.ledger import LEDGER
from tests.project_echo.conftest import Messages
from tests.project_echo.reviews.conftest import WriteLabels
from tests.sounds import fill


def contents(corpus: Path) -> dict[str, bytes]:
    return {str(path.relative_to(corpus)): path.read_bytes() for path in sorted(corpus.rglob("*")) if path.is_file()}


def test_a_second_run_changes_nothing_and_a_changed_verdict_moves_its_sound(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, messages: Messages
) -> None:
    corpus = fill(tmp_path / "corpus", "fox/mine.wav", "none/rain/1.wav", "unseen/u.wav")

    def collect(answers: dict[int, tuple[str, str]]) -> tuple[str, dict[str, bytes]]:
        """The counts of the summary, and the files of the corpus."""
        messages()
        collect_labels(review_folder, write_labels(answers), output=corpus)
        return messages()[0].removeprefix(f"{corpus}: "), contents(corpus)

    answers = {1: ("relabelled", "fox"), 2: ("rejected", "none"), 3: ("relabelled", "owl")}
    counts, first = collect(answers)
    assert counts == "3 added, 0 moved, 0 removed" and len(first) == 3 + 3 + 2  # the ledger and labels.csv
    assert collect(answers) == ("0 added, 0 moved, 0 removed", first)
    counts, changed = collect(answers | {1: ("relabelled", "owl"), 3: ("skipped", "")})
    assert counts == "0 added, 1 moved, 1 removed"
    assert len(changed) == 3 + 2 + 2 and changed["fox/mine.wav"] == first["fox/mine.wav"]
    assert sorted(path.name for path in (corpus / "fox").iterdir()) == ["mine.wav"]  # no empty folder is left
    _, more = collect({5: ("relabelled", "owl")})  # what is undecided here stays
    assert len(more) == len(changed) + 1
    (corpus / LEDGER).unlink()
    _, again = collect({1: ("relabelled", "owl"), 5: ("relabelled", "owl")})
    del more[LEDGER], again[LEDGER]
    assert again == more


def test_no_sound_is_lost_where_two_names_are_one_folder(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    collect_labels(review_folder, write_labels({1: ("relabelled", "Owl")}), output=corpus)
    (corpus / "owl").symlink_to(corpus / "Owl")  # as where the file system ignores case
    before = {path: path.read_bytes() for path in corpus.glob("Owl/*/*.flac")}
    collect_labels(review_folder, write_labels({1: ("relabelled", "owl")}), output=corpus)
    assert {path: path.read_bytes() for path in corpus.glob("Owl/*/*.flac")} == before != {}
    assert ",owl\n" in (corpus / LEDGER).read_text(encoding="utf-8")


def test_a_file_that_came_from_elsewhere_is_never_overwritten(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    collect_labels(review_folder, write_labels({1: ("relabelled", "owl")}), output=corpus)
    path = next((corpus / "owl").rglob("*.flac"))
    (corpus / LEDGER).unlink()
    path.write_bytes(b"mine")
    with pytest.raises(EchoError, match=str(path)):
        collect_labels(review_folder, write_labels({1: ("relabelled", "owl"), 2: ("relabelled", "fox")}), output=corpus)
    assert path.read_bytes() == b"mine" and not (corpus / "fox").exists()


def test_a_ledger_of_an_earlier_version_is_an_error_and_nothing_is_changed(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    labels = write_labels({1: ("relabelled", "owl")})
    collect_labels(review_folder, labels, output=corpus)
    ledger = corpus / LEDGER
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("prediction", "heard_as"), encoding="utf-8")
    before = contents(corpus)
    with pytest.raises(EchoError) as error:
        collect_labels(review_folder, labels, output=corpus)
    for text in (str(ledger), "heard_as", "earlier version"):
        assert text in str(error.value)
    assert contents(corpus) == before


def test_a_ledger_without_a_column_is_named(review_folder: Path, write_labels: WriteLabels, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / LEDGER).write_text("file,recording\n", encoding="utf-8")
    with pytest.raises(EchoError) as error:
        collect_labels(review_folder, write_labels({1: ("accepted", "")}), output=corpus)
    assert str(corpus / LEDGER) in str(error.value)
    assert "truth" in str(error.value)

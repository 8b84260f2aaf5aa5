"""The table thresholds.csv, and copies of classifiers with its thresholds."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.models.card import CARD, Reviewed, Threshold, probabilities_digest, read_card, save_card
from project_echo.models.classifier import load_classifier
from project_echo.models.thresholds import (
    COLUMNS,
    MODEL,
    TABLE,
    apply_thresholds,
    copy_model,
    read_thresholds,
    replace_thresholds,
    write_thresholds,
)
from tests.conftest import LABELS

LOW, HIGH = LABELS
ROOT = Path(__file__).parents[3]


def table(*rows: tuple[object, ...], model: str = "") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(**{MODEL: model})


def row(label: str, threshold: float = 0.75, low: float = 0.5, high: float = 0.9) -> tuple[object, ...]:
    return label, threshold, low, high, 0.9, 40, 12


def test_what_was_written_is_read_back_also_if_a_label_looks_like_a_formula(tmp_path: Path) -> None:
    written = table(row("=owl()", 0.712345), row(HIGH), model="0123")
    write_thresholds(written, tmp_path / TABLE)
    pd.testing.assert_frame_equal(read_thresholds(tmp_path / TABLE, ["=owl()", HIGH]), written)


def test_the_table_of_the_repository_can_be_read_for_any_classifier() -> None:
    read_thresholds(ROOT / TABLE, ["boar", "cane_toad", "fox", "tree_frog"])


def test_a_table_with_only_a_header_has_no_thresholds(tmp_path: Path) -> None:
    write_thresholds(table(), tmp_path / TABLE)
    assert read_thresholds(tmp_path / TABLE, LABELS).empty
    usual = (Threshold(0.3, 0.2, 0.4),) * 2
    assert replace_thresholds(usual, LABELS, read_thresholds(tmp_path / TABLE, LABELS)) == usual


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row(HIGH), row("owl")], "row 3 ('owl')"),
        ([row(HIGH), row(LOW), row(HIGH)], f"row 4 ({HIGH!r})"),
        ([row(HIGH, 0.4)], "row 2"),
        ([row(HIGH, 0.95)], "row 2"),
        ([row(HIGH, low=-0.1)], "row 2"),
        ([row(HIGH, high=1.1)], "row 2"),
        ([(HIGH, 0.75, 0.5, 0.9, 90, 40, 12)], "row 2"),
        ([row(HIGH, float("nan"))], "threshold"),
    ],
)
def test_an_unusable_row_is_an_error_that_names_the_file_and_the_row(
    tmp_path: Path, rows: list[tuple[object, ...]], named: str
) -> None:
    table(*rows).to_csv(tmp_path / TABLE, index=False)
    with pytest.raises(EchoError) as error:
        read_thresholds(tmp_path / TABLE, LABELS)
    assert str(tmp_path / TABLE) in str(error.value) and named in str(error.value)


def test_a_missing_table_or_column_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=TABLE):
        read_thresholds(tmp_path / TABLE, LABELS)
    table().drop(columns="low").to_csv(tmp_path / TABLE, index=False)
    with pytest.raises(EchoError, match="no column low"):
        read_thresholds(tmp_path / TABLE, LABELS)


def test_a_copy_has_all_files_the_new_thresholds_and_what_they_rest_on(by_pitch_or_none: Path, tmp_path: Path) -> None:
    copy_model(by_pitch_or_none, table(row(HIGH)), tmp_path / "copy")
    before, after = read_card(by_pitch_or_none), read_card(tmp_path / "copy")
    assert before.thresholds is not None
    assert after.thresholds == (before.thresholds[0], Threshold(0.75, 0.5, 0.9))
    assert after.reviewed == {HIGH: Reviewed(precision=0.9, events=40, recordings=12)}
    changed = {"thresholds", "reviewed", "sha256"}
    assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
    assert after.sha256 == {**before.sha256, TABLE: files.sha256(tmp_path / "copy" / TABLE)}
    for path in by_pitch_or_none.iterdir():
        assert path.name == CARD or (tmp_path / "copy" / path.name).read_bytes() == path.read_bytes()
    assert load_classifier(tmp_path / "copy").thresholds == (0.5, 0.75)
    assert "/" not in (tmp_path / "copy" / CARD).read_text(encoding="utf-8").replace("</b>", "")  # no path


def test_a_copy_of_a_copy_keeps_the_thresholds_that_are_not_replaced(by_pitch_or_none: Path, tmp_path: Path) -> None:
    copy_model(by_pitch_or_none, table(row(HIGH)), tmp_path / "first")
    copy_model(tmp_path / "first", table(row(LOW, 0.6)), tmp_path / "second")
    assert load_classifier(tmp_path / "second").thresholds == (0.6, 0.75)
    expected = table(row(LOW, 0.6), row(HIGH), model=probabilities_digest(read_card(by_pitch_or_none)))
    pd.testing.assert_frame_equal(read_thresholds(tmp_path / "second" / TABLE, LABELS), expected)


def test_thresholds_are_applied_to_the_model_that_they_were_chosen_on_alone(
    by_pitch_or_none: Path, tmp_path: Path
) -> None:
    copy_model(by_pitch_or_none, table(row(HIGH)), tmp_path / "copy")
    stated = read_thresholds(tmp_path / "copy" / TABLE, LABELS)
    shutil.copytree(by_pitch_or_none, tmp_path / "same")
    assert apply_thresholds(tmp_path / "same", stated) == 1
    assert load_classifier(tmp_path / "same").thresholds == (0.5, 0.75)
    assert read_card(tmp_path / "same").reviewed == read_card(tmp_path / "copy").reviewed
    other = read_card(by_pitch_or_none)
    shutil.copytree(by_pitch_or_none, tmp_path / "other")
    save_card(other.model_copy(update={"slope": tuple(2 * value for value in other.slope)}), tmp_path / "other")
    before = (tmp_path / "other" / CARD).read_bytes()
    assert apply_thresholds(tmp_path / "other", stated) == 0
    assert apply_thresholds(tmp_path / "other", stated.assign(**{MODEL: ""})) == 0
    assert (tmp_path / "other" / CARD).read_bytes() == before


def test_a_table_of_before_has_no_model(tmp_path: Path) -> None:
    table(row(HIGH)).drop(columns=MODEL).to_csv(tmp_path / TABLE, index=False)
    assert read_thresholds(tmp_path / TABLE, LABELS)[MODEL].tolist() == [""]


def test_a_copy_has_the_same_bytes_each_time(by_pitch_or_none: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        copy_model(by_pitch_or_none, table(row(HIGH)), tmp_path / name)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_the_card_of_a_classifier_without_reviewed_thresholds_is_as_before(
    by_pitch_or_none: Path, tmp_path: Path
) -> None:
    shutil.copytree(by_pitch_or_none, tmp_path / "copy")
    assert "reviewed" not in files.read_json(by_pitch_or_none / CARD)
    save_card(read_card(by_pitch_or_none), tmp_path / "copy")
    assert (tmp_path / "copy" / CARD).read_bytes() == (by_pitch_or_none / CARD).read_bytes()

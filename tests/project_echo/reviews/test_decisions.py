"""Rows of an exported table that cannot be used."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import escape_formulas
from project_echo.reviews.collect_labels import collect_labels
from tests.project_echo.reviews.conftest import WriteLabels


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"start_s": "77"}, ["77"]),
        ({"recording": "elsewhere.wav"}, ["elsewhere.wav"]),
        ({"verdict": "maybe"}, ["'maybe'", "accepted", "not_this_label", "skipped"]),
        ({"verdict": "relabelled", "reviewed_label": "unseen"}, ["'unseen'", "reviewed_label"]),
        ({"verdict": "relabelled", "reviewed_label": ""}, ["''", "reviewed_label"]),
        ({"verdict": "relabelled", "reviewed_label": "owl|None"}, ["none", "owl"]),
    ],
)
def test_an_error_names_the_row_and_the_value(
    review_folder: Path, write_labels: WriteLabels, tmp_path: Path, changes: dict[str, str], named: list[str]
) -> None:
    table = pd.read_csv(write_labels({1: ("accepted", "")}), dtype=str, keep_default_na=False)
    table.loc[1, list(changes)] = list(changes.values())
    escape_formulas(table).to_csv(tmp_path / "changed.csv", index=False)
    with pytest.raises(EchoError) as error:
        collect_labels(review_folder, tmp_path / "changed.csv", output=tmp_path / "corpus")
    assert [text for text in ["changed.csv, row 3 (", *named] if text not in str(error.value)] == []
    assert not (tmp_path / "corpus").exists()


def test_a_repeated_event_is_an_error(review_folder: Path, write_labels: WriteLabels, tmp_path: Path) -> None:
    table = pd.read_csv(write_labels({1: ("accepted", "")}), dtype=str, keep_default_na=False)
    pd.concat([table, table.iloc[:1]]).to_csv(tmp_path / "twice.csv", index=False)
    with pytest.raises(EchoError, match=rf"twice\.csv, row {len(table) + 2}\b"):
        collect_labels(review_folder, tmp_path / "twice.csv", output=tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()

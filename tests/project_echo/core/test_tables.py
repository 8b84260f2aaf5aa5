"""Tables are read as they were written."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.core.tables import read_table, write_table

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, st.booleans()), min_size=1, max_size=5))
def test_names_are_read_from_a_table_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, bool]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    table = pd.DataFrame(rows, columns=["recording", "label", "unseen"])
    write_table(table, path)
    pd.testing.assert_frame_equal(read_table(path), table)


@pytest.mark.parametrize(
    "name", ["001", "1e3", "NA", "nan", "", "True", "-inf", ' "a, b" ', "a\nb", "a\rb", "a\r\nb", "#"]
)
def test_names_that_look_like_other_values_stay_names(tmp_path: Path, name: str) -> None:
    table = pd.DataFrame({"clip": [name], "source": [name], "part": [name]})
    write_table(table, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.csv"), table)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_table_is_read_whatever_its_line_ends(tmp_path: Path, line_end: str, start: str) -> None:
    """As a clone on Windows or a spreadsheet leaves it. Line breaks inside quotes belong to the name."""
    lines = [start + "recording,start_s,kind", '"a\nb",1.5,frog', '"c\r\nd\r",2,""']
    (tmp_path / "t.csv").write_bytes(line_end.join([*lines, ""]).encode())
    expected = pd.DataFrame({"recording": ["a\nb", "c\r\nd\r"], "start_s": [1.5, 2.0], "kind": ["frog", ""]})
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.csv"), expected)


@pytest.mark.parametrize("name", ["a\rb", "a\r", "\r", 'a\r\n"b"', "a\r,b"])
def test_a_carriage_return_in_a_name_does_not_end_the_row_for_other_readers(tmp_path: Path, name: str) -> None:
    table = pd.DataFrame({"clip": [name, "b"], "start_s": [1.5, np.nan], "count": [1, 2]})
    write_table(table, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [["clip", "start_s", "count"], [name, "1.5", "1"], ["b", "", "2"]]
    assert read_table(tmp_path / "t.csv")["count"].tolist() == [1, 2]


def test_times_in_a_table_have_six_decimals_and_other_numbers_four(tmp_path: Path) -> None:
    numbers = [0.0, 100.0, 1 / 3, -1e-7, np.nan, -np.inf]
    table = pd.DataFrame({"start_s": numbers, "confidence": numbers, "pixel": np.array(numbers, np.float16)})
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines() == [
        "start_s,confidence,pixel",
        "0,0,0",
        "100,100,100",
        "0.333333,0.3333,0.3333",
        "0,0,0",
        ",,",
        "-inf,-inf,-inf",
    ]


def test_numbers_are_read_from_a_table(tmp_path: Path) -> None:
    table = pd.DataFrame({"start_s": [0.0, 100.0, 1 / 3, -np.inf]})
    write_table(table, tmp_path / "t.csv")
    np.testing.assert_allclose(read_table(tmp_path / "t.csv")["start_s"], table["start_s"], atol=1e-6)


def test_the_number_of_decimals_in_a_table_can_be_chosen(tmp_path: Path) -> None:
    table = pd.DataFrame({"start_s": [1 / 3], "hz": [440.55], "count": [120]})
    write_table(table, tmp_path / "t.csv", decimals=0)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "start_s,hz,count\n0.333333,441,120\n"

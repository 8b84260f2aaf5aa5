"""A table with escaped formulas runs nothing, and is read back as it was, also if a spreadsheet has saved it."""

import csv
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import escape_formulas, read_table, unescape_formulas, write_table

ODD = st.text(st.sampled_from("'=+-@\t\r\nab,;\" "), max_size=8)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t1", "\r1", " =1"])
def test_a_formula_becomes_text(text: str) -> None:
    table = escape_formulas(pd.DataFrame({"label": [text, "fox"], text: [1.5, -2.0]}))
    assert table["label"].tolist() == [f"'{text}", "fox"]
    assert table[f"'{text}"].tolist() == [1.5, -2.0]  # numbers are not escaped


@pytest.mark.parametrize("separator", ["\r", "\n", "\t", ",", ";"])
def test_a_formula_after_a_cell_separator_becomes_text(separator: str) -> None:
    table = escape_formulas(pd.DataFrame({"recording": [f"a{separator}=1+1", f"a{separator}b-c"]}))
    assert table["recording"].tolist() == [f"a{separator}'=1+1", f"a{separator}b-c"]


@given(st.lists(ODD, min_size=1, max_size=5), st.lists(ODD, min_size=2, max_size=2, unique=True))
def test_escaping_can_be_undone_and_leaves_no_formula(texts: list[str], columns: list[str]) -> None:
    table = pd.DataFrame({columns[0]: texts, columns[1]: range(len(texts))})
    assert_frame_equal(unescape_formulas(escape_formulas(table)), table)
    escaped = escape_formulas(table)
    cells = [cell for text in [*escaped.iloc[:, 0], *escaped.columns] for cell in re.split("[\t\r\n,;]", text)]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in cells)


COLUMNS = {"recording": str, "start_s": float, "windows": int, "label": str}
TABLE = pd.DataFrame(
    {
        "recording": ['a/Füchse; "im" Moor.wav', "=1+2,x.wav", "b\nc.wav", ""],
        "start_s": [0.0, 2.5, 1234.567891, 1e6],
        "windows": [1, 20, 3, 4000],
        "label": ["fox", "", "-owl", "Käuzchen"],
    }
)


def save_as_spreadsheet(
    path: Path, separator: str, decimal: str, encoding: str, quoting: int = csv.QUOTE_MINIMAL
) -> None:
    """Save a CSV table as a spreadsheet does, with two empty columns and an empty row."""
    header, *rows = csv.reader(StringIO(path.read_text(encoding="utf-8"), newline=""))
    numbers = [index for index, name in enumerate(header) if COLUMNS[name] is float]
    for row in rows:
        for index in numbers:
            row[index] = row[index].replace(".", decimal)
    target = StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, quoting=quoting, lineterminator="\r\n")
    writer.writerows([*row, "", ""] for row in [header, *rows, [""] * len(header)])
    path.write_bytes(target.getvalue().encode(encoding))


SPREADSHEETS = [
    (";", ",", "cp1252"),  # Excel in Germany: CSV
    (";", ",", "utf-8-sig"),  # CSV UTF-8
    ("\t", ",", "utf-16"),  # Unicode text
    (",", ".", "cp1252"),  # Excel in Britain
    (",", ",", "utf-8"),  # LibreOffice in Germany, with its own separator kept; numbers are quoted
    (";", ".", "utf-16-le"),
    (";", ".", "utf-16-be"),
]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize(("separator", "decimal", "encoding"), SPREADSHEETS)
def test_a_table_that_a_spreadsheet_saved_is_read(
    tmp_path: Path, separator: str, decimal: str, encoding: str, quoting: int
) -> None:
    path = tmp_path / "table.csv"
    write_table(TABLE, path)
    save_as_spreadsheet(path, separator, decimal, encoding, quoting)
    assert_frame_equal(read_table(path, COLUMNS, ""), TABLE)


# A carriage return within a cell is not written; names of recordings have it escaped.
TEXT = st.text(st.characters(codec="cp1252", exclude_characters="\0\r"), max_size=8) | ODD.filter(
    lambda text: "\r" not in text
)
ROWS = st.lists(st.tuples(TEXT, st.floats(-1e6, 1e6), st.integers(0, 10**6), TEXT), max_size=5)


def is_utf8_by_chance(path: Path, encoding: str) -> bool:
    """Whether the bytes of a file are valid in UTF-8 too, with another meaning: nothing tells which was meant."""
    content = path.read_bytes()
    if encoding != "cp1252" or content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(ROWS, st.sampled_from(SPREADSHEETS))
@example([("Â\xa0", 0.0, 0, "")], (";", ",", "cp1252"))
@settings(max_examples=50)
def test_tables_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, int, str]], saved: tuple[str, str, str]
) -> None:
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_table(table, path)
    assert_frame_equal(read_table(path, COLUMNS, ""), table, check_exact=False, atol=1e-6)
    save_as_spreadsheet(path, *saved)
    assume(not is_utf8_by_chance(path, saved[-1]))
    assert_frame_equal(read_table(path, COLUMNS, ""), table, check_exact=False, atol=1e-6)


def test_a_line_that_tells_excel_the_separator_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sep=;\nlabel;start_s\nfox;1,5\n")
    assert read_table(path, {"label": str, "start_s": float}, "").to_dict("list") == {
        "label": ["fox"],
        "start_s": [1.5],
    }


def test_rows_of_empty_text_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_table(pd.DataFrame({"label": ["", "fox", ""]}), path)
    assert read_table(path, {"label": str}, "")["label"].tolist() == ["", "fox", ""]


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (b"label;start_s\nfox;2. May\n", ["start_s", "2. May"]),  # what a spreadsheet makes of 2.5
        (b"label;start_s\nfox;1.234,5\n", ["start_s", "1.234.5"]),
        (b"label;begin\nfox;1\n", ["start_s"]),
        (b"", []),
        (b'label,start_s\n"fox,1\n', []),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_file_and_what_to_do(
    tmp_path: Path, content: bytes, facts: list[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(EchoError) as error:
        read_table(path, {"label": str, "start_s": float}, "Export it again.")
    assert all(fact in str(error.value) for fact in [str(path), "Export it again.", *facts])


def test_a_number_that_is_not_whole_is_no_count(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("windows\n2,0\n".replace(",", "."))
    assert read_table(path, {"windows": int}, "")["windows"].tolist() == [2]
    path.write_text("windows\n2.5\n")
    with pytest.raises(EchoError, match="windows"):
        read_table(path, {"windows": int}, "")

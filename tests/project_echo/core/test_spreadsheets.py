"""A escape_formulas table runs nothing, and is read back as it was."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from project_echo.core.spreadsheets import escape_formulas, unescape_formulas

ODD = st.text(st.sampled_from("'=+-@\t\r\nab,;\" "), max_size=8)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t1", "\r1", " =1"])
def test_what_would_be_run_is_text(text: str) -> None:
    table = escape_formulas(pd.DataFrame({"label": [text, "fox"], text: [1.5, -2.0]}))
    assert table["label"].tolist() == [f"'{text}", "fox"]
    assert table[f"'{text}"].tolist() == [1.5, -2.0]  # numbers are no text


@pytest.mark.parametrize("separator", ["\r", "\n", "\t", ",", ";"])
def test_nothing_is_run_where_a_spreadsheet_would_begin_another_cell(separator: str) -> None:
    table = escape_formulas(pd.DataFrame({"recording": [f"a{separator}=1+1", f"a{separator}b-c"]}))
    assert table["recording"].tolist() == [f"a{separator}'=1+1", f"a{separator}b-c"]


@given(st.lists(ODD, min_size=1, max_size=5), st.lists(ODD, min_size=2, max_size=2, unique=True))
def test_it_is_read_back_as_it_was(texts: list[str], columns: list[str]) -> None:
    table = pd.DataFrame({columns[0]: texts, columns[1]: range(len(texts))})
    assert_frame_equal(unescape_formulas(escape_formulas(table)), table)
    shown = escape_formulas(table)
    cells = [cell for text in [*shown.iloc[:, 0], *shown.columns] for cell in re.split("[\t\r\n,;]", text)]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in cells)

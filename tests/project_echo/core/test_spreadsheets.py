"""A table with escaped formulas runs nothing, and escaping can be undone."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from project_echo.core.spreadsheets import escape_formulas, unescape_formulas

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

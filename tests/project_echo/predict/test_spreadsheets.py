"""A guarded table runs nothing, and is read back as it was."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from project_echo.predict.spreadsheets import guarded, unguarded

ODD = st.text(st.sampled_from("'=+-@\t\r\nab,\""), max_size=6)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_would_be_run_is_text(text: str) -> None:
    table = guarded(pd.DataFrame({"label": [text, "fox"], text: [1.5, -2.0]}))
    assert table["label"].tolist() == [f"'{text}", "fox"]
    assert table[f"'{text}"].tolist() == [1.5, -2.0]  # numbers are no text


@given(st.lists(ODD, min_size=1, max_size=5), st.lists(ODD, min_size=2, max_size=2, unique=True))
def test_it_is_read_back_as_it_was(texts: list[str], columns: list[str]) -> None:
    table = pd.DataFrame({columns[0]: texts, columns[1]: range(len(texts))})
    assert_frame_equal(unguarded(guarded(table)), table)
    shown = guarded(table)
    assert not any(text[:1] in set("=+-@\t\r\n") - {""} for text in [*shown.iloc[:, 0], *shown.columns])

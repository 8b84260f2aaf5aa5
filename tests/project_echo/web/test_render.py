"""Templates show text as it is, and never run it."""

import json

import pytest
from jinja2 import UndefinedError

from project_echo.web.render import escape_json, render, short


def test_json_cannot_end_its_script_element() -> None:
    value = {"name": "</script><script>alert(1)</script>&amp;"}
    text = escape_json(json.dumps(value))
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("report/report.html", number=None)


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (2.0, "2"), (float("nan"), ""), (7, "7"), ("a_b", "a_b"), (-0.5, "-0.5")]
)
def test_values_of_tables_have_three_decimals_at_most(value: object, text: str) -> None:
    assert short(value) == text

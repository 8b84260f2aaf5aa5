"""Templates: what people named is shown, never run."""

import json

import pytest
from jinja2 import UndefinedError

from project_echo.web.render import json_inside, render, short


def test_json_cannot_end_the_element_that_it_stands_in() -> None:
    value = {"name": "</script><script>alert(1)</script>&amp;"}
    text = json_inside(json.dumps(value))
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


def test_a_value_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(UndefinedError):
        render("report/report.html", number=None)


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (2.0, "2"), (float("nan"), ""), (7, "7"), ("a_b", "a_b"), (-0.5, "-0.5")]
)
def test_values_of_tables_are_short(value: object, text: str) -> None:
    assert short(value) == text

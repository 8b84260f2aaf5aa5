"""Which clip stands for all."""

import pandas as pd
import pytest

from project_echo.explain import example


def clips(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["clip", "truth", "prediction", "fox", "toad"])


def test_the_surest_of_those_that_are_right() -> None:
    table = clips(("a", "fox", "fox", 0.7, 0.3), ("b", "toad", "toad", 0.1, 0.9), ("c", "fox", "toad", 0.01, 0.99))
    assert example.surest(table)["clip"] == "b"


def test_where_none_is_right_the_one_that_came_nearest() -> None:
    assert example.surest(clips(("a", "fox", "toad", 0.4, 0.6), ("b", "fox", "toad", 0.1, 0.9)))["clip"] == "a"


def test_no_clip_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        example.surest(clips())

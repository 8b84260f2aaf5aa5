"""Paired differences."""

import numpy as np
import pandas as pd
import pytest

from project_echo.compare import paired
from project_echo.compare.paired import Change
from project_echo.evaluation import crossval


def predictions(wrong: int, sources: int = 10, draws: int = 2) -> pd.DataFrame:
    rows = []
    for label in ("frog", "owl"):
        for source in range(sources):
            other = "owl" if label == "frog" else "frog"
            prediction = other if label == "owl" and source < wrong else label
            rows.append((str(source % draws), f"{label}-{source}", f"{label}-{source}", label, prediction))
    return pd.DataFrame(rows, columns=["draw", "clip", "source", "truth", "prediction"])


def test_the_change_in_accuracy_is_that_of_make_compare() -> None:
    before, after = predictions(8), predictions(1)
    change = paired.accuracy_change(before, after)
    known = crossval.paired_difference(before, after)["accuracy"]
    assert (change.before, change.after) == (known["before"], known["after"]) == (0.6, 0.95)
    assert (change.low, change.high) == pytest.approx((known["low"], known["high"]))
    assert change.differing == 7
    assert paired.error_change(before, after).value == pytest.approx(-change.value)


@pytest.mark.parametrize(
    ("change", "lower_is_better", "outcome"),
    [
        (Change(0.5, 0.6, 0.05, 0.15, 9), False, "better"),
        (Change(0.5, 0.6, 0.05, 0.15, 9), True, "worse"),
        (Change(0.6, 0.5, -0.15, -0.05, 9), False, "worse"),
        (Change(0.6, 0.5, -0.15, -0.05, 9), True, "better"),
        (Change(0.5, 0.6, -0.05, 0.15, 9), False, "same"),
        (Change(0.5, 0.6, 0.0, 0.15, 9), False, "same"),
        (Change(0.5, 0.6, 0.05, 0.15, 5), False, "same"),  # a sign test of five does not reject
    ],
)
def test_an_interval_without_0_tells_apart(change: Change, lower_is_better: bool, outcome: str) -> None:
    assert change.outcome(lower_is_better=lower_is_better) == outcome


def test_sources_are_resampled_not_rows() -> None:
    rng = np.random.default_rng(0)
    gain = rng.normal(0.1, 1, 20)
    once = paired.ratio_change(np.zeros(20), gain, np.ones(20), np.arange(20), np.zeros(20))
    tenfold = paired.ratio_change(
        np.zeros(200), np.repeat(gain, 10), np.ones(200), np.repeat(np.arange(20), 10), np.zeros(200)
    )
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))
    assert tenfold.differing == once.differing == 20


def test_common_draws_test_the_same_clips() -> None:
    before, after = predictions(2), predictions(2)
    assert len(paired.common_draws(before, after)[0]) == len(before)
    other_clip = after.replace({"clip": {"owl-1": "owl-1-0002.500"}})
    first, second = paired.common_draws(before, other_clip)
    assert set(first["draw"]) == set(second["draw"]) == {"0"}
    first, _ = paired.common_draws(before, after[after["draw"] == "1"])
    assert set(first["draw"]) == {"1"}
    assert paired.common_draws(before, after.replace("owl", "boar"))[0].empty

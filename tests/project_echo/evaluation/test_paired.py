"""Paired differences."""

import numpy as np
import pytest
from scipy.stats import binomtest

from project_echo.evaluation import crossval, paired
from project_echo.evaluation.paired import Change
from tests.project_echo.evaluation.pairs import predictions


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
        (Change(0.5, 0.6, 0.05, 0.15, 7, alpha=0.0125), False, "same"),
        (Change(0.5, 0.6, 0.05, 0.15, 8, alpha=0.0125), False, "better"),
    ],
)
def test_an_interval_without_0_tells_apart(change: Change, lower_is_better: bool, outcome: str) -> None:
    assert change.outcome(lower_is_better=lower_is_better) == outcome


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 2, 0.05 / 3, 0.05 / 4, 0.01])
def test_so_many_clusters_must_differ_that_a_sign_test_may_reject(alpha: float) -> None:
    needed = paired.least_differing(alpha)
    assert binomtest(needed, needed).pvalue <= alpha < binomtest(needed - 1, needed - 1).pvalue


def test_a_higher_level_makes_the_interval_wider() -> None:
    change = paired.accuracy_change(predictions(8, sources=40), predictions(1, sources=40))
    wider = change.at(0.0125)
    assert wider.low < change.low < change.value == wider.value < change.high < wider.high
    assert wider.at(0.05) == change
    assert Change(0.5, 0.6, 0.05, 0.15, 9).at(0.0125).low == 0.05  # without replicates


def test_clips_that_only_one_tests_are_left_out() -> None:
    before, after = predictions(8), predictions(1)
    assert paired.accuracy_change(before, after[1:]).differing == 7
    assert paired.accuracy_change(before, after[after["truth"] == "frog"]).before == 1


def test_sources_are_resampled_not_rows() -> None:
    rng = np.random.default_rng(0)
    gain = rng.normal(0.1, 1, 20)
    once = paired.ratio_change(np.zeros(20), gain, np.ones(20), np.arange(20), np.zeros(20))
    tenfold = paired.ratio_change(
        np.zeros(200), np.repeat(gain, 10), np.ones(200), np.repeat(np.arange(20), 10), np.zeros(200)
    )
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))
    assert tenfold.differing == once.differing == 20

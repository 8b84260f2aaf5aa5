"""Calibration and thresholds stay within bounds, and near their defaults where few sources stand behind them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from project_echo.models import rejection
from project_echo.models.shrinkage import (
    LIMITS,
    PSEUDO_SOURCES,
    THRESHOLD,
    THRESHOLDS,
    calibration_note,
    shrink,
    shrink_threshold,
    threshold_bounds,
)

ESTIMATES = st.floats(0, 1e30)  # a threshold just above 1 is possible too
N_SOURCES = st.integers(0, 10**6)


@given(estimate=ESTIMATES, n_sources=N_SOURCES)
def test_any_threshold_is_kept_within_bounds(estimate: float, n_sources: int) -> None:
    assert LIMITS[0] <= shrink_threshold(estimate, n_sources) <= LIMITS[1]


@given(st.floats(-50, 50), st.floats(-50, 50), N_SOURCES)
def test_an_estimate_is_a_mean_with_its_default(estimate: float, default: float, n_sources: int) -> None:
    value = shrink(estimate, default, n_sources)
    assert min(estimate, default) - 1e-9 <= value <= max(estimate, default) + 1e-9
    assert shrink(estimate, default, 0) == default
    assert shrink(estimate, default, 10**9) == pytest.approx(estimate, abs=1e-5)
    assert shrink(estimate, default, PSEUDO_SOURCES) == pytest.approx((estimate + default) / 2)
    assert shrink(estimate, default, 10, 30) == pytest.approx(default + (estimate - default) / 4)


@given(estimates=st.tuples(ESTIMATES, ESTIMATES), numbers=st.tuples(N_SOURCES, N_SOURCES))
def test_more_sources_move_a_threshold_further_from_its_default_and_higher_estimates_give_higher_ones(
    estimates: tuple[float, float], numbers: tuple[int, int]
) -> None:
    fewer, more = sorted(numbers)
    lower, higher = sorted(estimates)
    distances = [abs(logit(shrink_threshold(lower, n))) for n in (fewer, more)]  # the default is 0.5
    assert distances[0] <= distances[1] + 1e-9
    assert shrink_threshold(lower, more) <= shrink_threshold(higher, more)


@given(estimate=ESTIMATES, numbers=st.tuples(N_SOURCES, N_SOURCES))
def test_bounds_of_the_threshold_hold_for_few_sources_and_widen_with_more(
    estimate: float, numbers: tuple[int, int]
) -> None:
    fewer, more = sorted(numbers)
    for n_sources in (fewer, more):
        low, high = threshold_bounds(n_sources)
        assert low <= shrink_threshold(estimate, n_sources) <= high
        assert low + high == pytest.approx(1)
        if n_sources <= PSEUDO_SOURCES:
            assert (low, high) == pytest.approx(THRESHOLDS)
    assert LIMITS[0] <= threshold_bounds(more)[0] <= threshold_bounds(fewer)[0]
    assert threshold_bounds(2 * PSEUDO_SOURCES)[0] == pytest.approx(1 / 82)  # odds of 81 to 1
    assert threshold_bounds(10 * PSEUDO_SOURCES) == LIMITS


@given(estimates=st.lists(st.floats(0.02, 0.98), min_size=2, max_size=2, unique=True), n_sources=st.integers(1, 10**6))
def test_estimates_that_differ_give_thresholds_that_differ(estimates: list[float], n_sources: int) -> None:
    lower, higher = sorted(estimates)
    if higher - lower > 1e-6:
        assert shrink_threshold(lower, n_sources) < shrink_threshold(higher, n_sources)


@pytest.mark.parametrize("n_sources", [1, 6, 19, 44, 1000])
def test_a_higher_false_positive_rate_gives_a_lower_threshold(n_sources: int) -> None:
    background = np.geomspace(0.001, 0.6, 200)  # most of it below 0.1
    estimates = [rejection.threshold_for_false_positive_rate(background, rate) for rate in (0.05, 0.1, 0.2, 0.3)]
    assert min(estimates) < THRESHOLDS[0]
    thresholds = [shrink_threshold(estimate, n_sources) for estimate in estimates]
    assert all(later < earlier for earlier, later in pairwise(thresholds))


def test_without_sources_it_is_the_default_and_with_many_the_estimate() -> None:
    assert shrink_threshold(0.2, 0) == THRESHOLD
    assert shrink_threshold(0.2, 10**7) == pytest.approx(0.2, rel=1e-4)
    assert logit(shrink_threshold(0.2, PSEUDO_SOURCES)) == pytest.approx(logit(0.2) / 2)
    assert logit(shrink_threshold(0.05, PSEUDO_SOURCES)) == pytest.approx(logit(0.05) / 2)
    assert logit(shrink_threshold(0.2, 10, pseudo_sources=30)) == pytest.approx(logit(0.2) / 4)


@pytest.mark.parametrize(("n_sources", "named"), [(0, "0 sources"), (1, "1 source)"), (19, "19 sources"), (20, "")])
def test_a_sentence_names_the_number_of_sources_if_they_are_too_few(n_sources: int, named: str) -> None:
    sentence = calibration_note(n_sources)
    assert bool(sentence) == bool(named)
    assert named in sentence

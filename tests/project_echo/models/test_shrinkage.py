"""Temperature and threshold stay within bounds, and near their defaults where few sources stand behind them."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from project_echo.core.labels import NONE
from project_echo.models import rejection
from project_echo.models.shrinkage import (
    LIMITS,
    PSEUDO_SOURCES,
    TEMPERATURE,
    TEMPERATURES,
    THRESHOLD,
    THRESHOLDS,
    calibration_note,
    shrink_temperature,
    shrink_threshold,
    threshold_bounds,
)

Shrink, Scale = Callable[[float, int], float], Callable[[float], float]
ESTIMATES = st.floats(0, 1e30)  # a threshold just above 1 is possible too
N_SOURCES = st.integers(0, 10**6)
SHRINK = pytest.mark.parametrize(
    ("shrink", "bounds", "scale"), [(shrink_temperature, TEMPERATURES, np.log), (shrink_threshold, LIMITS, logit)]
)


@SHRINK
@given(estimate=ESTIMATES, n_sources=N_SOURCES)
def test_any_estimate_is_kept_within_bounds(
    shrink: Shrink, bounds: tuple[float, float], scale: Scale, estimate: float, n_sources: int
) -> None:
    low, high = bounds
    assert low * (1 - 1e-9) <= shrink(estimate, n_sources) <= high * (1 + 1e-9)


@SHRINK
@given(estimates=st.tuples(ESTIMATES, ESTIMATES), numbers=st.tuples(N_SOURCES, N_SOURCES))
def test_more_sources_move_it_further_from_its_default_and_higher_estimates_give_higher_values(
    shrink: Shrink,
    bounds: tuple[float, float],
    scale: Scale,
    estimates: tuple[float, float],
    numbers: tuple[int, int],
) -> None:
    fewer, more = sorted(numbers)
    lower, higher = sorted(estimates)
    default = shrink(lower, 0)
    distances = [abs(scale(shrink(lower, n)) - scale(default)) for n in (fewer, more)]
    assert distances[0] <= distances[1] + 1e-9
    assert shrink(lower, more) <= shrink(higher, more)


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
    assert (shrink_temperature(3.0, 0), shrink_threshold(0.2, 0)) == (TEMPERATURE, THRESHOLD)
    assert shrink_temperature(3.0, 10**7) == pytest.approx(3.0, rel=1e-4)
    assert shrink_threshold(0.2, 10**7) == pytest.approx(0.2, rel=1e-4)
    assert np.log(shrink_temperature(3.0, PSEUDO_SOURCES)) == pytest.approx(np.log(3) / 2)
    assert logit(shrink_threshold(0.2, PSEUDO_SOURCES)) == pytest.approx(logit(0.2) / 2)
    assert logit(shrink_threshold(0.05, PSEUDO_SOURCES)) == pytest.approx(logit(0.05) / 2)
    assert logit(shrink_threshold(0.2, 10, pseudo_sources=30)) == pytest.approx(logit(0.2) / 4)


@given(
    st.lists(st.lists(st.floats(1e-12, 1), min_size=5, max_size=5), min_size=1, max_size=8),
    st.integers(1, 4),
    ESTIMATES,
    N_SOURCES,
)
def test_no_animal_is_named_while_background_is_nearly_certain(
    weights: list[list[float]], n_animals: int, estimate: float, n_sources: int
) -> None:
    labels = [*(f"animal {number}" for number in range(n_animals)), NONE]
    probabilities = np.array(weights)[:, : len(labels)]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    threshold = shrink_threshold(estimate, n_sources)
    low, high = THRESHOLDS if n_sources <= PSEUDO_SOURCES else LIMITS
    named = rejection.decide(probabilities, labels, threshold)
    for row, label in zip(probabilities, named, strict=True):
        if label != NONE:
            assert row[labels.index(label)] >= low / n_animals * (1 - 1e-9)
            assert row[-1] <= 1 - low + 1e-9
        else:
            assert row[-1] >= 1 - high - 1e-9


@pytest.mark.parametrize(
    ("n_sources", "n_background", "named"),
    [
        (PSEUDO_SOURCES, PSEUDO_SOURCES, []),
        (PSEUDO_SOURCES, None, []),
        (15, 5, ["15 sources", "5 sources"]),
        (PSEUDO_SOURCES, 1, ["1 source "]),
        (7, None, ["7 sources"]),
    ],
)
def test_a_sentence_names_the_numbers_of_sources_that_are_too_few(
    n_sources: int, n_background: int | None, named: list[str]
) -> None:
    sentence = calibration_note(n_sources, n_background, None if n_background is None else 0.45)
    assert bool(sentence) == bool(named)
    assert all(number in sentence for number in named)
    assert ("background" in sentence) == (n_background is not None and n_background < PSEUDO_SOURCES)


@pytest.mark.parametrize("n_background", [1, 6, 20, 44, 500])
@pytest.mark.parametrize(
    ("estimate", "words"), [(1e-26, {"lowest", "higher"}), (1.0, {"highest", "lower"}), (0.3, set())]
)
def test_a_sentence_says_if_another_false_positive_rate_would_not_move_the_threshold(
    n_background: int, estimate: float, words: set[str]
) -> None:
    threshold = shrink_threshold(estimate, n_background)
    sentences = calibration_note(100, n_background, threshold)
    enough = n_background >= PSEUDO_SOURCES
    assert bool(sentences) == (bool(words) or not enough)
    assert ("rejection.false_positive_rate" in sentences) == bool(words)
    if words:
        assert words <= set(sentences.replace(":", " ").split())
        assert f"{threshold:.3f}" in sentences
        assert f"{n_background} source" in sentences

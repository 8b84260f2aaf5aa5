"""Temperature and threshold stay within bounds, and near their defaults where few sources stand behind them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from project_echo.core.labels import NONE
from project_echo.models import rejection
from project_echo.models.shrinkage import (
    PSEUDO_SOURCES,
    TEMPERATURE,
    TEMPERATURES,
    THRESHOLD,
    THRESHOLDS,
    shrink_temperature,
    shrink_threshold,
    too_few_sources,
)

Shrink, Scale = Callable[[float, int], float], Callable[[float], float]
ESTIMATES = st.floats(0, 1e30)  # a threshold just above 1 is possible too
N_SOURCES = st.integers(0, 10**6)
SHRINK = pytest.mark.parametrize(
    ("shrink", "bounds", "scale"), [(shrink_temperature, TEMPERATURES, np.log), (shrink_threshold, THRESHOLDS, logit)]
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


def test_without_sources_it_is_the_default_and_with_many_the_estimate() -> None:
    assert (shrink_temperature(3.0, 0), shrink_threshold(0.2, 0)) == (TEMPERATURE, THRESHOLD)
    assert shrink_temperature(3.0, 10**7) == pytest.approx(3.0, rel=1e-4)
    assert shrink_threshold(0.2, 10**7) == pytest.approx(0.2, rel=1e-4)
    assert np.log(shrink_temperature(3.0, PSEUDO_SOURCES)) == pytest.approx(np.log(3) / 2)
    assert logit(shrink_threshold(0.2, PSEUDO_SOURCES)) == pytest.approx(logit(0.2) / 2)


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
    named = rejection.decide(probabilities, labels, threshold)
    for row, label in zip(probabilities, named, strict=True):
        if label != NONE:
            assert row[labels.index(label)] >= THRESHOLDS[0] / n_animals * (1 - 1e-9)
            assert row[-1] <= 1 - THRESHOLDS[0] + 1e-9
        else:
            assert row[-1] >= 1 - THRESHOLDS[1] - 1e-9


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
    sentence = too_few_sources(n_sources, n_background)
    assert bool(sentence) == bool(named)
    assert all(number in sentence for number in named)
    assert ("background" in sentence) == (n_background is not None and n_background < PSEUDO_SOURCES)

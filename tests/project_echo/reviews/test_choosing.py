"""The halves of the recordings, and the lowest threshold that reaches a precision."""

import math
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.reviews import choosing

EVENTS = st.lists(st.tuples(st.integers(1, 20).map(lambda step: step / 20), st.booleans()), min_size=1, max_size=60)


@pytest.mark.parametrize(("precision", "needed"), [(0.5, 10), (0.9, 10), (0.95, 20), (0.98, 50), (0.99, 100)])
def test_so_many_events_are_needed_that_one_may_be_wrong(precision: float, needed: int) -> None:
    assert choosing.events_needed(precision) == needed


@given(EVENTS, st.sampled_from([0.5, 0.75, 0.9]))
def test_the_threshold_is_the_lowest_confidence_at_which_enough_events_reach_the_precision(
    events: list[tuple[float, bool]], precision: float
) -> None:
    confidence, correct = (np.array(values) for values in zip(*events, strict=True))
    reaching = [
        value
        for value in confidence
        if (confidence >= value).sum() >= choosing.events_needed(precision)
        and correct[confidence >= value].mean() >= precision - 1e-9
    ]
    found = choosing.lowest_threshold(confidence, correct, precision)
    assert found == min(reaching) if reaching else math.isnan(found)


@given(EVENTS, st.integers(0, 2**32))
def test_a_replicate_is_as_if_its_events_occurred_so_often(events: list[tuple[float, bool]], seed: int) -> None:
    confidence, correct = (np.array(values) for values in zip(*events, strict=True))
    times = np.random.default_rng(seed).integers(0, 4, len(events))
    (found,) = choosing.lowest_thresholds(times[np.newaxis], np.arange(len(events)), confidence, correct, 0.75)
    repeated = [np.repeat(values, times) for values in (confidence, correct)]
    expected = choosing.lowest_threshold(*repeated, 0.75) if times.any() else math.nan
    np.testing.assert_equal(found, expected)


@given(
    st.dictionaries(st.text(max_size=5), st.lists(st.floats(0, 1), min_size=1, max_size=3), min_size=1), st.randoms()
)
def test_halves_have_as_many_recordings_whatever_the_order_and_the_number_of_rows(
    confidences: dict[str, list[float]], random: Random
) -> None:
    rows = [(name, value) for name, values in confidences.items() for value in values]
    table = pd.DataFrame(rows, columns=["name", "confidence"])
    is_choosing = choosing.choosing_half(table["name"], table["confidence"])
    chosen, others = set(table["name"][is_choosing]), set(table["name"][~is_choosing])
    assert not chosen & others
    assert len(chosen) - len(others) == len(confidences) % 2
    shuffled = rows + random.sample(rows, 1)
    random.shuffle(shuffled)
    again = pd.DataFrame(shuffled, columns=["name", "confidence"])
    assert set(again["name"][choosing.choosing_half(again["name"], again["confidence"])]) == chosen


def test_both_halves_have_recordings_with_high_confidences() -> None:
    table = pd.DataFrame({"name": [f"{n}.wav" for n in range(40)], "confidence": np.linspace(0, 1, 40)})
    is_choosing = choosing.choosing_half(table["name"], table["confidence"])
    assert is_choosing[20:].sum() == is_choosing[:20].sum() == 10
    assert set(is_choosing[::2]) == set(is_choosing[1::2]) == {False, True}  # chance decides


def test_an_interval_that_cannot_exclude_that_no_threshold_reaches_the_precision_ends_at_1() -> None:
    confidence = np.linspace(0.5, 0.9, 20)
    correct = np.array([False] * 9 + [True] * 11)
    value = choosing.lowest_threshold(confidence, correct, 0.9)
    assert choosing.threshold_interval(value, np.repeat(["a", "b"], 10), confidence, correct, 0.9)[1] == 1


def test_events_of_a_single_recording_leave_a_threshold_in_doubt() -> None:
    confidence = np.linspace(0.3, 1, 100)
    correct = np.random.default_rng(1).random(100) < confidence
    value = choosing.lowest_threshold(confidence, correct, 0.8)
    low, high = choosing.threshold_interval(value, np.full(100, "a"), confidence, correct, 0.8)
    assert low < value < high

"""The halves of the recordings, and the lowest threshold at which fresh events reach a precision."""

import math
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.reviews import choosing
from tests.project_echo.reviews.reviewed import precision_at, review_of

# No file name has NUL, where pandas ends a text; tables hold names that can be printed.
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
EVENTS = st.lists(st.tuples(st.integers(1, 20).map(lambda step: step / 20), st.booleans()), min_size=1, max_size=60)


@pytest.mark.parametrize(("precision", "needed"), [(0.5, 10), (0.9, 10), (0.95, 20), (0.98, 50), (0.99, 100)])
def test_so_many_events_are_needed_that_one_may_be_wrong(precision: float, needed: int) -> None:
    assert choosing.events_needed(precision) == needed


@given(st.dictionaries(NAMES, st.lists(st.floats(0, 1), min_size=1, max_size=3), min_size=1), st.randoms())
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


def chosen(seed: int, precision: float = 0.9, **arguments: float) -> tuple[float, float, float]:
    events = review_of(seed, **arguments)  # type: ignore[arg-type]
    names, confidence, correct = (events[name].to_numpy() for name in ("recording", "confidence", "correct"))
    return choosing.choose_threshold(names, confidence, correct, precision)


@pytest.mark.slow
@pytest.mark.parametrize(("events", "spread"), [(1, 0.0), (6, 0.0), (6, 1.0)])
def test_fresh_events_reach_the_precision_in_about_the_stated_share_of_cases(events: int, spread: float) -> None:
    fresh = review_of(10**6, recordings=3000, events=25, spread=spread)
    found = [chosen(seed, recordings=20, events=events, spread=spread) for seed in range(60)]
    values = [value for value, _, _ in found if not math.isnan(value)]
    assert len(values) > 45  # 20 answered events suffice
    reached = np.mean([precision_at(fresh, value) >= 0.9 for value in values])
    assert choosing.SURENESS - 0.1 <= reached <= choosing.SURENESS + 0.1


def test_a_precision_that_does_not_rise_with_confidence_is_rarely_taken_for_a_higher_one() -> None:
    found = []
    for seed in range(20):
        events = review_of(seed)
        correct = np.random.default_rng(seed).random(len(events)) < 0.8
        found.append(
            choosing.choose_threshold(events["recording"].to_numpy(), events["confidence"].to_numpy(), correct, 0.9)
        )
    assert np.isnan(found).all(axis=1).mean() >= choosing.SURENESS


@settings(max_examples=25)
@given(EVENTS, st.sampled_from([0.5, 0.75, 0.9]))
def test_a_threshold_is_a_confidence_at_which_the_events_have_the_precision_within_its_interval(
    events: list[tuple[float, bool]], precision: float
) -> None:
    confidence, correct = (np.array(values) for values in zip(*events, strict=True))
    value, low, high = choosing.choose_threshold(np.arange(len(events)) // 2, confidence, correct, precision)
    if not math.isnan(value):
        assert value in confidence
        assert correct[confidence >= value].mean() >= precision - 1e-9
        assert confidence.min() <= low <= value <= high <= 1


def test_a_replicate_is_as_if_its_events_occurred_so_often() -> None:
    draw = np.random.default_rng(1)
    events = review_of(1, recordings=10).sort_values("confidence", ascending=False)
    confidence, correct = events["confidence"].to_numpy(), events["correct"].to_numpy()
    times = draw.integers(0, 4, (2, len(events))).astype(float)
    together = choosing.lowest_thresholds(times, confidence, correct, 0.75)
    alone = [choosing.lowest_thresholds(each[np.newaxis], confidence, correct, 0.75)[0] for each in times]
    assert together.tolist() == alone
    surer = choosing.lowest_thresholds(times, confidence, correct, 0.9)
    assert (surer > together).all()


def test_the_best_precision_is_that_of_enough_events() -> None:
    confidence, correct = np.array([0.9, 0.8, 0.8, 0.7]), np.array([True, True, False, True])
    assert choosing.highest_precision(confidence, correct, 1) == 1
    assert choosing.highest_precision(confidence, correct, 2) == 0.75  # events of one confidence are not divided


def test_an_interval_that_cannot_exclude_that_no_threshold_reaches_the_precision_ends_at_1() -> None:
    few = [chosen(seed, recordings=10, events=2) for seed in range(10)]
    assert 1 in [high for _, _, high in few]
    assert all(high < 1 for _, _, high in (chosen(seed, recordings=80) for seed in range(3)))


def test_events_of_a_single_recording_leave_a_threshold_in_doubt() -> None:
    value, low, high = chosen(1, 0.8, recordings=1, events=100)
    assert low < value < high

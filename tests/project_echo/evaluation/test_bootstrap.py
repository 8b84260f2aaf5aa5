"""Intervals over sources: as wide as few sources make them, however often each is heard."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score, f1_score

from project_echo.evaluation import bootstrap


def answers(n_sources: int, seed: int, right: float = 0.7, clips: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Counts of sources of which all clips are right or all are wrong, of two classes in turn, and the classes."""
    draw = np.random.default_rng(seed)
    classes = np.arange(n_sources) % 2
    counts = np.zeros((n_sources, 2, 2))
    named = np.where(draw.random(n_sources) < right, classes, 1 - classes)
    counts[np.arange(n_sources), classes, named] = clips
    return counts, classes.astype(str)


def accuracy(n_sources: int, seed: int) -> dict[str, float]:
    return bootstrap.over_sources(*answers(n_sources, seed), bootstrap.accuracy, seed=1)


def width(found: dict[str, float]) -> float:
    return found["high"] - found["low"]


def test_counts_of_sources_are_scored_as_scikit_learn_scores_their_clips() -> None:
    draw = np.random.default_rng(1)
    truth, prediction, sources = (draw.integers(0, n, 80) for n in (3, 3, 10))
    counts = bootstrap.confusions(truth, prediction, sources, 4)  # the fourth label is nowhere
    assert counts.sum(axis=(1, 2)).tolist() == np.bincount(sources).tolist()
    pooled = counts.sum(axis=0)
    assert bootstrap.accuracy(pooled) == pytest.approx(accuracy_score(truth, prediction))
    expected = f1_score(truth, prediction, labels=range(4), average="macro", zero_division=0)
    assert bootstrap.macro_f1(pooled) == pytest.approx(expected)
    both = np.stack([pooled, pooled.T])
    assert bootstrap.accuracy(both).shape == bootstrap.macro_f1(both).shape == (2,)


def test_every_replicate_draws_as_many_sources_of_a_class_as_there_are() -> None:
    strata = np.array(["a"] * 5 + ["b"] * 2 + ["c"])
    drawn = bootstrap.weights(strata, 1)
    for stratum, size in (("a", 5), ("b", 2), ("c", 1)):
        assert (drawn[:, strata == stratum].sum(axis=1) == size).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(8), abs=0.1)


def test_another_class_does_not_change_how_a_class_is_drawn() -> None:
    alone, beside = bootstrap.weights(np.array(["a"] * 5), 1), bootstrap.weights(np.array(["a"] * 5 + ["b"] * 3), 1)
    np.testing.assert_array_equal(beside[:, :5], alone)
    assert (bootstrap.weights(np.array(["a"] * 5), 2) != alone).any()


@pytest.mark.parametrize("statistic", [bootstrap.accuracy, bootstrap.macro_f1])
def test_the_interval_holds_the_score_itself(statistic: bootstrap.Statistic) -> None:
    counts, strata = answers(30, seed=1)
    found = bootstrap.over_sources(counts, strata, statistic, seed=1)
    assert found["low"] < found["pooled"] < found["high"]
    assert found["pooled"] == pytest.approx(statistic(counts.sum(axis=0)))


def test_nineteen_in_twenty_intervals_hold_the_truth() -> None:
    trials = 400
    covered = sum(found["low"] <= 0.7 <= found["high"] for found in (accuracy(60, seed) for seed in range(trials)))
    # A bootstrap of 60 sources is a little narrow: 93 %.
    assert binom.ppf(0.01, trials, 0.93) <= covered <= binom.ppf(0.99, trials, 0.95)


def test_four_times_the_sources_halve_the_interval() -> None:
    few, many = (np.mean([width(accuracy(n, seed)) for seed in range(10)]) for n in (40, 160))
    assert many == pytest.approx(few / 2, rel=0.15)


def test_hearing_the_same_sources_in_many_draws_does_not_narrow_the_interval() -> None:
    counts, strata = answers(12, seed=1)
    once = bootstrap.over_sources(counts, strata, bootstrap.accuracy, seed=1)
    often = bootstrap.over_sources(100 * counts, strata, bootstrap.accuracy, seed=1)
    assert often == pytest.approx(once)
    assert width(often) > width(accuracy(120, seed=1))


def test_sources_that_are_all_alike_within_their_class_leave_no_doubt() -> None:
    counts = np.zeros((8, 2, 2))
    counts[:4, 0, 0] = counts[4:, 1, 0] = 1  # one class always right, the other never
    found = bootstrap.over_sources(counts, np.array(["a"] * 4 + ["b"] * 4), bootstrap.accuracy, seed=1)
    assert found == {"pooled": 0.5, "low": 0.5, "high": 0.5}


def test_no_error_in_few_sources_is_no_certainty() -> None:
    counts = np.zeros((8, 2, 2))
    counts[:4, 0, 0] = counts[4:, 1, 1] = 1
    found = bootstrap.over_sources(counts, np.array(["a"] * 4 + ["b"] * 4), bootstrap.accuracy, seed=1)
    assert found["pooled"] == found["high"] == 1
    assert 0.5 < found["low"] < 0.8  # Wilson's, for 8 of 8


def test_the_interval_of_a_share_counts_sources_and_not_clips() -> None:
    hits, sources = np.repeat([True, False, False, False], 50), np.repeat(list("abcd"), 50)
    found = bootstrap.share(hits, sources, np.full(200, "rain"), seed=1)
    assert found["low"] == 0
    assert found["high"] >= 0.5

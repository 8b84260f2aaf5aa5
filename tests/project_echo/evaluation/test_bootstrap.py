"""Cluster bootstrap confidence intervals: as wide as few sources make them, however many clips each has."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score, f1_score

from project_echo.evaluation import bootstrap


def simulated_counts(
    n_sources: int, seed: int, accuracy: float = 0.7, n_clips: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Confusion counts of sources whose clips are all correct or all wrong, of two classes in turn, and the classes."""
    draw = np.random.default_rng(seed)
    classes = np.arange(n_sources) % 2
    counts = np.zeros((n_sources, 2, 2))
    predicted = np.where(draw.random(n_sources) < accuracy, classes, 1 - classes)
    counts[np.arange(n_sources), classes, predicted] = n_clips
    return counts, classes.astype(str)


def accuracy_ci(n_sources: int, seed: int) -> dict[str, float]:
    return bootstrap.statistic_ci(*simulated_counts(n_sources, seed), bootstrap.accuracy, seed=1)


def width(interval: dict[str, float]) -> float:
    return interval["high"] - interval["low"]


def test_accuracy_and_macro_f1_of_counts_equal_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(1)
    truth, prediction, sources = (draw.integers(0, n, 80) for n in (3, 3, 10))
    counts = bootstrap.confusion_by_source(truth, prediction, sources, 4)  # the fourth label occurs nowhere
    assert counts.sum(axis=(1, 2)).tolist() == np.bincount(sources).tolist()
    pooled = counts.sum(axis=0)
    assert bootstrap.accuracy(pooled) == pytest.approx(accuracy_score(truth, prediction))
    expected = f1_score(truth, prediction, labels=range(4), average="macro", zero_division=0)
    assert bootstrap.macro_f1(pooled) == pytest.approx(expected)
    both = np.stack([pooled, pooled.T])
    assert bootstrap.accuracy(both).shape == bootstrap.macro_f1(both).shape == (2,)


def test_every_replicate_draws_as_many_sources_of_a_stratum_as_there_are() -> None:
    strata = np.array(["a"] * 5 + ["b"] * 2 + ["c"])
    drawn = bootstrap.resample_sources(strata, 1)
    for stratum, size in (("a", 5), ("b", 2), ("c", 1)):
        assert (drawn[:, strata == stratum].sum(axis=1) == size).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(8), abs=0.1)


def test_other_strata_do_not_change_how_a_stratum_is_drawn() -> None:
    alone = bootstrap.resample_sources(np.array(["a"] * 5), 1)
    together = bootstrap.resample_sources(np.array(["a"] * 5 + ["b"] * 3), 1)
    np.testing.assert_array_equal(together[:, :5], alone)
    assert (bootstrap.resample_sources(np.array(["a"] * 5), 2) != alone).any()


@pytest.mark.parametrize("statistic", [bootstrap.accuracy, bootstrap.macro_f1])
def test_the_interval_contains_the_score(statistic: bootstrap.Statistic) -> None:
    counts, strata = simulated_counts(30, seed=1)
    interval = bootstrap.statistic_ci(counts, strata, statistic, seed=1)
    assert interval["low"] < interval["value"] < interval["high"]
    assert interval["value"] == pytest.approx(statistic(counts.sum(axis=0)))


@pytest.mark.slow
def test_about_95_percent_of_intervals_contain_the_true_accuracy() -> None:
    trials = 200
    intervals = [accuracy_ci(60, seed) for seed in range(trials)]
    covered = sum(interval["low"] <= 0.7 <= interval["high"] for interval in intervals)
    # A bootstrap of 60 sources is a little narrow: 93%.
    assert binom.ppf(0.01, trials, 0.93) <= covered <= binom.ppf(0.99, trials, 0.95)


def test_four_times_the_sources_halve_the_interval() -> None:
    few, many = (np.mean([width(accuracy_ci(n, seed)) for seed in range(10)]) for n in (40, 160))
    assert many == pytest.approx(few / 2, rel=0.15)


def test_more_clips_of_the_same_sources_do_not_narrow_the_interval() -> None:
    counts, strata = simulated_counts(12, seed=1)
    once = bootstrap.statistic_ci(counts, strata, bootstrap.accuracy, seed=1)
    often = bootstrap.statistic_ci(100 * counts, strata, bootstrap.accuracy, seed=1)
    assert often == pytest.approx(once)
    assert width(often) > width(accuracy_ci(120, seed=1))


def test_the_interval_has_no_width_if_the_sources_of_each_class_are_alike() -> None:
    counts = np.zeros((8, 2, 2))
    counts[:4, 0, 0] = counts[4:, 1, 0] = 1  # one class always correct, the other always wrong
    interval = bootstrap.statistic_ci(counts, np.array(["a"] * 4 + ["b"] * 4), bootstrap.accuracy, seed=1)
    assert interval == {"value": 0.5, "low": 0.5, "high": 0.5}


def test_no_error_in_few_sources_gives_wilsons_interval() -> None:
    counts = np.zeros((8, 2, 2))
    counts[:4, 0, 0] = counts[4:, 1, 1] = 1
    interval = bootstrap.statistic_ci(counts, np.array(["a"] * 4 + ["b"] * 4), bootstrap.accuracy, seed=1)
    assert interval["value"] == interval["high"] == 1
    assert 0.5 < interval["low"] < 0.8  # Wilson's, for 8 of 8


def test_the_interval_of_a_proportion_counts_sources_and_not_clips() -> None:
    hits, sources = np.repeat([True, False, False, False], 50), np.repeat(list("abcd"), 50)
    interval = bootstrap.proportion_ci(hits, sources, np.full(200, "rain"), seed=1)
    assert interval["value"] == 0.25
    assert interval["low"] == 0
    assert interval["high"] >= 0.5

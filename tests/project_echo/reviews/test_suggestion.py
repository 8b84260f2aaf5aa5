"""Suggested thresholds on simulated reviews: what they reach on fresh events, and what they rest on."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.evaluation.bootstrap import proportion_ci
from project_echo.reviews.choosing import choosing_half
from project_echo.reviews.suggestion import (
    NOT_REACHED,
    ONE_RECORDING,
    ONE_SITE,
    RECORDINGS,
    SITES,
    SUFFICIENT,
    SUGGESTED,
    TOO_FEW,
    suggest_thresholds,
)
from tests.project_echo.reviews.reviewed import LOWEST, precision_at, review_of

FRESH = review_of(10**6, recordings=3000, events=25)
VARIED = review_of(10**6, recordings=3000, events=25, spread=1.0)


def suggest(events: pd.DataFrame, present: float = 0.5, **arguments: object) -> pd.Series:
    return suggest_thresholds(events, {"fox": present}, **arguments).iloc[0]  # type: ignore[arg-type]


def chosen_recordings(events: pd.DataFrame) -> set[str]:
    return set(events["recording"][choosing_half(events["recording"], events["confidence"])])


@cache
def sixty_suggestions(spread: float) -> pd.DataFrame:
    rows = pd.DataFrame([suggest(review_of(seed, spread=spread)) for seed in range(60)])
    return rows[rows["outcome"] == SUGGESTED]


@pytest.mark.slow
@pytest.mark.parametrize(("fresh", "spread"), [(FRESH, 0.0), (VARIED, 1.0)])
def test_fresh_events_have_the_precision_that_the_other_half_tells(fresh: pd.DataFrame, spread: float) -> None:
    told = sixty_suggestions(spread)
    assert len(told) > 50
    reached = np.array([precision_at(fresh, threshold) for threshold in told["threshold"]])
    assert ((told["precision_low"] <= reached) & (reached <= told["precision_high"])).mean() > 0.9
    assert 0.6 < (reached >= 0.9).mean() < 0.95  # SURENESS, of 60, and lower where recordings differ much


@pytest.mark.slow
@pytest.mark.parametrize(("fresh", "spread"), [(FRESH, 0.0), (VARIED, 1.0)])
def test_the_interval_of_a_threshold_holds_that_at_which_fresh_events_reach_the_precision(
    fresh: pd.DataFrame, spread: float
) -> None:
    descending = fresh.sort_values("confidence", ascending=False)
    precision = descending["correct"].expanding().mean().to_numpy()
    true = descending["confidence"].to_numpy()[np.flatnonzero(precision >= 0.9)[-1]]
    told = sixty_suggestions(spread)
    assert 0.85 <= ((told["low"] <= true) & (true <= told["high"])).mean() <= 1  # of 60, 0.95 but for chance


def test_more_reviewed_events_make_both_intervals_narrower() -> None:
    few, many = suggest(review_of(1, recordings=30)), suggest(review_of(1, recordings=600))
    assert many["high"] - many["low"] < few["high"] - few["low"]
    assert many["precision_high"] - many["precision_low"] < few["precision_high"] - few["precision_low"]
    assert precision_at(FRESH, many["threshold"]) == pytest.approx(0.9, abs=0.02)


def test_a_higher_precision_gives_a_higher_threshold() -> None:
    events = review_of(3, recordings=200)
    thresholds = [suggest(events, LOWEST, precision=precision)["threshold"] for precision in (0.7, 0.8, 0.9, 0.95)]
    assert thresholds == sorted(set(thresholds))


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    events = review_of(2, spread=1.0)
    shuffled = events.sample(frac=1, random_state=seed)
    pd.testing.assert_series_equal(suggest(shuffled), suggest(events))


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_answers_of_the_half_that_reports_never_change_a_threshold(seed: int) -> None:
    events = review_of(4, recordings=20)
    before, chosen = suggest(events), chosen_recordings(events)
    assert len(chosen) == 10
    draw = np.random.default_rng(seed)
    other = pd.Series(draw.choice(np.array([True, False, None]), len(events)), events.index)
    after = suggest(events.assign(correct=events["correct"].where(events["recording"].isin(chosen), other)))
    of_choice = ["threshold", "low", "high", "outcome", "events", "recordings", "lowest", "best", "missing", "halves"]
    pd.testing.assert_series_equal(after[of_choice], before[of_choice])


def test_precision_is_that_of_the_half_that_reports_with_the_intervals_of_other_scores() -> None:
    events = review_of(5)
    row = suggest(events)
    others = events[~events["recording"].isin(chosen_recordings(events))]
    reported = others[others["confidence"] >= row["threshold"]]
    assert row["tested"] == len(reported)
    assert row["precision"] == reported["correct"].mean()
    names = reported["recording"].to_numpy()
    bootstrap = proportion_ci(reported["correct"].to_numpy(), names, np.zeros(len(reported), int), seed=1)
    assert row["precision_low"] <= bootstrap["low"] < bootstrap["high"] <= row["precision_high"]
    assert row["kept"] == (others.loc[others["correct"], "confidence"] >= row["threshold"]).mean()
    assert row["heard"] == 0 and np.isnan(row["recall"])


def test_recall_is_that_of_random_windows_of_the_half_that_reports() -> None:
    events = review_of(6, recordings=60)
    draw = np.random.default_rng(6)
    windows = pd.DataFrame({"recording": np.repeat(events["recording"].unique(), 5), "label": "fox"})
    windows["confidence"] = draw.uniform(0, 0.99, len(windows))
    windows["correct"] = draw.random(len(windows)) < windows["confidence"]
    row = suggest(events, windows=windows)
    assert 50 < row["heard"] < 100  # of 150
    fresh = draw.uniform(0, 0.99, 10**5)
    heard = draw.random(10**5) < fresh
    assert row["recall_low"] < (fresh[heard] >= row["threshold"]).mean() < row["recall_high"]
    nothing = windows.assign(correct=False)
    assert suggest(events, windows=nothing)["heard"] == 0


def test_a_threshold_is_never_below_the_lowest_confidence_that_was_reviewed() -> None:
    right = review_of(7).assign(correct=True)
    row = suggest(right, present=0.9)
    assert row["outcome"] == SUGGESTED
    assert row["threshold"] == row["lowest"] >= right["confidence"].min() >= LOWEST


def test_a_threshold_at_which_all_events_reach_the_precision_is_kept() -> None:
    row = suggest(review_of(7).assign(correct=True), present=LOWEST)
    assert (row["outcome"], row["threshold"]) == (SUFFICIENT, LOWEST)
    assert np.isnan(row["low"]) and row["precision"] == 1


def test_a_label_with_too_few_answers_keeps_its_threshold_and_says_how_many_are_missing() -> None:
    events = review_of(8, recordings=14, events=1)  # 7 in each half
    row = suggest(events)
    assert (row["outcome"], row["threshold"], row["events"], row["missing"]) == (TOO_FEW, 0.5, 7, 3)
    assert suggest(events, precision=0.95)["missing"] == 13
    unsure = suggest(events.assign(correct=None))
    assert (unsure["outcome"], unsure["events"], unsure["missing"], unsure["tested"]) == (TOO_FEW, 0, 10, 0)


def test_a_precision_that_no_threshold_reaches_keeps_the_threshold() -> None:
    row = suggest(review_of(9).assign(correct=lambda events: events.index % 2 == 0))
    assert (row["outcome"], row["threshold"]) == (NOT_REACHED, 0.5)
    assert 0.5 <= row["best"] < 0.9


def test_events_of_one_recording_have_no_other_half() -> None:
    row = suggest(review_of(1, recordings=1, events=100))
    assert (row["outcome"], row["threshold"], row["tested"]) == (ONE_RECORDING, 0.5, 0)


@pytest.mark.parametrize(("sites", "halves"), [(12, SITES), (4, SITES), (2, SITES), (1, ONE_SITE)])
def test_no_site_is_in_both_halves_unless_there_is_only_one(sites: int, halves: str) -> None:
    events = review_of(2, recordings=48)
    events["site"] = [f"site {n % sites}" for n in events["recording"].str.extract(r"/(\d+)")[0].astype(int)]
    row = suggest(events)
    assert row["halves"] == halves
    assert row["recordings"] == 24
    chosen = events["site"][choosing_half(events["site"], events["confidence"])].unique()
    if sites > 1:
        other = events.assign(correct=events["correct"].where(events["site"].isin(chosen)))
        assert suggest(other)["threshold"] == row["threshold"] and suggest(other)["tested"] == 0


def test_without_sites_halves_are_of_recordings() -> None:
    assert suggest(review_of(2))["halves"] == suggest(review_of(2).assign(site=""))["halves"] == RECORDINGS


def test_each_label_has_its_own_row_in_the_order_of_the_thresholds() -> None:
    events = pd.concat([review_of(1), review_of(2, label="owl")])
    table = suggest_thresholds(events, {"owl": 0.5, "boar": 0.4, "fox": 0.6})
    assert table["label"].tolist() == ["owl", "boar", "fox"]
    assert table["present"].tolist() == [0.5, 0.4, 0.6]
    assert table["outcome"].tolist() == [SUGGESTED, TOO_FEW, SUGGESTED]
    assert table.loc[1, "threshold"] == 0.4
    pd.testing.assert_series_equal(
        table.loc[2, "threshold":], suggest(review_of(1), 0.6)["threshold":], check_names=False, check_dtype=False
    )


@pytest.mark.parametrize(
    ("events", "arguments", "named"),
    [
        (review_of(1).drop(columns="correct"), {}, "correct"),
        (review_of(1, label="owl"), {}, "owl"),
        (review_of(1).assign(confidence=90), {}, "confidence"),
        (review_of(1).assign(confidence=np.nan), {}, "confidence"),
        (review_of(1), {"precision": 1}, "precision"),
        (review_of(1), {"windows": review_of(1).drop(columns="label")}, "windows"),
    ],
)
def test_unusable_arguments_are_named(events: pd.DataFrame, arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        suggest(events, **arguments)

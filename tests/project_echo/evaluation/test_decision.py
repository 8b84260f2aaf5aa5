"""Calibration and thresholds come from validation windows of sources that are not tested."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, animal_labels
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.decision import Decision, calibrate, fit_threshold
from project_echo.evaluation.predictions import KEYS
from project_echo.models.calibration import uncalibrated
from project_echo.models.rejection import decide
from project_echo.models.shrinkage import LIMITS, THRESHOLD, shrink_threshold, threshold_bounds
from tests.project_echo.evaluation.simulated import (
    ALL_KINDS_OF_LABELS,
    ANIMALS,
    CLIPS,
    FALSE_POSITIVE_RATE,
    LABELS,
    NOISE,
    OVERCONFIDENCE,
    PREDICTIONS,
    SINGLE,
    SIZES,
    TRAIN,
    corrupt,
    predict,
)

SPLIT = draw_sources(CLIPS, SIZES, 2, 0)
TESTED = set(SPLIT.loc[SPLIT["part"] == "test", "source"])


def calibrated(table: pd.DataFrame, labels: list[str] = LABELS, rate: float = FALSE_POSITIVE_RATE) -> Decision:
    return calibrate(table, labels, rate, TESTED, "logistic")


def values(decision: Decision) -> list[float]:
    assert decision.thresholds is not None
    return [threshold.value for threshold in decision.thresholds]


def rows_of(labels: list[str], n_sources: int, draws: int = 1) -> pd.DataFrame:
    """The keys of a validation clip of each of `n_sources` a label, the same in every draw."""
    rows = [
        (
            draw,
            TRAIN,
            "",
            "validation",
            f"{label}/{number}",
            0,
            f"{label}-{number}",
            label,
            "" if label == NONE else label,
            *[f"{label}-{number}"] * 2,
            label,
        )
        for draw in range(draws)
        for label in labels
        for number in range(n_sources)
    ]
    return pd.DataFrame(rows, columns=KEYS)


def separated(n_sources: int, draws: int = 10) -> pd.DataFrame:
    """Predictions that tell all labels apart with hardly any doubt."""
    rows = rows_of(LABELS, n_sources, draws)
    odds = np.where(rows["label"].to_numpy()[:, np.newaxis] == np.array(ANIMALS), 4.0, -4.0)
    return rows.join(pd.DataFrame(odds, columns=ANIMALS))


# Calibration


@ALL_KINDS_OF_LABELS
def test_the_slope_undoes_the_overconfidence_of_the_predictions(table: pd.DataFrame, labels: list[str]) -> None:
    decision = calibrate(table, labels, FALSE_POSITIVE_RATE, set(), "logistic")
    validation = table[(table["part"] == "validation") & (table["train"] == TRAIN) & (table["held_out"] == "")]
    assert decision.sources == validation["source"].nunique()
    assert len(decision.calibration.slope) == len(animal_labels(labels)) == len(values(decision))
    for slope in decision.calibration.slope:
        assert 0.8 / OVERCONFIDENCE < slope < 0.7  # shrunk towards 1


def test_with_many_sources_probabilities_are_the_shares_of_windows() -> None:
    rows = rows_of(LABELS, 1000)
    table = rows.join(predict(rows, ANIMALS, NOISE, 1))
    decision = calibrate(table, LABELS, FALSE_POSITIVE_RATE, set(), "logistic")
    np.testing.assert_allclose(decision.calibration.slope, 1 / OVERCONFIDENCE, rtol=0.1)
    probabilities = decision.calibration.probabilities(table[ANIMALS].to_numpy())
    truth = rows["label"].to_numpy()[:, np.newaxis] == np.array(ANIMALS)
    for low, high in pairwise((0.0, 0.1, 0.3, 0.7, 0.9, 1.0)):
        inside = (probabilities >= low) & (probabilities < high)
        assert truth[inside].mean() == pytest.approx(probabilities[inside].mean(), abs=0.05)


@pytest.mark.parametrize("n_sources", [1, 5])
def test_labels_that_few_sources_tell_apart_perfectly_stay_near_the_defaults(n_sources: int) -> None:
    decision = calibrate(separated(n_sources), LABELS, FALSE_POSITIVE_RATE, set(), "logistic")
    assert decision.sources == 4 * n_sources
    assert all(0.8 < slope < 1.5 for slope in decision.calibration.slope)
    lowest, _ = threshold_bounds(3 * n_sources)
    assert all(lowest <= value < THRESHOLD for value in values(decision))


def test_a_second_call_in_a_copy_counts_for_its_label() -> None:
    """Otherwise windows with an owl would set the threshold of owls."""
    rows = rows_of(ANIMALS, 50)
    mixed = rows.assign(view=1, truth=rows["truth"].replace("boar", "boar/owl"))
    table = pd.concat([rows, mixed], ignore_index=True)
    table = table.join(predict(table, ANIMALS, 0.1, 1))
    untold = table.assign(truth=table["truth"].replace("boar/owl", "boar"))
    told, untold = (calibrate(t, ANIMALS, 0.05, set(), "logistic") for t in (table, untold))
    assert values(told)[2] < THRESHOLD < values(untold)[2]


def test_windows_that_may_hold_a_label_are_left_out_of_what_is_fitted_for_it_alone() -> None:
    rows = rows_of(LABELS, 50)
    table = rows.join(predict(rows, ANIMALS, NOISE, 1))
    perhaps = table[table["label"] == "boar"].assign(truth="boar//fox", fox=9.0)  # it sounds like a fox
    perhaps = perhaps.assign(clip="other/" + perhaps["clip"], source="other " + perhaps["source"])
    unknown, negative = (
        calibrate(pd.concat([table, more]), LABELS, FALSE_POSITIVE_RATE, set(), "logistic")
        for more in (perhaps, perhaps.assign(truth="boar"))
    )
    without = calibrate(table, LABELS, FALSE_POSITIVE_RATE, set(), "logistic")
    fox, owl = ANIMALS.index("fox"), ANIMALS.index("owl")
    assert values(unknown)[fox] == pytest.approx(values(without)[fox], abs=0.02)  # by the calibration that labels share
    assert values(negative)[fox] > values(unknown)[fox] + 0.1
    # Without the label of the copies' own call they are windows like others.
    assert values(unknown)[owl] != values(without)[owl]


def test_a_label_that_every_window_may_hold_is_an_error_that_names_it() -> None:
    table = rows_of(LABELS, 5).join(pd.DataFrame(0.0, range(20), ANIMALS))
    others = table["label"] != "fox"
    table.loc[others, "truth"] += "//fox"
    with pytest.raises(EchoError, match="fox"):
        calibrate(table, LABELS, FALSE_POSITIVE_RATE, set(), "logistic")


# Thresholds


def test_with_many_sources_each_threshold_holds_its_false_positive_rate_on_other_sources() -> None:
    rows = rows_of(LABELS, 1000)
    fitted, fresh = (rows.join(predict(rows, ANIMALS, NOISE, seed)) for seed in (1, 2))
    decision = calibrate(fitted, LABELS, FALSE_POSITIVE_RATE, set(), "logistic")
    probabilities = decision.calibration.probabilities(fresh[ANIMALS].to_numpy())
    for number, animal in enumerate(ANIMALS):
        without = (fresh["label"] != animal).to_numpy()
        rate = (probabilities[without, number] >= values(decision)[number]).mean()
        deviation = np.sqrt(2 * FALSE_POSITIVE_RATE * (1 - FALSE_POSITIVE_RATE) / without.sum())  # of both estimates
        assert abs(rate - FALSE_POSITIVE_RATE) < 4 * deviation


def test_a_label_that_resembles_others_gets_a_higher_threshold_of_its_own() -> None:
    table = PREDICTIONS.copy()
    resembles = (table["label"] == NONE) & (table["kind"] == "rain")
    table.loc[resembles, "owl"] += 12
    before, after = calibrated(PREDICTIONS), calibrated(table)
    assert values(after)[2] > values(before)[2]
    # The others change only as they are shrunk towards the calibration of all labels.
    np.testing.assert_allclose(values(after)[:2], values(before)[:2], atol=0.06)


@ALL_KINDS_OF_LABELS
def test_thresholds_lie_in_their_intervals_and_bounds(table: pd.DataFrame, labels: list[str]) -> None:
    decision = calibrate(table, labels, FALSE_POSITIVE_RATE, set(), "logistic", intervals=True)
    assert decision.thresholds is not None
    for threshold in decision.thresholds:
        assert threshold.low <= threshold.value <= threshold.high
        assert threshold.low < threshold.high
        lowest, highest = threshold_bounds(decision.sources)
        assert lowest <= threshold.low < threshold.high <= highest


@given(
    st.lists(st.tuples(st.integers(0, 8), st.floats(0, 1)), min_size=1, max_size=40),
    st.sampled_from([0.01, 0.05, 0.3, 0.9]),
)
def test_whatever_the_windows_a_threshold_lies_in_its_interval(windows: list[tuple[int, float]], rate: float) -> None:
    sources, negatives = (np.array(column) for column in zip(*windows, strict=True))
    threshold = fit_threshold(negatives, sources, rate)
    assert threshold.low <= threshold.value <= threshold.high
    lowest, highest = threshold_bounds(len(set(sources)))
    assert round(lowest, 6) <= threshold.low <= threshold.high <= round(highest, 6)


@pytest.mark.parametrize("n_sources", [1, 5, 40, 4000])
def test_a_threshold_is_shrunk_by_its_sources_and_not_by_their_windows(n_sources: int) -> None:
    negatives = np.full(4000, 0.2)
    threshold = fit_threshold(negatives, np.arange(4000) % n_sources, FALSE_POSITIVE_RATE)
    assert threshold.value == pytest.approx(shrink_threshold(0.2, n_sources), abs=1e-6)
    assert threshold.low == threshold.value == threshold.high


def test_more_sources_narrow_the_interval() -> None:
    draw = np.random.default_rng(1)
    widths = []
    for n_sources in (50, 500, 5000):
        threshold = fit_threshold(draw.uniform(0, 1, n_sources), np.arange(n_sources), FALSE_POSITIVE_RATE)
        widths.append(threshold.high - threshold.low)
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_a_higher_false_positive_rate_gives_lower_thresholds() -> None:
    decisions = [calibrated(PREDICTIONS, rate=rate) for rate in (0.05, 0.1, 0.2, 0.3)]
    for of_label in zip(*map(values, decisions), strict=True):
        assert all(later < earlier for earlier, later in pairwise(of_label))
    assert len({decision.calibration for decision in decisions}) == 1


def test_with_more_sources_that_are_told_apart_perfectly_the_limits_are_approached() -> None:
    decisions = [calibrate(separated(n, 1), LABELS, FALSE_POSITIVE_RATE, set(), "logistic") for n in (1, 10, 100, 1000)]
    for of_label in zip(*map(values, decisions), strict=True):
        assert all(later < earlier for earlier, later in pairwise(of_label))
        assert logit(of_label[-1]) == pytest.approx(logit(LIMITS[0]), rel=0.03)


# What they are fitted on


def test_draws_of_the_same_sources_add_no_weight() -> None:
    rows = rows_of(LABELS, 10)
    once = pd.concat([rows.join(predict(rows, ANIMALS, NOISE, seed)) for seed in range(20)], ignore_index=True)
    few, many = (calibrate(pd.concat([once] * n), LABELS, FALSE_POSITIVE_RATE, set(), "logistic") for n in (1, 5))
    assert many.sources == few.sources
    assert many.calibration.slope == pytest.approx(few.calibration.slope, rel=0.03)
    assert values(many) == pytest.approx(values(few), abs=0.01)


def test_tested_sources_do_not_influence_calibration_and_thresholds() -> None:
    expected = calibrated(PREDICTIONS)
    validation, tested = PREDICTIONS["part"] == "validation", PREDICTIONS["source"].isin(TESTED)
    assert (validation & tested).any()
    assert calibrated(corrupt(PREDICTIONS, validation & tested)) == expected
    assert calibrated(corrupt(PREDICTIONS, ~validation)) == expected
    assert calibrated(corrupt(PREDICTIONS, validation & ~tested)) != expected


@pytest.mark.parametrize("column", ["train", "held_out"])
def test_only_trials_with_all_sources_and_kinds_count(column: str) -> None:
    incomplete = PREDICTIONS[column] != {"train": TRAIN, "held_out": ""}[column]
    assert incomplete.any()
    assert calibrated(corrupt(PREDICTIONS, incomplete)) == calibrated(PREDICTIONS)


@pytest.mark.parametrize("left", [[], ["boar"]])
def test_too_few_labels_in_validation_clips_are_an_error_that_names_the_parameter(left: list[str]) -> None:
    with pytest.raises(EchoError, match=r"crossval\.draws"):
        calibrated(PREDICTIONS[PREDICTIONS["label"].isin(left) & (PREDICTIONS["view"] == 0)])


# The dense head


def test_the_dense_head_is_not_calibrated_and_rejects_nothing() -> None:
    decision = calibrate(PREDICTIONS, ANIMALS, FALSE_POSITIVE_RATE, TESTED, "dense")
    assert decision.calibration == uncalibrated(len(ANIMALS))
    assert decision.thresholds is None
    assert decision.sources > 0


def test_the_dense_head_of_a_single_animal_decides_between_it_and_background() -> None:
    labels = [ANIMALS[0], NONE]
    decision = calibrate(SINGLE, labels, FALSE_POSITIVE_RATE, set(), "dense")
    assert decision.calibration == uncalibrated(1)
    decided = decide(np.array([[0.2], [0.49], [0.51]]), animal_labels(labels), values(decision))
    assert decided.tolist() == [NONE, NONE, ANIMALS[0]]


def test_copies_that_hold_something_of_a_tested_source_are_left_out() -> None:
    """Of their background or of a second call."""
    rows = rows_of(LABELS, 30)
    odds = pd.DataFrame(
        np.where(rows["label"].to_numpy()[:, np.newaxis] == np.array(ANIMALS), 1.0, -1.0), columns=ANIMALS
    )
    table = rows.join(odds)
    for column in ("background_source", "second_source"):
        mixed = table.assign(view=1, **{column: "tested", **dict.fromkeys(ANIMALS, 9.0)})
        both = pd.concat([table, mixed], ignore_index=True)
        assert calibrate(both, LABELS, 0.05, {"tested"}, "logistic") == calibrate(
            table, LABELS, 0.05, set(), "logistic"
        )

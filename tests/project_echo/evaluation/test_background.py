"""Calibration, decisions and rejection of background, over many draws."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE, animal_labels
from project_echo.evaluation.background import (
    DETECTION_RATE,
    calibration_and_rejection,
    held_out_background,
    reliability_table,
)
from project_echo.evaluation.predictions import complete_rows
from project_echo.evaluation.reliability import reliability_bins
from tests.project_echo.evaluation.simulated import (
    ALL_KINDS_OF_LABELS,
    ANIMALS,
    FALSE_POSITIVE_RATE,
    KINDS,
    LABELS,
    N_DRAWS,
    OVERCONFIDENCE,
    PREDICTIONS,
    SINGLE,
    WITHOUT_BACKGROUND,
    corrupt,
)


def scored(
    table: pd.DataFrame, labels: list[str] = LABELS, head: str = "logistic"
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    return calibration_and_rejection(table, labels, FALSE_POSITIVE_RATE, 1, head)


@ALL_KINDS_OF_LABELS
def test_calibration_brings_probabilities_nearer_to_the_truth(table: pd.DataFrame, labels: list[str]) -> None:
    scores, clips, pairs = scored(table, labels)
    for name in ("expected_calibration_error", "brier_score"):
        assert scores["calibration"][name]["after"] < scores["calibration"][name]["before"]
    assert 1 / OVERCONFIDENCE < scores["calibration"]["slope"] < 0.7  # shrunk towards 1
    n_animals, tested = len(animal_labels(labels)), complete_rows(table, "test")
    assert len(clips) == len(tested)
    assert len(pairs) == n_animals * len(tested)
    assert scores["calibration"]["prevalence"] == (tested["label"] != NONE).sum() / len(pairs)
    assert ("rejection" in scores) == (NONE in labels)


def test_reliability_is_of_all_pairs_of_a_clip_and_a_label_before_and_after_calibration() -> None:
    _, _, pairs = scored(PREDICTIONS)
    table = reliability_table(pairs)
    for scaling, rows in table.groupby("scaling"):
        expected = reliability_bins(pairs[scaling].to_numpy(), pairs["correct"].to_numpy())
        assert rows["clips"].sum() == len(pairs)
        pd.testing.assert_frame_equal(rows.drop(columns="scaling"), expected, check_index_type=False)


def test_a_label_that_a_test_clip_holds_beside_its_own_is_correct_and_one_that_it_may_hold_is_not_scored() -> None:
    stated = PREDICTIONS.copy()
    of_boars = complete_rows(stated[stated["label"] == "boar"], "test").index
    stated.loc[of_boars[:3], "truth"] = "boar/fox"
    stated.loc[of_boars[3:10], "truth"] = "boar//fox/owl"
    _, _, expected = scored(PREDICTIONS)
    scores, _, pairs = scored(stated)
    assert len(pairs) == len(expected) - 14
    assert pairs["correct"].sum() == expected["correct"].sum() + 3
    assert scores["calibration"]["prevalence"] == pairs["correct"].mean()


def test_a_draw_is_calibrated_without_the_sources_that_it_tests() -> None:
    tested = complete_rows(PREDICTIONS[PREDICTIONS["draw"] == 0], "test")
    of_tested = (PREDICTIONS["part"] == "validation") & PREDICTIONS["source"].isin(tested["source"])
    _, expected_clips, expected = scored(PREDICTIONS)
    _, clips, pairs = scored(corrupt(PREDICTIONS, of_tested))
    first_draw = slice(0, len(ANIMALS) * len(tested))
    pd.testing.assert_frame_equal(pairs[first_draw], expected[first_draw])
    pd.testing.assert_frame_equal(clips[: len(tested)], expected_clips[: len(tested)])
    assert (pairs["after"] != expected["after"]).any()


def test_decisions_are_of_the_test_clips_and_counted_by_accuracy() -> None:
    scores, clips, _ = scored(PREDICTIONS)
    assert list(clips.columns) == ["draw", "clip", "source", "kind", "truth", "prediction"]
    assert set(clips["prediction"]) == {*ANIMALS, NONE}
    of_animals = clips[clips["truth"] != NONE]
    accuracy = scores["decided"]["accuracy"]
    assert accuracy["value"] == (of_animals["truth"] == of_animals["prediction"]).mean() > 0.5
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]


def test_the_rates_on_background_are_those_of_the_decisions() -> None:
    scores, clips, _ = scored(PREDICTIONS)
    background, detected = clips["truth"] == NONE, clips["prediction"] != NONE
    rate = scores["rejection"]["false_positive_rate"]
    assert scores["rejection"]["target_false_positive_rate"] == FALSE_POSITIVE_RATE
    assert rate["value"] == detected[background].mean()
    assert rate["low"] < rate["value"] < rate["high"]
    assert scores["rejection"]["background_clips"] == background.sum()
    assert scores["rejection"]["detection_rate"] == detected[~background].mean() > 0.5


def test_the_false_positive_rate_of_a_single_animal_is_close_to_its_target() -> None:
    """Of several it is about as many times as high, as each has a threshold of its own."""
    scores, clips, _ = scored(SINGLE, [ANIMALS[0], NONE])
    # Threshold and rate are both estimated, from about the same number of clips.
    n_clips = (clips["truth"] == NONE).sum()
    deviation = np.sqrt(2 * FALSE_POSITIVE_RATE * (1 - FALSE_POSITIVE_RATE) / n_clips)
    assert abs(scores["rejection"]["false_positive_rate"]["value"] - FALSE_POSITIVE_RATE) < 3 * deviation


def test_the_false_positive_rate_on_held_out_background_depends_on_how_much_it_resembles_animals() -> None:
    table = PREDICTIONS.copy()
    held_out = (table["held_out"] != "") & (table["label"] == NONE)
    table.loc[held_out & (table["kind"] == "rain"), ANIMALS] = [40.0, -40.0, -40.0]
    table.loc[held_out & (table["kind"] == "wind"), ANIMALS] = [-40.0, -40.0, -40.0]
    by_kind = held_out_background(table, LABELS, 1)
    assert list(by_kind) == KINDS
    rain, wind = (by_kind[kind]["false_positive_rate"] for kind in KINDS)
    assert (rain["value"], wind["value"]) == (1, 0)
    assert rain["low"] > 0.5 > wind["high"] > 0
    for kind in KINDS:
        n_clips = 2 * len(ANIMALS) * N_DRAWS  # for the threshold, and as many for the rate
        deviation = np.sqrt(DETECTION_RATE * (1 - DETECTION_RATE) * 2 / n_clips)
        assert abs(by_kind[kind]["detection_rate"] - DETECTION_RATE) < 3 * deviation


def test_copies_do_not_set_the_threshold_of_held_out_background() -> None:
    copies = (PREDICTIONS["held_out"] != "") & (PREDICTIONS["view"] > 0)
    assert copies.any()
    assert held_out_background(corrupt(PREDICTIONS, copies), LABELS, 1) == held_out_background(PREDICTIONS, LABELS, 1)


def test_kinds_that_few_draws_leave_out_are_scored_by_those_alone() -> None:
    """As kinds take turns, each is left out of some draws only."""
    turns = (PREDICTIONS["held_out"] == "") | (PREDICTIONS["held_out"] == np.take(KINDS, PREDICTIONS["draw"] % 2))
    by_kind = held_out_background(PREDICTIONS[turns], LABELS, 1)
    assert list(by_kind) == KINDS
    assert all(scores["false_positive_rate"]["value"] < 1 for scores in by_kind.values())


# The dense head


def test_the_dense_head_decides_for_an_animal_always_and_is_not_calibrated() -> None:
    scores, clips, pairs = scored(WITHOUT_BACKGROUND, ANIMALS, "dense")
    assert scores["decided"] is None
    assert "rejection" not in scores
    assert set(clips["prediction"]) == set(ANIMALS)
    assert scores["calibration"]["slope"] == 1
    np.testing.assert_array_equal(pairs["before"], pairs["after"])


def test_the_dense_head_of_a_single_animal_tells_it_from_background() -> None:
    scores, clips, _ = scored(SINGLE, [ANIMALS[0], NONE], "dense")
    assert set(clips["prediction"]) == {ANIMALS[0], NONE}
    assert scores["rejection"]["false_positive_rate"]["value"] < 0.5 < scores["decided"]["accuracy"]["value"]
    assert scores["rejection"]["held_out_background"].keys() <= set(KINDS)

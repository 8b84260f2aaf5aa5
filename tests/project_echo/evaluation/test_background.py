"""Calibration, and rejection of background, over many draws."""

import numpy as np
import pandas as pd
import pytest

from project_echo.core.labels import NONE
from project_echo.evaluation.background import (
    DETECTION_RATE,
    calibration_and_rejection,
    held_out_background,
    reliability_table,
)
from project_echo.evaluation.predictions import complete_rows
from tests.project_echo.evaluation.simulated import (
    ANIMALS,
    FALSE_POSITIVE_RATE,
    KINDS,
    LABELS,
    N_DRAWS,
    OVERCONFIDENCE,
    PREDICTIONS,
    WITH_AND_WITHOUT_BACKGROUND,
    corrupt,
)


@WITH_AND_WITHOUT_BACKGROUND
def test_scaling_lowers_the_calibration_error(table: pd.DataFrame, labels: list[str]) -> None:
    scores, clips = calibration_and_rejection(table, labels, FALSE_POSITIVE_RATE, 1)
    errors = scores["calibration"]["expected_calibration_error"]
    assert errors["after"] < errors["before"]
    assert 1.3 < scores["calibration"]["temperature"] < OVERCONFIDENCE  # shrunk towards 1
    assert len(clips) == len(complete_rows(table, "test"))
    assert ("rejection" in scores) == (NONE in labels)


def test_reliability_is_of_all_test_clips_before_and_after_scaling() -> None:
    _, clips = calibration_and_rejection(PREDICTIONS, LABELS, FALSE_POSITIVE_RATE, 1)
    table = reliability_table(clips)
    assert table.groupby("scaling")["clips"].sum().to_dict() == {"before": len(clips), "after": len(clips)}
    for scaling, rows in table.groupby("scaling"):
        assert np.average(rows["confidence"], weights=rows["clips"]) == pytest.approx(clips[scaling].mean())
        assert np.average(rows["accuracy"], weights=rows["clips"]) == pytest.approx(clips["correct"].mean())


def test_a_draw_is_calibrated_without_the_sources_that_it_tests() -> None:
    tested = complete_rows(PREDICTIONS[PREDICTIONS["draw"] == 0], "test")
    of_tested = (PREDICTIONS["part"] == "validation") & PREDICTIONS["source"].isin(tested["source"])
    first_draw = slice(0, len(tested))
    _, expected = calibration_and_rejection(PREDICTIONS, LABELS, FALSE_POSITIVE_RATE, 1)
    _, clips = calibration_and_rejection(corrupt(PREDICTIONS, of_tested), LABELS, FALSE_POSITIVE_RATE, 1)
    pd.testing.assert_frame_equal(clips[first_draw], expected[first_draw])
    assert (clips["after"] != expected["after"]).any()


def test_the_false_positive_rate_on_test_clips_is_close_to_its_target() -> None:
    scores, clips = calibration_and_rejection(PREDICTIONS, LABELS, FALSE_POSITIVE_RATE, 1)
    background = clips["label"] == NONE
    detected = clips["prediction"] != NONE
    rate = scores["rejection"]["false_positive_rate"]
    assert scores["rejection"]["target_false_positive_rate"] == FALSE_POSITIVE_RATE
    assert rate["value"] == detected[background].mean()
    assert rate["low"] < rate["value"] < rate["high"]
    assert scores["rejection"]["background_clips"] == background.sum()
    # Threshold and rate are both estimated, from about the same number of clips.
    deviation = np.sqrt(2 * FALSE_POSITIVE_RATE * (1 - FALSE_POSITIVE_RATE) / background.sum())
    assert abs(rate["value"] - FALSE_POSITIVE_RATE) < 3 * deviation
    assert scores["rejection"]["detection_rate"] == detected[~background].mean() > 0.5


def test_the_false_positive_rate_on_held_out_background_depends_on_how_much_it_resembles_animals() -> None:
    table = PREDICTIONS.copy()
    held_out = (table["held_out"] != "") & (table["label"] == NONE)
    table.loc[held_out & (table["kind"] == "rain"), LABELS] = np.log([0.97, 0.01, 0.01, 0.01])
    table.loc[held_out & (table["kind"] == "wind"), LABELS] = np.log([0.001, 0.001, 0.001, 0.997])
    by_kind = held_out_background(table, LABELS, 1)
    assert list(by_kind) == KINDS
    rain, wind = (by_kind[kind]["false_positive_rate"] for kind in KINDS)
    assert (rain["value"], wind["value"]) == (1, 0)
    assert rain["low"] > 0.5 > wind["high"] > 0
    for kind in KINDS:
        n_clips = 2 * len(ANIMALS) * N_DRAWS  # for the threshold, and as many for the rate
        deviation = np.sqrt(DETECTION_RATE * (1 - DETECTION_RATE) * 2 / n_clips)
        assert abs(by_kind[kind]["detection_rate"] - DETECTION_RATE) < 3 * deviation

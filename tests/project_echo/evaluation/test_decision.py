"""Temperature and threshold come from validation clips of sources that are not tested."""

import pandas as pd
import pytest

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.decision import calibrate
from tests.project_echo.evaluation.simulated import (
    CLIPS,
    FALSE_POSITIVE_RATE,
    LABELS,
    OVERCONFIDENCE,
    PREDICTIONS,
    SIZES,
    TRAIN,
    WITH_AND_WITHOUT_BACKGROUND,
    corrupt,
)

SPLIT = draw_sources(CLIPS, SIZES, 2, 0)
TESTED = set(SPLIT.loc[SPLIT["part"] == "test", "source"])


def calibrated(table: pd.DataFrame) -> tuple[float, float | None]:
    return calibrate(table, LABELS, FALSE_POSITIVE_RATE, TESTED)


@WITH_AND_WITHOUT_BACKGROUND
def test_the_temperature_is_the_overconfidence_of_the_predictions(table: pd.DataFrame, labels: list[str]) -> None:
    temperature, threshold = calibrate(table, labels, FALSE_POSITIVE_RATE, set())
    assert temperature == pytest.approx(OVERCONFIDENCE, rel=0.25)
    assert (threshold is None) == (NONE not in labels)


def test_tested_sources_do_not_influence_temperature_and_threshold() -> None:
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


@pytest.mark.parametrize(("labels", "of_background"), [(LABELS, False), ([NONE], True)])
def test_no_validation_clips_are_an_error_that_names_the_parameter(labels: list[str], of_background: bool) -> None:
    with pytest.raises(EchoError) as error:
        calibrate(PREDICTIONS[~PREDICTIONS["label"].isin(labels)], LABELS, FALSE_POSITIVE_RATE, set())
    assert "crossval.draws" in str(error.value)
    assert ("background" in str(error.value)) == of_background

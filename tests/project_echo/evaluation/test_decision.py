"""Temperature and threshold come from validation clips of sources that are not tested."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax, logit

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets.draws import draw_sources
from project_echo.evaluation.decision import Decision, calibrate
from project_echo.evaluation.predictions import KEYS
from project_echo.models.shrinkage import LIMITS, TEMPERATURES, shrink_temperature
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


def calibrated(table: pd.DataFrame) -> Decision:
    return calibrate(table, LABELS, FALSE_POSITIVE_RATE, TESTED)


@WITH_AND_WITHOUT_BACKGROUND
def test_the_temperature_is_the_overconfidence_of_the_predictions(table: pd.DataFrame, labels: list[str]) -> None:
    decision = calibrate(table, labels, FALSE_POSITIVE_RATE, set())
    validation = table[(table["part"] == "validation") & (table["train"] == TRAIN)]
    assert decision.sources == validation["source"].nunique()
    assert decision.temperature == pytest.approx(shrink_temperature(OVERCONFIDENCE, decision.sources), rel=0.25)
    assert (decision.threshold is None) == (decision.background_sources is None) == (NONE not in labels)
    if NONE in labels:
        assert decision.background_sources == validation.loc[validation["label"] == NONE, "source"].nunique()


def separated(n_sources: int, draws: int = 10) -> pd.DataFrame:
    """Predictions of `n_sources` a label, validated in every draw and told apart with hardly any doubt."""
    rows = pd.DataFrame(
        [
            (draw, TRAIN, "", "validation", f"{label}/{number}", f"{label}-{number}", label, label)
            for draw in range(draws)
            for label in LABELS
            for number in range(n_sources)
        ],
        columns=KEYS,
    )
    logits = 8.0 * np.eye(len(LABELS))[rows["label"].map(LABELS.index)]
    return rows.join(pd.DataFrame(log_softmax(logits, axis=1), columns=LABELS))


@pytest.mark.parametrize("n_sources", [1, 5])
def test_labels_that_few_sources_tell_apart_perfectly_stay_near_the_defaults(n_sources: int) -> None:
    decision = calibrate(separated(n_sources), LABELS, FALSE_POSITIVE_RATE, set())
    assert (decision.sources, decision.background_sources) == (4 * n_sources, n_sources)
    assert decision.temperature > 0.7
    assert decision.threshold is not None
    assert decision.threshold > 0.2


def test_a_higher_false_positive_rate_gives_a_lower_threshold() -> None:
    decisions = [calibrate(PREDICTIONS, LABELS, rate, TESTED) for rate in (0.05, 0.1, 0.2, 0.3)]
    thresholds = [decision.threshold for decision in decisions if decision.threshold is not None]
    assert len(thresholds) == len(decisions)
    assert all(later < earlier for earlier, later in pairwise(thresholds))
    assert len({decision.temperature for decision in decisions}) == 1


def test_draws_of_the_same_sources_add_no_weight() -> None:
    few, many = (calibrate(separated(5, draws), LABELS, FALSE_POSITIVE_RATE, set()) for draws in (1, 30))
    assert (many.temperature, many.threshold) == pytest.approx((few.temperature, few.threshold))


def test_with_more_sources_that_are_told_apart_perfectly_the_bounds_are_approached() -> None:
    decisions = [calibrate(separated(n, 1), LABELS, FALSE_POSITIVE_RATE, set()) for n in (1, 10, 100, 3000)]
    temperatures, thresholds = ([getattr(d, name) for d in decisions] for name in ("temperature", "threshold"))
    assert temperatures == sorted(temperatures, reverse=True)
    assert thresholds == sorted(thresholds, reverse=True)
    assert temperatures[-1] == pytest.approx(TEMPERATURES[0], rel=0.01)
    assert logit(thresholds[-1]) == pytest.approx(logit(LIMITS[0]), rel=0.01)


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

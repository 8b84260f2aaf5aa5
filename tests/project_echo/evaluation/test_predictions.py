"""What is read from the table of predictions."""

import pandas as pd
import pytest

from project_echo.core.labels import NONE, RESERVED
from project_echo.evaluation.predictions import KEYS, complete_rows, draw_accuracies, pooled_predictions
from tests.project_echo.evaluation.simulated import (
    ANIMALS,
    LABELS,
    N_DRAWS,
    PREDICTIONS,
    SINGLE,
    TRAIN,
    WITHOUT_BACKGROUND,
)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_complete_rows_are_of_trials_with_all_sources_and_all_background(part: str) -> None:
    rows = complete_rows(PREDICTIONS, part)
    assert set(rows["part"]) == {part}
    assert set(rows["train"]) == {TRAIN}
    assert set(rows["held_out"]) == {""}
    assert rows["draw"].nunique() == N_DRAWS
    assert set(rows["label"]) == set(LABELS)


@pytest.mark.parametrize(("table", "labels"), [(PREDICTIONS, LABELS), (WITHOUT_BACKGROUND, ANIMALS)])
def test_pooled_predictions_are_animals_for_the_test_clips_of_animals(table: pd.DataFrame, labels: list[str]) -> None:
    pooled = pooled_predictions(table, labels)
    assert (pooled.groupby(["draw", "truth"])["source"].nunique() == 2).all()
    assert pooled["draw"].nunique() == N_DRAWS
    assert set(pooled["prediction"]) == set(pooled["truth"]) == set(ANIMALS)


def test_a_single_animal_and_background_are_both_predicted() -> None:
    pooled = pooled_predictions(SINGLE, [ANIMALS[0], NONE])
    assert set(pooled["truth"]) == set(pooled["prediction"]) == {ANIMALS[0], NONE}
    assert len(pooled) == len(complete_rows(SINGLE, "test"))
    assert 0.5 < draw_accuracies(pooled)["accuracy"].mean() < 1


def test_every_draw_has_its_own_accuracy() -> None:
    pooled = pd.DataFrame({"draw": [0, 0, 1, 1], "truth": list("abab"), "prediction": list("abbb")})
    assert draw_accuracies(pooled).to_dict("list") == {"draw": [0, 1], "accuracy": [1.0, 0.5]}


def test_no_label_may_have_the_name_of_a_column() -> None:
    assert {*KEYS, "recording"} <= RESERVED

"""What is read from the table of predictions."""

import pandas as pd
import pytest

from project_echo.core.labels import NONE, RESERVED
from project_echo.evaluation.predictions import (
    KEYS,
    any_animal_probability,
    complete_rows,
    draw_accuracies,
    pooled_predictions,
)
from tests.project_echo.evaluation.simulated import (
    ANIMALS,
    LABELS,
    N_DRAWS,
    PREDICTIONS,
    TRAIN,
    WITH_AND_WITHOUT_BACKGROUND,
)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_complete_rows_are_of_trials_with_all_sources_and_all_background(part: str) -> None:
    rows = complete_rows(PREDICTIONS, part)
    assert set(rows["part"]) == {part}
    assert set(rows["train"]) == {TRAIN}
    assert set(rows["held_out"]) == {""}
    assert rows["draw"].nunique() == N_DRAWS
    assert set(rows["label"]) == set(LABELS)


@WITH_AND_WITHOUT_BACKGROUND
def test_pooled_predictions_are_animals_for_the_test_clips_of_animals(table: pd.DataFrame, labels: list[str]) -> None:
    pooled = pooled_predictions(table, labels)
    assert (pooled.groupby(["draw", "truth"])["source"].nunique() == 2).all()
    assert pooled["draw"].nunique() == N_DRAWS
    assert set(pooled["prediction"]) == set(pooled["truth"]) == set(ANIMALS)


def test_a_single_animal_and_background_are_both_predicted() -> None:
    kept = PREDICTIONS[PREDICTIONS["label"].isin([ANIMALS[0], NONE])].drop(columns=ANIMALS[1:])
    pooled = pooled_predictions(kept, [ANIMALS[0], NONE])
    assert set(pooled["truth"]) == set(pooled["prediction"]) == {ANIMALS[0], NONE}
    assert len(pooled) == len(complete_rows(kept, "test"))
    assert 0.5 < draw_accuracies(pooled)["accuracy"].mean() < 1


def test_every_draw_has_its_own_accuracy() -> None:
    pooled = pd.DataFrame({"draw": [0, 0, 1, 1], "truth": list("abab"), "prediction": list("abbb")})
    assert draw_accuracies(pooled).to_dict("list") == {"draw": [0, 1], "accuracy": [1.0, 0.5]}


def test_the_probability_of_any_animal_is_what_is_left_by_background() -> None:
    rows = complete_rows(PREDICTIONS, "test")
    background = rows["label"] == NONE
    probabilities = any_animal_probability(rows, LABELS, temperature=1.0)
    assert probabilities == pytest.approx(1 - 2.718281828459045 ** rows[NONE].to_numpy())
    assert probabilities[~background].mean() > 0.5 > probabilities[background].mean()
    scaled = any_animal_probability(rows, LABELS, temperature=20.0)  # towards equal probabilities: 3/4
    assert abs(scaled - 3 / 4).max() < abs(probabilities - 3 / 4).max()


def test_no_label_may_have_the_name_of_a_column() -> None:
    assert {*KEYS, "recording"} <= RESERVED

"""Scores over many draws, of made-up predictions whose scores are known."""

import pandas as pd
import pytest

from project_echo.evaluation.crossval import learning_curve, paired_difference, score
from project_echo.evaluation.metrics import classification_metrics
from project_echo.evaluation.predictions import draw_accuracies, pooled_predictions
from tests.project_echo.evaluation.simulated import ANIMALS, LABELS, N_DRAWS, PREDICTIONS, TRAIN

POOLED = pooled_predictions(PREDICTIONS, LABELS)
CORRECT = POOLED.assign(prediction=POOLED["truth"])


def test_scores_are_those_of_all_predictions_and_lie_in_their_intervals() -> None:
    scores = score(POOLED, ANIMALS, 1)
    expected = classification_metrics(POOLED["truth"].to_numpy(), POOLED["prediction"].to_numpy(), ANIMALS)
    for name, value in (("accuracy", expected["accuracy"]["value"]), ("macro_f1", expected["macro_f1"])):
        assert scores[name]["value"] == pytest.approx(value)
        assert scores[name]["low"] < value < scores[name]["high"]
    assert scores["recall"] == pytest.approx({animal: expected["per_class"][animal]["recall"] for animal in ANIMALS})
    assert (scores["draws"], scores["sources"]) == (N_DRAWS, POOLED["source"].nunique())


def test_the_accuracies_of_single_draws_are_described_by_median_and_percentiles() -> None:
    accuracies = draw_accuracies(POOLED)["accuracy"]
    assert len(accuracies) == N_DRAWS
    assert accuracies.mean() == pytest.approx(score(POOLED, ANIMALS, 1)["accuracy"]["value"])
    single = score(POOLED, ANIMALS, 1)["single_draw_accuracy"]
    assert single["value"] == accuracies.median()
    assert accuracies.min() <= single["low"] <= single["value"] <= single["high"] <= accuracies.max()


def test_the_most_confused_pair_has_the_error_rate_of_its_clips() -> None:
    truth = ["boar", "boar", "fox", "fox", "owl", "owl"]
    prediction = ["fox", "boar", "boar", "fox", "owl", "fox"]
    pooled = pd.DataFrame({"draw": [0, 1] * 3, "source": list("abcdef"), "truth": truth, "prediction": prediction})
    assert score(pooled, ANIMALS, 1)["most_confused"] == {"pair": ["boar", "fox"], "errors": 2, "rate": 0.5}


def test_predictions_without_an_error_score_1_and_confuse_nothing() -> None:
    scores = score(CORRECT, ANIMALS, 1)
    assert scores["accuracy"]["value"] == scores["macro_f1"]["value"] == 1
    assert scores["accuracy"]["low"] < scores["accuracy"]["high"] == 1
    assert scores["most_confused"] == {"pair": None, "errors": 0, "rate": 0}


def test_repeating_the_draws_does_not_narrow_the_interval() -> None:
    repeated = POOLED.assign(draw=POOLED["draw"] + N_DRAWS)
    once, twice = (score(table, ANIMALS, 1) for table in (POOLED, pd.concat([POOLED, repeated])))
    assert twice["draws"] == 2 * once["draws"]
    assert twice["accuracy"] == pytest.approx(once["accuracy"])


def test_the_learning_curve_has_the_accuracy_of_each_training_size() -> None:
    table = learning_curve(PREDICTIONS, LABELS, 1)
    assert table["train"].tolist() == [1, TRAIN]
    assert table["accuracy"].is_monotonic_increasing
    assert ((table["low"] < table["accuracy"]) & (table["accuracy"] < table["high"])).all()
    assert table["accuracy"].iloc[-1] == score(POOLED, ANIMALS, 1)["accuracy"]["value"]


# Two experiments


def test_an_experiment_does_not_differ_from_itself() -> None:
    difference = paired_difference(POOLED, POOLED.sample(frac=1, random_state=1))
    for name in ("accuracy", "macro_f1"):
        assert difference[name]["before"] == difference[name]["after"]
        assert difference[name]["low"] == difference[name]["value"] == difference[name]["high"] == 0
    assert difference["same_draws"]


def test_a_difference_on_every_source_excludes_0_and_changes_its_sign_with_the_order() -> None:
    worse = POOLED.assign(prediction=POOLED["truth"].where(POOLED["draw"] % 2 == 0, "boar"))
    gain, loss = paired_difference(worse, CORRECT), paired_difference(CORRECT, worse)
    for name in ("accuracy", "macro_f1"):
        assert gain[name]["value"] == gain[name]["after"] - gain[name]["before"]
        assert 0 < gain[name]["low"] <= gain[name]["value"] <= gain[name]["high"]
        assert loss[name]["low"] == pytest.approx(-gain[name]["high"])
        assert loss[name]["before"] == gain[name]["after"]


def test_only_clips_that_both_tested_are_compared() -> None:
    later = POOLED[POOLED["draw"] >= 5]
    difference = paired_difference(POOLED, later)
    assert difference["draws"] == N_DRAWS - 5
    assert not difference["same_draws"]
    assert difference["accuracy"]["before"] == pytest.approx((later["truth"] == later["prediction"]).mean())
    assert paired_difference(POOLED, later.assign(draw=later["draw"] + N_DRAWS)) == {"draws": 0}


def test_draws_of_other_animals_are_not_the_same_draws() -> None:
    assert paired_difference(POOLED, POOLED[POOLED["truth"] != "owl"]) == {"draws": 0}

"""What many draws say, of predictions that are made up so that the answer is known."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from project_echo.core.labels import NONE, RESERVED
from project_echo.datasets import draws
from project_echo.evaluation import crossval, metrics
from tests.tables import clips_of, numbered, with_background

ANIMALS = ["boar", "fox", "owl"]
LABELS = [*ANIMALS, NONE]
KINDS = ["rain", "wind"]
CLIPS = with_background(
    clips_of({animal: numbered(animal, 13) for animal in ANIMALS}), {kind: numbered(kind, 13) for kind in KINDS}
)
DRAWS, TRAIN = 15, 8
RATE = 0.1  # of false alarms
DOUBT, OVERCONFIDENCE = 0.6, 3.0


def guess(rows: pd.DataFrame, labels: list[str], doubt: float, seed: int) -> pd.DataFrame:
    """Log-probabilities that an observer gives who sees the truth through normal noise, and is overconfident."""
    truth = np.eye(len(labels))[rows["label"].map(labels.index)]
    seen = truth + np.random.default_rng(seed).normal(0, doubt, truth.shape)
    logits = OVERCONFIDENCE * seen / doubt**2  # divided by the factor they are what Bayes' rule says
    return pd.DataFrame(log_softmax(logits, axis=1), columns=labels, index=rows.index)


def predict(labels: list[str]) -> pd.DataFrame:
    """Of every draw as it is, of a small training set, which guesses worse, and without each kind of background."""
    clips = CLIPS[CLIPS["label"].isin(labels)]
    tables = []
    for number in range(DRAWS):
        draw = draws.draw(clips, TRAIN, 2, 2, 1, number)
        trials = [(TRAIN, "", DOUBT, draw), (1, "", 3 * DOUBT, draws.fewer(draw, 1, 1, number))]
        if NONE in labels:
            trials += [(TRAIN, kind, DOUBT, draws.without(draw, kind)) for kind in KINDS]
        for place, (train, left_out, doubt, rows) in enumerate(trials):
            tried = rows[rows["part"].isin(["validation", "test"])].assign(draw=number, train=train, left_out=left_out)
            tried = tried[(tried["label"] != NONE) | (tried["kind"] == left_out) | (left_out == "")]
            tables.append(tried[crossval.KEYS].join(guess(tried, labels, doubt, DRAWS * place + number)))
    return pd.concat(tables, ignore_index=True)


PREDICTIONS, WITHOUT_BACKGROUND = predict(LABELS), predict(ANIMALS)
ANSWERS = crossval.answers(PREDICTIONS, LABELS)
SPLIT = draws.draw(CLIPS, TRAIN, 2, 2, 2, 0)
TESTED = set(SPLIT.loc[SPLIT["part"] == "test", "source"])
BOTH = pytest.mark.parametrize(
    ("table", "labels"), [(PREDICTIONS, LABELS), (WITHOUT_BACKGROUND, ANIMALS)], ids=["background", "animals"]
)


def spoilt(table: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """The table with nonsense instead of the chosen rows' predictions."""
    nonsense = table.copy()
    nonsense.loc[chosen, LABELS] = np.log([0.01, 0.01, 0.97, 0.01])
    return nonsense


def calibrated(table: pd.DataFrame) -> tuple[float, float | None]:
    return crossval.calibrate(table, LABELS, RATE, TESTED)


# Temperature and threshold


@BOTH
def test_temperature_is_how_overconfident_the_predictions_are(table: pd.DataFrame, labels: list[str]) -> None:
    temperature, threshold = crossval.calibrate(table, labels, RATE, set())
    assert temperature == pytest.approx(OVERCONFIDENCE, rel=0.25)
    assert (threshold is None) == (NONE not in labels)


def test_what_is_tested_has_no_say_in_temperature_and_threshold() -> None:
    given = calibrated(PREDICTIONS)
    validation, tested = PREDICTIONS["part"] == "validation", PREDICTIONS["source"].isin(TESTED)
    assert (validation & tested).any()
    assert calibrated(spoilt(PREDICTIONS, validation & tested)) == given
    assert calibrated(spoilt(PREDICTIONS, ~validation)) == given
    assert calibrated(spoilt(PREDICTIONS, validation & ~tested)) != given


@pytest.mark.parametrize("column", ["train", "left_out"])
def test_only_trials_with_all_sources_and_kinds_have_a_say(column: str) -> None:
    lesser = PREDICTIONS[column] != {"train": TRAIN, "left_out": ""}[column]
    assert lesser.any()
    assert calibrated(spoilt(PREDICTIONS, lesser)) == calibrated(PREDICTIONS)
    for part in ("validation", "test"):
        assert not lesser[crossval.full(PREDICTIONS, part).index].any()


def test_a_draw_is_calibrated_without_the_sources_that_it_tests() -> None:
    tested = crossval.full(PREDICTIONS[PREDICTIONS["draw"] == 0], "test")
    known = (PREDICTIONS["part"] == "validation") & PREDICTIONS["source"].isin(tested["source"])
    first = slice(0, len(tested))
    _, given = crossval.sureness(PREDICTIONS, LABELS, RATE, 1)
    _, found = crossval.sureness(spoilt(PREDICTIONS, known), LABELS, RATE, 1)
    pd.testing.assert_frame_equal(found[first], given[first])
    assert (found["after"] != given["after"]).any()


# Answers and scores


@BOTH
def test_answers_are_of_test_clips_with_an_animal_and_name_one(table: pd.DataFrame, labels: list[str]) -> None:
    found = crossval.answers(table, labels)
    assert (found.groupby(["draw", "truth"])["source"].nunique() == 2).all()
    assert found["draw"].nunique() == DRAWS
    assert set(found["prediction"]) == set(found["truth"]) == set(ANIMALS)


def test_the_pooled_score_is_that_of_all_answers_and_its_interval_holds_it() -> None:
    found = crossval.score(ANSWERS, ANIMALS, 1)
    expected = metrics.score(ANSWERS["truth"].to_numpy(), ANSWERS["prediction"].to_numpy(), ANIMALS)
    for name, value in (("accuracy", "mean"), ("macro_f1", "pooled")):
        assert found[name][value] == pytest.approx(expected[name])
        assert found[name]["low"] < expected[name] < found[name]["high"]
    assert found["recall"] == pytest.approx({animal: expected["per_class"][animal]["recall"] for animal in ANIMALS})
    assert (found["draws"], found["sources"]) == (DRAWS, ANSWERS["source"].nunique())
    single = crossval.accuracies(ANSWERS)
    assert len(single) == DRAWS
    assert single["accuracy"].mean() == pytest.approx(expected["accuracy"])
    assert single["accuracy"].min() <= found["draws_90"]["low"] <= found["draws_90"]["high"] <= single["accuracy"].max()


def test_the_most_confused_pair_has_the_rate_of_its_clips() -> None:
    truth = ["boar", "boar", "fox", "fox", "owl", "owl"]
    prediction = ["fox", "boar", "boar", "fox", "owl", "fox"]
    answers = pd.DataFrame({"draw": [0, 1] * 3, "source": list("abcdef"), "truth": truth, "prediction": prediction})
    assert crossval.score(answers, ANIMALS, 1)["most_confused"] == {"pair": "boar / fox", "errors": 2, "rate": 0.5}


def test_answers_that_are_all_right_score_all_there_is_to_score() -> None:
    found = crossval.score(ANSWERS.assign(prediction=ANSWERS["truth"]), ANIMALS, 1)
    assert found["accuracy"]["mean"] == found["macro_f1"]["pooled"] == 1
    assert found["accuracy"]["low"] < found["accuracy"]["high"] == 1
    assert found["most_confused"] == {"pair": "none", "errors": 0, "rate": 0}


def test_repeating_the_draws_makes_nothing_surer() -> None:
    again = ANSWERS.assign(draw=ANSWERS["draw"] + DRAWS)
    once, twice = (crossval.score(table, ANIMALS, 1) for table in (ANSWERS, pd.concat([ANSWERS, again])))
    assert twice["draws"] == 2 * once["draws"]
    assert twice["accuracy"] == pytest.approx(once["accuracy"])


def test_the_curve_has_the_accuracy_of_each_training_size() -> None:
    table = crossval.curve(PREDICTIONS, LABELS, 1)
    assert table["train"].tolist() == [1, TRAIN]
    assert table["accuracy"].is_monotonic_increasing
    assert (table["low"] < table["accuracy"]).all() and (table["accuracy"] < table["high"]).all()
    assert table["accuracy"].iloc[-1] == crossval.score(ANSWERS, ANIMALS, 1)["accuracy"]["mean"]


# Two experiments


def test_an_experiment_does_not_differ_from_itself() -> None:
    found = crossval.difference(ANSWERS, ANSWERS.sample(frac=1, random_state=1), ANIMALS, 1)
    for name in ("accuracy", "macro_f1"):
        assert found[name]["before"] == found[name]["after"]
        assert found[name]["low"] == found[name]["high"] == 0


def test_a_difference_on_every_source_is_sure_and_turns_with_the_order() -> None:
    better = ANSWERS.assign(prediction=ANSWERS["truth"])
    worse = ANSWERS.assign(prediction=ANSWERS["truth"].where(ANSWERS["draw"] % 2 == 0, "boar"))
    forth, back = crossval.difference(worse, better, ANIMALS, 1), crossval.difference(better, worse, ANIMALS, 1)
    for name in ("accuracy", "macro_f1"):
        assert 0 < forth[name]["low"] <= forth[name]["after"] - forth[name]["before"] <= forth[name]["high"]
        assert back[name]["low"] == pytest.approx(-forth[name]["high"])
        assert back[name]["before"] == forth[name]["after"]


def test_only_clips_that_both_tested_are_compared() -> None:
    later = ANSWERS[ANSWERS["draw"] >= 5]
    found = crossval.difference(ANSWERS, later, ANIMALS, 1)
    assert found["draws"] == DRAWS - 5
    assert found["accuracy"]["before"] == pytest.approx((later["truth"] == later["prediction"]).mean())
    assert crossval.difference(ANSWERS, later.assign(draw=later["draw"] + DRAWS), ANIMALS, 1) == {"draws": 0}


# Sureness


@BOTH
def test_scaling_lowers_the_calibration_error(table: pd.DataFrame, labels: list[str]) -> None:
    found, clips = crossval.sureness(table, labels, RATE, 1)
    errors = found["calibration"]["expected_calibration_error"]
    assert errors["after"] < errors["before"]
    assert found["calibration"]["temperature"] == pytest.approx(OVERCONFIDENCE, rel=0.25)
    assert len(clips) == len(crossval.full(table, "test"))
    assert ("rejection" in found) == (NONE in labels)


def test_false_alarms_on_tested_background_are_about_what_is_stated() -> None:
    found, clips = crossval.sureness(PREDICTIONS, LABELS, RATE, 1)
    background = clips["label"] == NONE
    named = clips["answer"] != NONE
    assert found["rejection"]["false_alarms"] == named[background].mean()
    assert found["rejection"]["background_clips"] == background.sum()
    # Threshold and rate are each found from as many clips.
    assert abs(named[background].mean() - RATE) < 3 * np.sqrt(2 * RATE * (1 - RATE) / background.sum())
    assert named[~background].mean() > 0.5


def test_unheard_background_is_as_often_taken_for_an_animal_as_it_looks_like_one() -> None:
    table = PREDICTIONS.copy()
    unheard = (table["left_out"] != "") & (table["label"] == NONE)
    table.loc[unheard & (table["kind"] == "rain"), LABELS] = np.log([0.97, 0.01, 0.01, 0.01])
    table.loc[unheard & (table["kind"] == "wind"), LABELS] = np.log([0.001, 0.001, 0.001, 0.997])
    found = crossval.unheard(table, LABELS, 1)
    assert list(found) == KINDS
    assert (found["rain"]["false_alarms"], found["wind"]["false_alarms"]) == (1, 0)
    assert found["rain"]["false_alarms_95"]["low"] > 0.5 > found["wind"]["false_alarms_95"]["high"] > 0
    for kind in KINDS:
        clips = 2 * len(ANIMALS) * DRAWS  # to find the threshold by, and to test it on
        deviation = np.sqrt(crossval.RECALL * (1 - crossval.RECALL) * 2 / clips)
        assert abs(found[kind]["animals_named"] - crossval.RECALL) < 3 * deviation


def test_no_label_may_have_the_name_of_a_column_beside_it() -> None:
    assert {*crossval.KEYS, "recording"} <= RESERVED

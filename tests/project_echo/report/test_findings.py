"""Sentences follow the numbers."""

import pytest

from project_echo.report import findings
from tests.project_echo.report.results import CROSSVAL, DECIDED, EVALUATE, FLAT, RISING, changed, without_background


def test_confusions_state_what_becomes_of_clips_and_which_labels_are_confused() -> None:
    of_a_hundred, recall, confused, background = findings.confusions(CROSSVAL)
    assert all(f" {number} " in of_a_hundred for number in (100, 82, 15, 3))  # 97 are noticed, 82 of them named right
    assert recall.index("tree frog (100%") < recall.index("boar (80%")
    assert all(text in confused for text in ("cane toad and fox", "3%"))
    assert all(text in background for text in ("5%", "1 to 10%"))


def test_what_becomes_of_a_hundred_clips_adds_up_after_rounding() -> None:
    rates = {**CROSSVAL["rejection"], "detection_rate": 0.8775, "correct_detection_rate": 0.8488}
    sentence = findings.confusions(changed(rejection=rates))[0]
    assert sum(int(word) for word in sentence.replace(",", "").split() if word.isdecimal()) == 100 + 100


def test_labels_with_equal_recall_are_all_named() -> None:
    recall = findings.confusions(changed(recall={"boar": 0.8, "cane_toad": 1.0, "fox": 0.81, "tree_frog": 1.0}))[1]
    assert "cane toad and tree frog (100%" in recall
    assert "fox" not in recall


def test_background_that_a_single_animal_is_told_from_is_called_other_sounds() -> None:
    recall = findings.confusions(changed(recall={"boar": 0.8, "none": 0.9}))[1]
    assert "other sounds (90%" in recall
    assert "none" not in recall


def test_without_differences_and_confusions_no_label_is_named() -> None:
    nothing = {"pair": None, "errors": 0, "rate": 0.0}
    sentences = findings.confusions(without_background(recall={"boar": 0.9, "fox": 0.9}, most_confused=nothing))
    assert len(sentences) == 2
    assert "90%" in sentences[0]
    assert not any(label in sentence for sentence in sentences for label in ("boar", "fox"))


def test_certainty_is_of_the_accuracy_that_is_the_headline() -> None:
    tested, repeated, learning, probabilities = findings.certainty(changed(**DECIDED), EVALUATE, RISING)
    assert all(text in tested for text in ("8 clips", " 8 of them", "67 to 100%"))
    assert all(text in repeated for text in ("100 times", "82%", "78 and 86%"))
    assert all(text in learning for text in ("80%", "7 sources", "90%", "9 sources"))
    assert "3 percentage points" in probabilities
    assert "90%" in findings.certainty(CROSSVAL, EVALUATE, RISING)[1]


def test_without_a_curve_and_calibration_nothing_is_said_of_them() -> None:
    without = {key: value for key, value in CROSSVAL.items() if key != "calibration"}
    assert len(findings.certainty(without, EVALUATE, FLAT.tail(1))) == 2


def test_the_tested_clips_of_decisions_are_those_of_animals() -> None:
    evaluate = {**EVALUATE, "clips": 10, "per_class": {"boar": {"support": 6}, "none": {"support": 4}}}
    assert findings.tested_clips(evaluate) == 10
    assert findings.tested_clips(evaluate | {"decided": {"accuracy": {"value": 0.5}}}) == 6


@pytest.mark.parametrize(
    ("recordings", "with_truth", "correct", "text"),
    [(0, 0, 0, "no unseen recordings"), (3, 0, 0, "3 recordings"), (5, 4, 3, "3 of 4")],
)
def test_unseen_recordings_are_counted(recordings: int, with_truth: int, correct: int, text: str) -> None:
    metrics = {"recordings": recordings, "with_truth": with_truth, "correct": correct}
    assert text in findings.unseen_recordings(metrics)

"""Sentences follow the numbers."""

from copy import deepcopy
from typing import Any

import pandas as pd
import pytest

from project_echo.report import findings

CROSSVAL: dict[str, Any] = {
    "draws": 100,
    "sources": 64,
    "accuracy": {"value": 0.9, "low": 0.85, "high": 0.94},
    "recall": {"boar": 0.8, "cane_toad": 0.995, "fox": 0.81, "tree_frog": 1.0},
    "most_confused": {"pair": ["cane_toad", "fox"], "errors": 12, "rate": 0.03},
    "rejection": {
        "detection_rate": 0.97,
        "false_positive_rate": {"value": 0.05, "low": 0.01, "high": 0.1},
        "held_out_background": {
            kind: {"false_positive_rate": {"value": value, "low": value - 0.1, "high": value}}
            for kind, value in (("rain", 0.1), ("owl", 0.3), ("wild_dog", 0.92))
        },
    },
}
EVALUATE = {"clips": 8, "accuracy": {"value": 1.0, "low": 0.67, "high": 1.0}}
RISING = pd.DataFrame({"train": [7, 9], "accuracy": [0.8, 0.9], "low": [0.75, 0.85]})
FLAT = pd.DataFrame({"train": [7, 9], "accuracy": [0.89, 0.9], "low": [0.84, 0.85]})
SOURCES = {"boar": 16, "tree_frog": 7}


DECIDED = {"decided": {"accuracy": {"value": 0.82, "low": 0.78, "high": 0.86}}}


def changed(**values: Any) -> dict[str, Any]:
    return {**deepcopy(CROSSVAL), **values}


def limitations(
    crossval: dict[str, Any] = CROSSVAL,
    evaluate: dict[str, Any] = EVALUATE,
    curve: pd.DataFrame = FLAT,
    sources: dict[str, int] = SOURCES,
    skipped: int = 0,
    synthetic: bool = False,
) -> list[str]:
    return findings.limitations(crossval, evaluate, curve, sources, skipped, synthetic)


def test_findings_state_accuracy_recall_confusion_and_rejection() -> None:
    accuracy, recall, confused, rejection = findings.findings(CROSSVAL)
    assert all(text in accuracy for text in ("90.0%", "85.0% to 94.0%", "100 draws", "64 sources"))
    assert recall.index("tree frog (100.0%") < recall.index("boar (80.0%")
    assert all(text in confused for text in ("cane toad and fox", "12 predictions", "3.0%"))
    assert all(text in rejection for text in ("5.0%", "1.0% to 10.0%", "97.0%"))


def test_decisions_by_thresholds_are_the_headline_and_the_accuracy_of_the_study_is_named() -> None:
    decided, study, *others = findings.findings(changed(**DECIDED))
    assert all(text in decided for text in ("82.0% of clips of animals", "78.0% to 86.0%", "100 draws"))
    assert all(text in study for text in ("accuracy among animals is 90.0%", "85.0% to 94.0%", "threshold"))
    assert others == findings.findings(CROSSVAL)[1:]
    assert findings.findings(changed(decided=None)) == findings.findings(CROSSVAL)
    single = changed(**DECIDED, recall={"boar": 0.8, "none": 0.9})
    assert "accuracy against background is 90.0%" in findings.findings(single)[1]


def test_labels_with_equal_recall_are_all_named() -> None:
    recall = findings.findings(changed(recall={"boar": 0.8, "cane_toad": 1.0, "fox": 0.81, "tree_frog": 1.0}))[1]
    assert "cane toad and tree frog (100.0%" in recall
    assert "fox" not in recall


def test_without_differences_and_confusions_no_label_is_named() -> None:
    sentences = findings.findings(
        changed(recall={"boar": 0.9, "fox": 0.9}, most_confused={"pair": None, "errors": 0, "rate": 0.0})
    )
    assert "90.0%" in sentences[1]
    assert not any(label in sentence for sentence in sentences[1:3] for label in ("boar", "fox"))


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.01, 0.2, "better"), (-0.2, -0.01, "worse"), (-0.1, 0.1, "unclear")]
)
def test_an_experiment_is_better_only_if_the_interval_excludes_zero(low: float, high: float, verdict: str) -> None:
    value = (low + high) / 2
    accuracy = {"before": 0.8, "after": 0.8 + value, "value": value, "low": low, "high": high}
    sentence = findings.improvement("baseline", "rerun", {"draws": 5, "accuracy": accuracy}, "accuracy among animals")
    assert "accuracy among animals 0.800" in sentence
    words = set(sentence.replace(":", " ").lower().split())
    assert verdict in words
    assert ("worse" in words) == (verdict == "worse")
    for text in ("5 draws", "0.800", f"{value:+.3f}", f"{low:+.3f} to {high:+.3f}"):
        assert text in sentence


def test_limitations_name_what_makes_the_results_uncertain() -> None:
    synthetic, tested, few, curve, background, skipped = limitations(curve=RISING, skipped=3, synthetic=True)
    assert "synthetic" in synthetic
    assert all(text in tested for text in ("8 clips", "100.0%", "67.0% to 100.0%"))
    assert "tree frog (7)" in few
    assert "boar" not in few
    assert all(text in curve for text in ("7 to 9", "+10.0 percentage points"))
    assert "wild dog (92%) and owl (30%)" in background
    assert "rain (" not in background
    assert "3 recordings" in skipped
    assert "data/audio/skipped.csv" in skipped


def test_limitations_that_do_not_apply_are_left_out() -> None:
    precise = {"clips": 4000, "accuracy": {"value": 0.9, "low": 0.89, "high": 0.91}}
    crossval = changed(rejection={**CROSSVAL["rejection"], "held_out_background": {}})
    (curve,) = limitations(crossval, precise, sources={"boar": 16})
    assert "+1.0 percentage points" in curve
    assert limitations(crossval, precise, FLAT.tail(1), {"boar": 16}) == []


def test_the_tested_clips_of_decisions_are_those_of_animals() -> None:
    evaluate = {**EVALUATE, "clips": 10, "per_class": {"boar": {"support": 6}, "none": {"support": 4}}}
    evaluate["decided"] = {"accuracy": {"value": 0.5, "low": 0.2, "high": 0.8}}
    (sentence,) = set(limitations(evaluate=evaluate)) - set(limitations())
    assert all(text in sentence for text in ("6 clips", "50.0%", "20.0% to 80.0%"))


def test_a_wide_interval_of_accuracy_is_a_limitation() -> None:
    wide = changed(accuracy={"value": 0.9, "low": 0.8, "high": 0.95})
    (sentence,) = set(limitations(wide)) - set(limitations())
    assert "15.0 percentage points" in sentence


@pytest.mark.parametrize("note", ["", "There are too few sources."])
def test_the_note_on_what_was_calibrated_on_is_a_limitation(note: str) -> None:
    calibrated = {**EVALUATE, "calibration": {"sources": 15, "false_positive_rate": 0.05, "note": note}}
    assert set(limitations(evaluate=calibrated)) - set(limitations()) == ({note} if note else set())


def test_a_classifier_without_background_is_a_limitation() -> None:
    without = {key: value for key, value in CROSSVAL.items() if key != "rejection"}
    (sentence,) = set(limitations(without)) - set(limitations())
    assert "background" in sentence
    assert "takes every sound" in sentence
    assert findings.findings(without) == findings.findings(CROSSVAL)[:3]


def test_without_background_thresholds_still_reject_but_how_well_is_not_known() -> None:
    without = {key: value for key, value in changed(**DECIDED).items() if key != "rejection"}
    (sentence,) = set(limitations(without)) - set(limitations(changed(**DECIDED)))
    assert "no background" in sentence
    assert "every sound" not in sentence


@pytest.mark.parametrize(
    ("recordings", "with_truth", "correct", "text"),
    [(0, 0, 0, "no unseen recordings"), (3, 0, 0, "3 unseen recordings"), (5, 4, 3, "3 of 4")],
)
def test_unseen_recordings_are_counted(recordings: int, with_truth: int, correct: int, text: str) -> None:
    metrics = {"recordings": recordings, "with_truth": with_truth, "correct": correct}
    assert text in findings.unseen_recordings(metrics)

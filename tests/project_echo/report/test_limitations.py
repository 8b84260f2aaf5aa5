"""Limitations and next steps, each only where the numbers ask for it."""

from typing import Any

import pytest

from project_echo.report.limitations import limitations
from project_echo.report.next_steps import next_steps
from tests.project_echo.report.results import (
    CROSSVAL,
    DECIDED,
    EVALUATE,
    FIELD,
    FLAT,
    NOT_IN_THE_FIELD,
    RISING,
    changed,
    corpus,
    without_background,
)


def limits(crossval: dict[str, Any] = CROSSVAL, evaluate: dict[str, Any] = EVALUATE, **values: Any) -> list[str]:
    return limitations(crossval, evaluate, FIELD, corpus(**values))


def test_limitations_name_what_makes_the_results_uncertain() -> None:
    synthetic, few, background, mixed, skipped = limits(sources=(16, 7), synthetic=True, skipped=3)
    assert "synthetic" in synthetic
    assert "tree frog (7)" in few
    assert "boar" not in few
    assert "wild dog (92%) and owl (30%)" in background
    assert "rain (" not in background
    assert "mixed" in mixed
    assert "3 recordings" in skipped
    assert "data/audio/skipped.csv" in skipped


def test_limitations_that_do_not_apply_are_left_out() -> None:
    crossval = changed(rejection={**CROSSVAL["rejection"], "held_out_background": {}})
    assert len(limits(crossval)) == 1  # recordings that are mixed


def test_a_wide_interval_of_the_headline_is_a_limitation() -> None:
    wide = {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95}}
    for crossval in (changed(**wide), changed(decided=wide)):
        (sentence,) = set(limits(crossval)) - set(limits())
        assert "15 percentage points" in sentence


@pytest.mark.parametrize("note", ["", "There are too few sources."])
def test_the_note_on_what_was_calibrated_on_is_a_limitation(note: str) -> None:
    calibrated = {**EVALUATE, "calibration": {"sources": 15, "false_positive_rate": 0.05, "note": note}}
    assert set(limits(evaluate=calibrated)) - set(limits()) == ({note} if note else set())


def test_without_background_it_is_said_what_follows() -> None:
    (every,) = set(limits(without_background())) - set(limits())
    assert "every sound" in every
    (unknown,) = set(limits(without_background(**DECIDED))) - set(limits(changed(**DECIDED)))
    assert "not known" in unknown
    assert "background" in next_steps(without_background(), FIELD, FLAT, corpus(), 1)[1]


def test_a_classifier_that_was_not_tested_in_long_recordings_says_so() -> None:
    (sentence,) = set(limitations(CROSSVAL, EVALUATE, NOT_IN_THE_FIELD, corpus())) - set(limits())
    assert "not measured" in sentence


def test_next_steps_name_the_label_and_the_background_that_would_help_most() -> None:
    label, background, false_alarms, curve = next_steps(CROSSVAL, FIELD, RISING, corpus(), 1)
    assert "of fox" in label
    assert "36%" in label
    assert background.index("wild dog") < background.index("owl")
    assert "141" in false_alarms
    assert "10 percentage points" in curve


def test_labels_of_few_sources_come_first() -> None:
    label = next_steps(CROSSVAL, FIELD, RISING, corpus((16, 7)), 1)[0]
    assert "tree frog (7" in label
    assert "fox" not in label


def test_without_long_recordings_the_label_is_that_of_clips() -> None:
    steps = next_steps(CROSSVAL, NOT_IN_THE_FIELD, FLAT, corpus(), 1)
    assert "of boar" in steps[0]
    assert "20% of its clips" in steps[0]
    assert not any("141" in step for step in steps)


def test_steps_follow_the_curve_the_corpus_and_the_screenings() -> None:
    rising, flat = (set(next_steps(CROSSVAL, FIELD, curve, corpus(), 1)) for curve in (RISING, FLAT))
    assert len(rising - flat) == len(flat - rising) == 1
    assert len(set(next_steps(CROSSVAL, FIELD, FLAT.tail(1), corpus(), 1)) ^ flat) == 1
    assert len(set(next_steps(CROSSVAL, FIELD, FLAT, corpus(), 0)) - flat) == 1
    assert "real recordings" in next_steps(CROSSVAL, FIELD, FLAT, corpus(synthetic=True), 1)[0]

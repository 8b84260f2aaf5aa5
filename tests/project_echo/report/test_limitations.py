"""Limitations and next steps, each only where the numbers ask for it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from project_echo.models.card import Reviewed
from project_echo.report.limitations import limitations
from project_echo.report.next_steps import next_steps, rises
from project_echo.report.statement import Statement
from tests.project_echo.report.results import (
    BY_LABEL,
    CROSSVAL,
    DECIDED,
    EVALUATE,
    FIELD,
    FLAT,
    NOT_IN_THE_FIELD,
    RISING,
    changed,
    corpus,
    interval,
    without_background,
)


def about(statements: Sequence[Statement]) -> list[str]:
    return [statement.about for statement in statements]


def text(statements: Sequence[Statement], name: str) -> str:
    (statement,) = (statement for statement in statements if statement.about == name)
    return statement.text


def limits(
    crossval: dict[str, Any] = CROSSVAL,
    evaluate: dict[str, Any] = EVALUATE,
    field: dict[str, Any] = FIELD,
    reviewed: dict[str, Reviewed] | None = None,
    **values: Any,
) -> list[Statement]:
    return limitations(crossval, evaluate, field, corpus(**values), reviewed or {})


def steps(
    crossval: dict[str, Any] = CROSSVAL,
    field: dict[str, Any] = FIELD,
    curve: pd.DataFrame = RISING,
    screenings: int = 1,
    by_label: dict[str, dict[str, float]] = BY_LABEL,
    **values: Any,
) -> list[Statement]:
    return next_steps(crossval, by_label, field, curve, corpus(**values), screenings)


def test_limitations_name_what_makes_the_results_uncertain() -> None:
    stated = limits(sources=(16, 7), synthetic=True, skipped=3)
    assert about(stated) == ["synthetic", "few_sources", "background", "field", "skipped"]
    assert "tree frog (7)" in text(stated, "few_sources")
    assert "boar" not in text(stated, "few_sources")
    assert "wild dog (92%) and owl (30%)" in text(stated, "background")
    assert "rain (" not in text(stated, "background")
    assert "3 recordings" in text(stated, "skipped")
    assert "data/audio/skipped.csv" in text(stated, "skipped")


def test_limitations_that_do_not_apply_are_left_out() -> None:
    crossval = changed(rejection={**CROSSVAL["rejection"], "held_out_background": {}})
    assert about(limits(crossval)) == ["field"]  # recordings that are mixed


def test_a_wide_interval_of_the_headline_is_a_limitation() -> None:
    wide = {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95}}
    for crossval in (changed(**wide), changed(decided=wide)):
        assert "15 " in text(limits(crossval), "interval")
    assert "interval" not in about(limits())


@pytest.mark.parametrize("note", ["", "There are too few sources."])
def test_the_note_on_what_was_calibrated_on_is_a_limitation(note: str) -> None:
    calibrated = {**EVALUATE, "calibration": {"sources": 15, "false_positive_rate": 0.05, "note": note}}
    assert [of.text for of in limits(evaluate=calibrated) if of.about == "calibration"] == ([note] if note else [])


def test_labels_with_thresholds_from_reviewed_events_are_named_with_their_events() -> None:
    reviewed = {"tree_frog": Reviewed(precision=0.9, events=40, recordings=12)}
    sentence = text(limits(reviewed=reviewed), "reviewed")
    assert "tree frog (40" in sentence
    assert "boar" not in sentence
    assert "reviewed" not in about(limits())


def test_without_background_it_is_said_what_follows() -> None:
    every = text(limits(without_background()), "background")
    unknown = text(limits(without_background(**DECIDED)), "background")
    assert every != unknown
    assert "background" in about(steps(without_background()))


def test_a_classifier_that_was_not_tested_in_long_recordings_says_so() -> None:
    assert text(limits(field=NOT_IN_THE_FIELD), "field") != text(limits(), "field")


def test_next_steps_name_the_label_and_the_background_that_would_help_most() -> None:
    stated = steps()
    assert about(stated) == ["weakest_label", "background", "false_events", "learning_curve"]
    assert all(part in text(stated, "weakest_label") for part in ("fox", "36%", "boar", "7%"))
    background = text(stated, "background")
    assert background.index("wild dog") < background.index("owl")
    assert "141" in text(stated, "false_events")
    assert "+10.0 " in text(stated, "learning_curve")


def test_a_label_is_the_weakest_only_if_its_interval_does_not_overlap_that_of_the_best() -> None:
    events = FIELD["events"]
    labels = {label: {**scores, "recall": interval(0.8, 0.2)} for label, scores in events["per_label"].items()}
    labels["fox"]["recall"] = interval(0.7, 0.2)
    assert "weakest_label" not in about(steps(field={**FIELD, "events": {**events, "per_label": labels}}))


def test_labels_of_few_sources_come_first() -> None:
    stated = steps(sources=(16, 7))
    assert "tree frog (7" in text(stated, "few_sources")
    assert "weakest_label" not in about(stated)


def test_without_long_recordings_the_label_is_that_of_clips() -> None:
    stated = steps(field=NOT_IN_THE_FIELD)
    assert all(part in text(stated, "weakest_label") for part in ("boar", "20% of its clips"))
    assert "false_events" not in about(stated)
    assert "weakest_label" not in about(steps(field=NOT_IN_THE_FIELD, by_label={"boar": BY_LABEL["boar"]}))


def test_whether_more_sources_help_is_said_only_if_intervals_do_not_overlap() -> None:
    assert rises(*(RISING.iloc[row] for row in (0, 1)))
    assert not rises(*(FLAT.iloc[row] for row in (0, 1)))
    rising, flat = (text(steps(curve=curve), "learning_curve") for curve in (RISING, FLAT))
    assert "not known" in flat
    assert "not known" not in rising
    longer = pd.concat([RISING.head(1).assign(train=3), FLAT.assign(low=[0.85, 0.86])])
    assert "from 3 to 9" in text(steps(curve=longer), "learning_curve")
    assert "learning_curve" not in about(steps(curve=FLAT.tail(1)))


def test_steps_follow_the_corpus_and_the_screenings() -> None:
    assert "screening" in about(steps(screenings=0))
    assert "screening" not in about(steps())
    assert about(steps(synthetic=True))[0] == "synthetic"

"""Sentences follow the numbers."""

from copy import deepcopy
from typing import Any

import pandas as pd
import pytest

from project_echo.report import findings

CROSSVAL: dict[str, Any] = {
    "draws": 100,
    "sources": 64,
    "accuracy": {"mean": 0.9, "low": 0.85, "high": 0.94},
    "recall": {"boar": 0.8, "cane_toad": 0.995, "fox": 0.81, "tree_frog": 1.0},
    "most_confused": {"pair": "boar / fox", "errors": 12, "rate": 0.03},
    "rejection": {
        "animals_named": 0.97,
        "false_alarms": 0.05,
        "false_alarms_95": {"low": 0.01, "high": 0.1},
        "unheard_kinds": {"rain": {"false_alarms": 0.1}, "owl": {"false_alarms": 0.3}, "dog": {"false_alarms": 0.9}},
    },
}
EVALUATE = {"clips": 8, "accuracy": 1.0, "wilson_95": {"low": 0.67, "high": 1.0}}
RISING = pd.DataFrame({"train": [7, 9], "accuracy": [0.8, 0.9], "low": [0.75, 0.85]})
FLAT = pd.DataFrame({"train": [7, 9], "accuracy": [0.89, 0.9], "low": [0.84, 0.85]})
SOURCES = {"boar": 16, "fox": 7}


def changed(**values: Any) -> dict[str, Any]:
    return {**deepcopy(CROSSVAL), **values}


def text(sentences: list[str]) -> str:
    return "\n".join(sentences).replace("\u00a0", " ")


def test_most_and_least_are_those_of_the_numbers_and_ties_are_told_together() -> None:
    said = text(findings.findings(changed(recall={"boar": 0.8, "cane_toad": 1.0, "fox": 0.81, "tree_frog": 1.0})))
    assert "90.0 % are named rightly (95 % interval 85.0 % to 94.0 %), over 100 draws of 64 sources." in said
    assert "Most often named rightly in these draws: cane toad and tree frog (100.0 % of clips)" in said
    assert "least often: boar (80.0 %)" in said
    assert "Most confused: boar and fox, in 12 answers, which is 3.0 % of those on their clips." in said
    swapped = text(findings.findings(changed(recall={"boar": 1.0, "cane_toad": 0.5})))
    assert "Most often named rightly in these draws: boar (" in swapped


def test_what_does_not_differ_is_not_told_apart() -> None:
    said = text(
        findings.findings(changed(recall={"boar": 0.9, "fox": 0.9}, most_confused={"pair": "none", "errors": 0}))
    )
    assert "No label is named rightly more often than another: of each, 90.0 % of clips." in said
    assert "least often" not in said
    assert "No two labels were confused" in said


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.01, 0.2, "is better"), (-0.2, -0.01, "is worse"), (-0.1, 0.1, "cannot be told")]
)
def test_better_is_said_only_where_the_interval_says_so(low: float, high: float, verdict: str) -> None:
    accuracy = {"before": 0.8, "after": 0.8 + (low + high) / 2, "low": low, "high": high}
    assert verdict in findings.improvement("baseline", "rerun", {"draws": 5, "accuracy": accuracy})


def test_limitations_name_what_the_numbers_are_weak_in() -> None:
    said = text(findings.limitations(CROSSVAL, EVALUATE, RISING, SOURCES, 3, synthetic=True))
    assert "synthetic" in said
    assert "tested on 8 clips only: accuracy 100.0 %, 95 % interval 67.0 % to 100.0 % if clips are independent" in said
    assert "Few sources of fox (7)." in said
    assert "still rises from 7 to 9 training sources per label (+10.0 percentage points)" in said
    assert "dog (90 %) and owl (30 %)" in said
    assert "rain (" not in said
    assert "3 recordings could not be used" in said
    assert "wide" not in said  # of 9 points


def test_limitations_keep_quiet_about_what_is_well() -> None:
    sure = {"clips": 4000, "accuracy": 0.9, "wilson_95": {"low": 0.89, "high": 0.91}}
    whole = changed(rejection={**CROSSVAL["rejection"], "unheard_kinds": {}})
    said = text(findings.limitations(whole, sure, FLAT, {"boar": 16}, 0, synthetic=False))
    steps = "from 7 to 9 training sources per label"
    assert (
        said
        == f"Whether more recordings would help cannot be told: {steps} accuracy changes by +1.0 percentage points."
    )


def test_without_background_the_reader_is_told_that_everything_is_named() -> None:
    bare = {key: value for key, value in CROSSVAL.items() if key != "rejection"}
    assert "knows no background" in text(findings.limitations(bare, EVALUATE, FLAT, {}, 0, synthetic=False))
    assert "Of background" not in text(findings.findings(bare))


@pytest.mark.parametrize(
    ("recordings", "known", "right", "said"),
    [
        (0, 0, 0, "no unseen recordings"),
        (3, 0, 0, "3 unseen recordings screened; what is in them is not known"),
        (5, 4, 3, "3 of 4 unseen recordings of known content named rightly"),
    ],
)
def test_the_unseen_check_says_what_is_known(recordings: int, known: int, right: int, said: str) -> None:
    assert said in findings.unseen({"recordings": recordings, "known": known, "right": right})


@pytest.mark.parametrize(
    ("row", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_read_as_people_write_them(row: list[str], said: str) -> None:
    assert findings.listed(row) == said


def test_one_is_no_plural() -> None:
    assert (findings.count(1, "clip"), findings.count(2, "clip"), findings.count(0, "clip")) == (
        "1 clip",
        "2 clips",
        "0 clips",
    )

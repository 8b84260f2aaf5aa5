"""Captions of unseen recordings follow their numbers."""

from typing import Any

import pandas as pd
import pytest

from project_echo.report.captions import Caption, caption
from project_echo.report.stated import StatedCalls, stated_calls

SUMMARY: dict[str, Any] = {
    "label": "fox",
    "confidence": 0.9,
    "runner_up": "cane_toad",
    "runner_up_confidence": 0.1,
    "windows": 20,
}
SUMMARY |= {"agreement": 1.0, "truth": "fox", "verdict": "correct"}
NONE = SUMMARY | {"label": "none", "truth": "none", "runner_up_confidence": 0.1}
FOX = ("fox", 0.0, 5.0)
TOAD = ("cane_toad", 10.0, 26.0)
THRESHOLDS = {"fox": 0.5, "cane_toad": 0.3}


def captioned(*events: tuple[str, float, float], thresholds: dict[str, float] | None = None, **values: Any) -> Caption:
    table = pd.DataFrame(events, columns=["label", "start_s", "end_s"])
    return caption({**SUMMARY, **values}, table, THRESHOLDS if thresholds is None else thresholds)


def calls(calls: object, found: object, false_events: object) -> dict[str, Any]:
    return {"calls": calls, "calls_found": found, "false_events": false_events}


@pytest.mark.parametrize(
    ("events", "values", "kind"),
    [
        ([FOX], {}, "strong"),
        ([FOX], {"agreement": 0.8}, "mixed"),
        ([FOX], {"confidence": 0.6}, "mixed"),  # 0.1 above the threshold
        ([FOX], {"runner_up_confidence": 0.5}, "mixed"),
        ([FOX, TOAD], {}, "mixed"),
        ([FOX], {"verdict": "wrong", "truth": "boar"}, "wrong"),
        ([FOX], {"verdict": "", "truth": ""}, "strong"),
        ([], NONE, "strong"),
        ([TOAD], NONE, "mixed"),
    ],
)
def test_what_kind_of_example_a_recording_is(
    events: list[tuple[str, float, float]], values: dict[str, Any], kind: str
) -> None:
    assert captioned(*events, **values).kind == kind


@pytest.mark.parametrize(
    ("events", "stated", "kind"),
    [
        ([FOX] * 4, calls(4, 4, 0), "strong"),
        ([FOX] * 6, calls(8, 3, 0), "mixed"),  # few of its calls are found
        ([FOX] * 6, calls(4, 4, 3), "mixed"),  # many of its reports are false
        ([FOX] * 5, calls("5.0", "4.0", "1.0"), "strong"),  # numbers beside blanks are read as text
        ([FOX], calls("", "", ""), "strong"),  # nothing is stated of it
    ],
)
def test_a_strong_example_finds_the_calls_that_are_stated(
    events: list[tuple[str, float, float]], stated: dict[str, Any], kind: str
) -> None:
    assert captioned(*events, **stated).kind == kind


def test_what_is_stated_of_a_recording() -> None:
    assert stated_calls(calls(8.0, 3.0, 3.0)) == StatedCalls(8, 3, 3)
    assert stated_calls(calls("0", "0", "0")) == StatedCalls(0, 0, 0)
    for nothing in ({}, calls("", "", ""), calls(float("nan"), 1, 1)):
        assert stated_calls(nothing) is None
    assert "3 of 8" in captioned(FOX, **calls(8, 3, 3)).text


def test_it_says_why() -> None:
    text = captioned(FOX, agreement=0.85).text
    assert all(part in text for part in ("17 of 20", "90%", "50%", "10%"))
    assert "20 of 20" not in captioned(FOX).text
    assert "16 seconds" in captioned(FOX, TOAD).text
    assert "boar" in captioned(FOX, verdict="wrong", truth="boar").opening


@pytest.mark.parametrize("agreement", [0.0, 0.95, 1.0])
def test_a_recording_of_none_is_told_by_its_events_alone(agreement: float) -> None:
    """Windows reach thresholds that averages of overlapping ones, which events are made of, do not."""
    assert captioned(**{**NONE, "agreement": agreement}).text == captioned(**NONE).text


def test_a_label_that_no_window_decides_on_is_in_none_of_them() -> None:
    assert "0 of" not in captioned(FOX, thresholds={}, agreement=0.0).text


def test_without_thresholds_and_runner_up_nothing_is_said_of_them() -> None:
    text = captioned(FOX, thresholds={}, runner_up="", runner_up_confidence=0.0).text
    assert "50%" not in text
    assert "10%" not in text

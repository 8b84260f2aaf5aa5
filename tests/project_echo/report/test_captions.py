"""Captions of unseen recordings follow their numbers."""

from typing import Any

import pandas as pd
import pytest

from project_echo.report.captions import caption

SUMMARY = {"label": "fox", "confidence": 0.9, "runner_up": "cane_toad", "runner_up_confidence": 0.1, "windows": 20}
SUMMARY |= {"agreement": 1.0, "truth": "fox", "verdict": "correct"}
NONE = SUMMARY | {"label": "none", "truth": "none", "runner_up_confidence": 0.1}
FOX = ("fox", 0.0, 5.0)
TOAD = ("cane_toad", 10.0, 26.0)
THRESHOLDS = {"fox": 0.5, "cane_toad": 0.3}


def captioned(*events: tuple[str, float, float], thresholds: dict[str, float] | None = None, **values: Any) -> Any:
    table = pd.DataFrame(events, columns=["label", "start_s", "end_s"])
    return caption({**SUMMARY, **values}, table, THRESHOLDS if thresholds is None else thresholds)


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
    assert kind in captioned(*events, **values).kind


def test_it_says_why() -> None:
    text = captioned(FOX, agreement=0.85).text
    assert all(part in text for part in ("17 of 20 windows", "90%", "50%", "cane toad", "10%"))
    assert "all 20 windows" in captioned(FOX).text
    assert "cane toad for 16 seconds" in captioned(FOX, TOAD).text
    assert "boar" in captioned(FOX, verdict="wrong", truth="boar").kind


def test_without_thresholds_and_runner_up_nothing_is_said_of_them() -> None:
    text = captioned(FOX, thresholds={}, runner_up="", runner_up_confidence=0.0).text
    assert "50%" not in text
    assert "runner-up" not in text

"""Metrics and a corpus whose sentences are tested."""

from copy import deepcopy
from typing import Any

import pandas as pd

from project_echo.report.corpus import Amount, Corpus, Origin

CROSSVAL: dict[str, Any] = {
    "draws": 100,
    "sources": 64,
    "accuracy": {"value": 0.9, "low": 0.85, "high": 0.94},
    "recall": {"boar": 0.8, "cane_toad": 0.99, "fox": 0.81, "tree_frog": 1.0},
    "most_confused": {"pair": ["cane_toad", "fox"], "errors": 12, "rate": 0.03},
    "calibration": {"expected_calibration_error": {"before": 0.11, "after": 0.03}},
    "rejection": {
        "detection_rate": 0.97,
        "correct_detection_rate": 0.82,
        "false_positive_rate": {"value": 0.05, "low": 0.01, "high": 0.1},
        "held_out_background": {
            kind: {"false_positive_rate": {"value": value, "low": value - 0.1, "high": value}}
            for kind, value in (("rain", 0.1), ("owl", 0.3), ("wild_dog", 0.92))
        },
    },
}
DECIDED = {"decided": {"accuracy": {"value": 0.82, "low": 0.78, "high": 0.86}}}
EVALUATE = {"clips": 8, "accuracy": {"value": 1.0, "low": 0.67, "high": 1.0}}
RISING = pd.DataFrame({"train": [7, 9], "accuracy": [0.8, 0.9], "low": [0.75, 0.85], "high": [0.84, 0.95]})
FLAT = pd.DataFrame({"train": [7, 9], "accuracy": [0.89, 0.9], "low": [0.84, 0.85], "high": [0.94, 0.95]})
BINS = pd.DataFrame(
    [
        ("before", 0.5, 0.6, 0.55, 0.1, 100),
        ("after", 0.0, 0.1, 0.02, 0.01, 900),
        ("after", 0.5, 0.6, 0.55, 0.3, 60),
        ("after", 0.8, 0.9, 0.85, 0.7, 20),
        ("after", 0.9, 1.0, 0.95, 0.9, 20),
    ],
    columns=["scaling", "from", "to", "confidence", "accuracy", "clips"],
)
NOT_IN_THE_FIELD: dict[str, Any] = {"folds": 0, "map": None}


def interval(value: float, half: float = 0.05) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def of_events(recall: float, precision: float | None, false_events: float) -> dict[str, Any]:
    return {
        "calls": 40,
        "events": 60,
        "recall": interval(recall),
        "recall_clear": interval(recall),
        "precision": None if precision is None else interval(precision),
        "false_events_per_hour": interval(false_events, 20),
        "false_seconds_per_hour": interval(3 * false_events, 20),
    }


BY_LABEL = {  # of clips: boar and fox are recognized less often than tree frog
    "boar": interval(0.8),
    "cane_toad": interval(0.94),
    "fox": interval(0.81),
    "tree_frog": {"value": 1.0, "low": 0.9, "high": 1.0},
}
FIELD: dict[str, Any] = {
    "folds": 5,
    "map": interval(0.8),
    "both_found": interval(0.3),
    "per_label": {"boar": {"average_precision": 0.9}, "fox": {"average_precision": 0.7}},
    "events": {
        **of_events(0.82, 0.62, 141),
        "recall_clear": interval(0.9),
        "per_label": {"boar": of_events(0.93, 0.7, 100), "fox": of_events(0.64, None, 41)},
        "recall_by_snr": {"-5": {"calls": 9, **interval(0.58)}, "20": {"calls": 9, **interval(0.95)}},
        "distractors": {
            "owl": {"calls": 9, "false_events": 5, "share_hit": interval(0.53)},
            "dog": {"calls": 9, "false_events": 1, "share_hit": interval(0.1)},
            "rain": {"calls": 0, "false_events": 0, "share_hit": None},
        },
    },
}


def changed(**values: Any) -> dict[str, Any]:
    """CROSSVAL with other values."""
    return {**deepcopy(CROSSVAL), **values}


def without_background(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in changed(**values).items() if key != "rejection"}


def corpus(sources: tuple[int, ...] = (16, 12), synthetic: bool = False, skipped: int = 0) -> Corpus:
    """A corpus of boar and tree frog with background."""
    names = ("boar", "tree frog")[: len(sources)]
    amounts = [Amount(name, number, number, number) for name, number in zip(names, sources, strict=True)]
    background = Amount("other sounds", 20, 10, 20, "rain", is_background=True)
    return Corpus(Origin("Pond", "real", synthetic), [*amounts, background], 2, "3 minutes", skipped)

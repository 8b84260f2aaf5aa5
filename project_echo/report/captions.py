"""Captions of unseen recordings, made from their numbers: why one is a strong or a mixed example."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import join_words
from project_echo.report.phrases import duration, share

AGREEING, SURE_ABOVE, FAINT = 0.9, 0.2, 0.3  # of a strong example: agreement, margin to threshold, runner-up at most
NARROW = 0.1  # a margin to the threshold that is worth a word


@dataclass(frozen=True)
class Caption:
    """A caption: what kind of example a recording is, and why."""

    kind: str  # empty if a person wrote the caption
    text: str


def caption(summary: Mapping[str, Any], events: pd.DataFrame, thresholds: Mapping[str, float]) -> Caption:
    """Say why a recording is a strong or a mixed example.

    Parameters
    ----------
    summary : mapping
        Its row of data/predictions/recordings.csv: label, confidence, runner_up, runner_up_confidence, windows,
        agreement, verdict, truth.
    events : pd.DataFrame
        Its rows of data/predictions/events.csv: label, start_s, end_s.
    thresholds : mapping of str to float
        Of each label; empty if the classifier has none.

    Returns
    -------
    Caption
        Agreement of windows, confidence with its margin to the threshold, other labels heard, and the runner-up.
    """
    label = str(summary["label"])
    others = events[events["label"] != label]
    heard_s = {
        str(name): float((rows["end_s"] - rows["start_s"]).sum()) for name, rows in others.groupby("label", sort=False)
    }
    parts = [_agreement(summary), _confidence(summary, thresholds), _others(label, heard_s)]
    if (runner_up := str(summary["runner_up"])) and label != NONE and runner_up not in heard_s:
        confidence = share(summary["runner_up_confidence"])
        parts.append(f"The runner-up, {display_name(runner_up)}, stays at {confidence}.")
    return Caption(_kind(summary, heard_s, thresholds), " ".join(parts))


def _kind(summary: Mapping[str, Any], heard_s: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    if summary["verdict"] == "wrong":
        truth = (
            "none of the animals is in it" if summary["truth"] == NONE else f"it is {display_name(summary['truth'])}"
        )
        return f"A wrong answer: {truth}."
    margin = summary["confidence"] - thresholds.get(str(summary["label"]), 0.0)
    strong = summary["agreement"] >= AGREEING and margin >= SURE_ABOVE and not heard_s
    strong = strong and (summary["label"] == NONE or summary["runner_up_confidence"] <= FAINT)
    return "A strong example." if strong else "A mixed example."


def _agreement(summary: Mapping[str, Any]) -> str:
    windows = int(summary["windows"])
    agreeing = round(summary["agreement"] * windows)
    is_none = summary["label"] == NONE
    what = "none of the animals is heard" if is_none else f"{display_name(str(summary['label']))} is heard"
    if windows == 1:
        return f"In its only window, {what}."
    return f"In {'all' if agreeing == windows else f'{agreeing} of'} {windows} windows, {what}."


def _confidence(summary: Mapping[str, Any], thresholds: Mapping[str, float]) -> str:
    label, confidence = str(summary["label"]), float(summary["confidence"])
    if label == NONE:
        return f"Even the most probable animal reaches only {share(1 - confidence)} on average."
    text = f"The probability is {share(confidence)} on average"
    if label not in thresholds:
        return f"{text}."
    narrow = confidence - thresholds[label] < NARROW
    return f"{text}, {'just above' if narrow else 'where'} {share(thresholds[label])} {'' if narrow else 'is '}needed."


def _others(label: str, heard_s: Mapping[str, float]) -> str:
    if not heard_s:
        return "No animal is heard anywhere in it." if label == NONE else "No other animal is heard."
    listed = join_words([f"{display_name(name)} for {duration(seconds)}" for name, seconds in heard_s.items()])
    return f"All the same, it hears {listed}." if label == NONE else f"It also hears {listed}."

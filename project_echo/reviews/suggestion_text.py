"""Suggested thresholds in words, as `project-echo thresholds` prints them."""

import math
from typing import Any

import pandas as pd

from project_echo.core.labels import display_name
from project_echo.core.text import count, percent
from project_echo.reviews import suggestion
from project_echo.reviews.choosing import SURENESS, events_needed


def lines(suggestions: pd.DataFrame, precision: float) -> list[str]:
    """Describe suggested thresholds.

    Parameters
    ----------
    suggestions : pd.DataFrame
        What `suggest_thresholds` returns.
    precision : float
        That the thresholds had to reach.

    Returns
    -------
    list of str
        A line per label with its thresholds, and below it one with precision and recall on the other half, if it has
        answers.
    """
    described = []
    for row in suggestions.to_dict("records"):
        described.append(f"{display_name(row['label'])}: {_choice(row, percent(precision, 0), precision)}")
        if told := _told(row):
            described.append(f"  on the other half of the {row['halves']}: {told}{_only_here(row)}")
    return described


def _choice(row: dict[str, Any], target: str, precision: float) -> str:
    answers = f"{count(row['events'], 'reviewed event')} of {count(row['recordings'], 'recording')}"
    if row["outcome"] == suggestion.SUGGESTED:
        lowest = (
            "; the lowest that was reviewed, so a lower one may do as well: screen with a lower --threshold to know"
            if row["threshold"] == row["lowest"]
            else ""
        )
        return (
            f"threshold {row['present']:.3f} -> {row['threshold']:.3f} (95% interval {row['low']:.3f} to "
            f"{row['high']:.3f}) for a precision of {target}, from {answers}{lowest}"
        )
    reason = {
        suggestion.TOO_FEW: f"{answers} in the half that chooses, of at least {events_needed(precision)}; about "
        f"{2 * row['missing']} more are needed in all",
        suggestion.ONE_RECORDING: "all its events are of one recording; review those of others",
        suggestion.NOT_REACHED: f"no threshold reaches a precision of {target} with a certainty of "
        f"{percent(SURENESS, 0)}; the {events_needed(precision)} or more surest events have at most "
        f"{percent(row['best'], 0)}, from {answers}",
        suggestion.SUFFICIENT: f"a precision of {target} is reached by all of {answers}, the lowest at "
        f"{row['lowest']:.3f}",
    }
    return f"keeps its threshold {row['present']:.3f}: {reason[row['outcome']]}"


def _told(row: dict[str, Any]) -> str:
    """Precision and recall on the other half; empty if it has no answers."""
    told = []
    if row["tested"]:
        told.append(f"precision {_share(row, 'precision')} of {count(row['tested'], 'event')}")
    elif row["outcome"] == suggestion.SUGGESTED:
        told.append("no reviewed event reaches it, so its precision is not known")
    if not math.isnan(row["kept"]):
        told.append(f"{percent(row['kept'], 0)} of the correct events kept")
    if row["heard"]:
        told.append(f"recall {_share(row, 'recall')} of {count(row['heard'], 'random window')} with the label")
    return ", ".join(told)


def _only_here(row: dict[str, Any]) -> str:
    return "; other sites may differ" if row["halves"] == suggestion.ONE_SITE else ""


def _share(row: dict[str, Any], name: str) -> str:
    low, high = percent(row[f"{name}_low"], 0), percent(row[f"{name}_high"], 0)
    return f"{percent(row[name], 0)} (95% interval {low} to {high})"

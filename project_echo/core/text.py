"""Words for people: numbers with their noun, percentages, lists of words, titles of recordings."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from project_echo.core.labels import display_name


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural with an s: "1 clip", "2 clips"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def rounded_duration(seconds: float) -> str:
    """A time that is only roughly known: "20 seconds", "1 minute", "4 minutes", "2 hours"."""
    if seconds < 50:
        return f"{max(1, math.ceil(seconds / 10)) * 10} seconds"
    minutes = math.ceil(seconds / 60 - 0.25)
    return count(minutes, "minute") if minutes < 90 else count(round(minutes / 60), "hour")


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage: 0.936 is "93.6%"."""
    return f"{share:.{digits}%}"


def join_words(words: Sequence[str]) -> str:
    """Words in a list with "and" before the last: "boar, fox and owl"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 2 else words)


def recording_title(summary: Mapping[str, Any], prediction: str) -> str:
    """Title of a screened recording: its file name and prediction, and the verdict if the true label is known.

    Parameters
    ----------
    summary : mapping
        Its row of recordings.csv: recording, verdict (empty if the true label is not known) and truth.
    prediction : str
        What was predicted, in the words of the title.

    Returns
    -------
    str
        For example "pond.wav: fox (wrong, truth: cane toad)".
    """
    verdict = f" ({summary['verdict']}, truth: {display_name(summary['truth'])})" if summary["verdict"] else ""
    return f"{Path(summary['recording']).name}: {prediction}{verdict}"

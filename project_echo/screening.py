"""From the windows of a recording to one answer."""

from typing import Any

import numpy as np


def summarise(probabilities: np.ndarray, labels: tuple[str, ...]) -> dict[str, Any]:
    """One recording's answer from its windows' probabilities, shape (windows, labels).

    The mean over windows gives label, confidence, runner-up and its probability; `stability` is the share of windows
    whose own best label agrees, `longest_run` the most of them in a row.
    """
    mean = probabilities.mean(axis=0)
    first, second = np.argsort(-mean, kind="stable")[:2]
    agree = probabilities.argmax(axis=1) == first
    return {
        "label": labels[first],
        "confidence": float(mean[first]),
        "runner_up": labels[second],
        "runner_up_confidence": float(mean[second]),
        "windows": len(probabilities),
        "stability": float(agree.mean()),
        "longest_run": longest_run(agree),
    }


def longest_run(agree: np.ndarray) -> int:
    """Length of the longest run of True in a row of booleans."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], agree, [False]]).astype(int)))
    return int((ends[1::2] - ends[::2]).max(initial=0))

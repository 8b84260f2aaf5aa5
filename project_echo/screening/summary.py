"""Summary of a recording from the probabilities of its windows, and its events."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.models import rejection

SUMMARY_COLUMNS = ["label", "confidence", "runner_up", "runner_up_confidence", "windows", "agreement", "longest_run"]
SUMMARY_COLUMNS += ["truth", "verdict", "heard"]


def summarize_windows(
    probabilities: np.ndarray,
    labels: Sequence[str],
    thresholds: Sequence[float] | None,
    events: pd.DataFrame,
    truth: str = "",
) -> dict[str, Any]:
    """Summarize a recording: the one label that it is most probably of, and all that are heard.

    The label is the one with the highest mean probability of those that have an event and reach their threshold in the
    mean, or ``none``: a few sounds that may be an animal do not make a recording of it. Without thresholds, as the
    study's head has none, it is the one with the highest mean of all.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
    labels : sequence of str
    thresholds : sequence of float, optional
        Of each label.
    events : pd.DataFrame
        Of the recording: label, start_s, end_s.
    truth : str
        True label of the recording, empty if it is not known.

    Returns
    -------
    dict
        SUMMARY_COLUMNS: label and its confidence (mean probability; of ``none``, what the highest mean leaves to 1);
        runner_up, the most probable other animal, and its confidence, empty and 0 if it were above the label's; number
        of windows; agreement, the share of windows whose own decision is the label: in which it reaches its threshold,
        or in which none does; longest_run, the most such windows in a row; truth; verdict, "correct", "wrong", or empty
        if the truth is not known; heard, every label that has an event, with its times ("boar 2.0-23.1, 30.0-31.2").
    """
    # fsum does not depend on the order of adding, which NumPy chooses by the processor.
    mean = {
        label: math.fsum(column) / len(column) for label, column in zip(labels, probabilities.T.tolist(), strict=True)
    }
    by_mean = sorted(labels, key=lambda label: -mean[label])
    minimum = dict.fromkeys(labels, 0.0) if thresholds is None else dict(zip(labels, thresholds, strict=True))
    with_events = set(labels) if thresholds is None else set(events["label"])
    candidates = [label for label in by_mean if label in with_events and mean[label] >= minimum[label]]
    label = candidates[0] if candidates else NONE
    confidence = mean[label] if candidates else 1 - mean[by_mean[0]]
    runner_up = next((other for other in by_mean if other != label), "")
    if runner_up and mean[runner_up] > confidence:  # it is not heard
        runner_up = ""
    agrees = _window_agrees(probabilities, labels, thresholds, label)
    return {
        "label": label,
        "confidence": confidence,
        "runner_up": runner_up,
        "runner_up_confidence": mean[runner_up] if runner_up else 0.0,
        "windows": len(probabilities),
        "agreement": float(agrees.mean()),
        "longest_run": longest_run(agrees),
        "truth": truth,
        "verdict": ("correct" if label == truth else "wrong") if truth else "",
        "heard": describe_events(events),
    }


def _window_agrees(
    probabilities: np.ndarray, labels: Sequence[str], thresholds: Sequence[float] | None, label: str
) -> np.ndarray:
    """Whether the decision of each window is the recording's label, shape (windows,), bool."""
    if thresholds is None:
        return np.asarray(rejection.decide(probabilities, labels, thresholds) == label)
    reached = probabilities >= np.asarray(thresholds, float)
    return np.asarray(~reached.any(axis=1) if label == NONE else reached[:, list(labels).index(label)])


def describe_events(events: pd.DataFrame) -> str:
    """Events as text: "boar 2.0-23.1, 30.0-31.2; fox 30.0-41.2", in s. Empty if there are none.

    Parameters
    ----------
    events : pd.DataFrame
        label, start_s, end_s, in order of time.
    """
    times: dict[str, list[str]] = {}
    for event in events.itertuples():
        times.setdefault(str(event.label), []).append(f"{event.start_s:.1f}-{event.end_s:.1f}")
    return "; ".join(f"{label} {', '.join(spans)}" for label, spans in times.items())


def longest_run(values: np.ndarray) -> int:
    """Length of the longest run of True.

    Parameters
    ----------
    values : np.ndarray of shape (n,), bool

    Returns
    -------
    int
        0 if there is no True.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def summary_metrics(summaries: pd.DataFrame) -> dict[str, Any]:
    """Count the recordings with a known label and those classified correctly.

    Parameters
    ----------
    summaries : pd.DataFrame
        A row per recording, with the columns of summarize_windows.

    Returns
    -------
    dict
        recordings, with_truth, correct (counts), and mean_confidence, 0 if there are no recordings.
    """
    return {
        "recordings": len(summaries),
        "with_truth": int((summaries["verdict"] != "").sum()),
        "correct": int((summaries["verdict"] == "correct").sum()),
        "mean_confidence": float(summaries["confidence"].mean()) if len(summaries) else 0.0,
    }

"""Merge windows into events: runs of adjoining windows with the same label."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import empty_table
from project_echo.models import rejection
from project_echo.models.classifier import Classifier
from project_echo.models.windows import TIME_COLUMNS
from project_echo.screening import columns

MAX_GAP = 0.02  # of a window's length: hops are whole frames, so adjoining windows may lie a frame apart


def find_events(windows: pd.DataFrame, classifier: Classifier, *, min_confidence: float = 0.25) -> pd.DataFrame:
    """Merge windows into events: runs of adjoining windows with the same label.

    Parameters
    ----------
    windows : pd.DataFrame
        start_s, end_s (s) and a column of probabilities per label, in order of time: from `Classifier.predict`, or
        from `Results.windows`, where a column `recording` tells recordings apart.
    classifier : Classifier
        The classifier that predicted them.
    min_confidence : float
        Lowest probability at which a window counts, 0 to 1.

    Returns
    -------
    pd.DataFrame
        A row per event: recording (if `windows` has it), label, start_s, end_s, windows (their number),
        mean_confidence and peak_confidence.

    Raises
    ------
    ValueError
        If `windows` lacks a column or is not in order of time, or `min_confidence` is not from 0 to 1.

    Examples
    --------
    >>> import project_echo, soundfile
    >>> classifier = project_echo.load_classifier("models/classifier")
    >>> windows = classifier.predict(*soundfile.read("night.wav"), hop_seconds=2.5)
    >>> project_echo.find_events(windows, classifier, min_confidence=0.5)
    """
    missing = [name for name in (*TIME_COLUMNS, *classifier.labels) if name not in windows]
    if missing:
        raise ValueError(f"windows has no column {', '.join(missing)}: pass those of the same classifier")
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence is {min_confidence}, not from 0 to 1")
    one_recording = "recording" not in windows
    named = windows.assign(recording="") if one_recording else windows
    tables = []
    for recording, rows in named.groupby("recording", sort=False, observed=True):
        if not rows["start_s"].is_monotonic_increasing or rows["start_s"].duplicated().any():
            raise ValueError("start_s of windows does not increase: sort them, and add a column recording if several")
        events = merge_windows(rows, classifier.labels, classifier.threshold, min_confidence)
        tables.append(events.assign(recording=recording))
    events = concatenate_events([table for table in tables if len(table)])
    return events[list(columns.EVENT)] if one_recording else events


def concatenate_events(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Events of several recordings in one table (columns.EVENTS); if there are none, it has the same dtypes."""
    if tables:
        return pd.concat(tables, ignore_index=True)[list(columns.EVENTS)]
    return empty_table(columns.EVENTS)


def merge_windows(
    windows: pd.DataFrame, labels: Sequence[str], threshold: float | None, min_confidence: float
) -> pd.DataFrame:
    """Merge the windows of one recording into events.

    A window is labelled by rejection.decide and counts if its label is an animal with at least `min_confidence`.
    Consecutive windows that count, have the same label, and touch or overlap are one event.

    Parameters
    ----------
    windows : pd.DataFrame
        start_s, end_s (s) and a column of probabilities per label, in order of time.
    labels : sequence of str
        Labels of the classifier.
    threshold : float or None
        Rejection threshold of the classifier.
    min_confidence : float
        Lowest probability at which a window counts, 0 to 1.

    Returns
    -------
    pd.DataFrame
        columns.EVENT, in order of time: number of windows, and mean and maximum of their confidences.
    """
    start_s, end_s = (windows[name].to_numpy() for name in TIME_COLUMNS)
    rows = event_rows(start_s, end_s, windows[list(labels)].to_numpy(), labels, threshold, min_confidence)
    return pd.DataFrame(rows, columns=list(columns.EVENT))


def event_rows(
    start_s: np.ndarray,
    end_s: np.ndarray,
    probabilities: np.ndarray,
    labels: Sequence[str],
    threshold: float | None,
    min_confidence: float,
) -> list[tuple[str, float, float, int, float, float]]:
    """The rows of `merge_windows` from arrays: times of shape (windows,), and probabilities (windows, labels)."""
    predicted = rejection.decide(probabilities, labels, threshold)
    column = {label: number for number, label in enumerate(labels)}
    confidence = probabilities[np.arange(len(probabilities)), [column[label] for label in predicted]]
    counts = (predicted != NONE) & (confidence >= min_confidence)
    continues = np.zeros(len(probabilities) + 1, dtype=bool)
    touching = start_s[1:] - end_s[:-1] <= MAX_GAP * (end_s - start_s)[:-1]
    continues[1:-1] = counts[1:] & counts[:-1] & (predicted[1:] == predicted[:-1]) & touching
    rows = []
    lasts = np.flatnonzero(counts & ~continues[1:])
    for first, last in zip(np.flatnonzero(counts & ~continues[:-1]), lasts, strict=True):
        inside = confidence[first : last + 1].tolist()
        # fsum does not depend on the order of adding, which NumPy chooses by the processor.
        mean = math.fsum(inside) / len(inside)
        rows.append((str(predicted[first]), float(start_s[first]), float(end_s[last]), len(inside), mean, max(inside)))
    return rows

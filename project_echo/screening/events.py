"""Merge windows, or the slices of windows, into events: when each label is heard."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import empty_table
from project_echo.models.classifier import Classifier
from project_echo.models.windows import TIME_COLUMNS
from project_echo.screening import columns
from project_echo.screening.overlaps import average_overlaps

ADJOINING_S = 0.025  # hops are rounded to whole frames, so that adjoining windows may lie half a frame apart
Row = tuple[str, float, float, float, float]  # columns.EVENT


@dataclass(frozen=True)
class Criteria:
    """What makes an event; `event_criteria` makes them.

    Attributes
    ----------
    minimums : mapping of str to float
        For each label that events are of, the probability from which on a slice counts.
    merge_gap_s : float
        Longest gap, s, across which counting slices of a label are one event.
    """

    minimums: Mapping[str, float]
    merge_gap_s: float


def find_events(
    windows: pd.DataFrame,
    classifier: Classifier,
    *,
    thresholds: Mapping[str, float] | None = None,
    min_confidence: float = 0.0,
    merge_gap_s: float = 1.0,
    labels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Merge windows or their slices into events: when each label is heard.

    Where windows overlap, what they say about the same seconds is averaged. A row then counts for a label if its
    probability reaches the label's threshold and `min_confidence`. Rows that count for the same label are one event
    where they touch, overlap, or lie at most `merge_gap_s` apart. Events of one label never overlap each other; those
    of different labels may, as animals call at the same time.

    Parameters
    ----------
    windows : pd.DataFrame
        start_s, end_s (s) and a column of probabilities per label: from `Classifier.predict`, best with
        ``slices=True``, or from `Results.windows`, where a column `recording` tells recordings apart. Slices say more
        precisely than windows when an event begins and ends.
    classifier : Classifier
        The classifier that predicted them.
    thresholds : mapping of str to float, optional
        Thresholds of some labels, 0 to 1, instead of the classifier's.
    min_confidence : float
        Lowest probability at which a row counts for any label, 0 to 1.
    merge_gap_s : float
        Longest gap within an event, s.
    labels : sequence of str, optional
        Labels to find events of; by default all.

    Returns
    -------
    pd.DataFrame
        A row per event, sorted by start_s, then label: recording (if `windows` has it, in the order there), label,
        start_s, end_s, and mean_confidence and peak_confidence, of the rows that count.

    Raises
    ------
    ValueError
        If `windows` lacks a column or mixes recordings, or an argument is out of range.
    EchoError
        If the classifier has no such label.

    Examples
    --------
    >>> import project_echo, soundfile
    >>> classifier = project_echo.load_classifier("models/classifier")
    >>> slices = classifier.predict(*soundfile.read("night.wav"), hop_seconds=2.5, slices=True)
    >>> project_echo.find_events(slices, classifier, thresholds={"boar": 0.8})
    """
    criteria = event_criteria(
        classifier, thresholds=thresholds, min_confidence=min_confidence, merge_gap_s=merge_gap_s, labels=labels
    )
    names = list(criteria.minimums)
    missing = [name for name in (*TIME_COLUMNS, *names) if name not in windows]
    if missing:
        raise ValueError(f"windows has no column {', '.join(missing)}: pass those of the same classifier")
    one_recording = "recording" not in windows
    named = windows.assign(recording="") if one_recording else windows
    found: list[tuple[str, Row]] = []
    for recording, rows in named.groupby("recording", sort=False, observed=True):
        start_s, end_s = (rows[name].to_numpy(float) for name in TIME_COLUMNS)
        if np.count_nonzero(start_s == 0) > 1:  # the first slice of the first window alone starts there
            raise ValueError("windows has several recordings: add a column recording that tells them apart")
        found.extend((str(recording), row) for row in event_rows(start_s, end_s, rows[names].to_numpy(), criteria))
    if not found:
        return empty_table(columns.EVENT if one_recording else columns.EVENTS)
    events = pd.DataFrame([(recording, *row) for recording, row in found], columns=list(columns.EVENTS))
    return events[list(columns.EVENT)] if one_recording else events


def event_criteria(
    classifier: Classifier,
    *,
    thresholds: Mapping[str, float] | None = None,
    min_confidence: float = 0.0,
    merge_gap_s: float = 1.0,
    labels: Sequence[str] | None = None,
) -> Criteria:
    """Criteria of a classifier's events, with labels in its order; for arguments and errors see `find_events`."""
    given = {} if thresholds is None else dict(thresholds)
    if isinstance(labels, str) or (labels is not None and not len(labels)):
        raise ValueError(f"labels is {labels!r}, not a list of at least one label")
    for name, value in {
        "min_confidence": min_confidence,
        **{f"threshold of {key}": given[key] for key in given},
    }.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}, not from 0 to 1")
    if not 0 <= merge_gap_s < math.inf:
        raise ValueError(f"merge_gap_s is {merge_gap_s}, not a number of seconds, 0 or more")
    unknown = [name for name in (*given, *(labels or ())) if name not in classifier.labels]
    if unknown:
        raise EchoError(
            f"{', '.join(map(repr, unknown))}: not a label of the classifier. Use one of "
            f"{', '.join(classifier.labels)}."
        )
    usual = dict(zip(classifier.labels, classifier.event_thresholds, strict=True))
    kept = [label for label in classifier.labels if labels is None or label in labels]
    return Criteria({label: max(given.get(label, usual[label]), min_confidence) for label in kept}, merge_gap_s)


def event_rows(start_s: np.ndarray, end_s: np.ndarray, probabilities: np.ndarray, criteria: Criteria) -> list[Row]:
    """Merge the slices of one recording into events.

    Parameters
    ----------
    start_s, end_s : np.ndarray of shape (slices,)
        Times of slices, s, in any order. One without length, in the padding of a short recording, does not count.
    probabilities : np.ndarray of shape (slices, labels)
        Of the labels of `criteria`, in their order.
    criteria : Criteria

    Returns
    -------
    list of Row
        Of columns.EVENT, sorted by start, then label.
    """
    order = np.argsort(start_s, kind="stable")
    order = order[end_s[order] > start_s[order]]
    start_s, end_s = start_s[order], end_s[order]
    probabilities = average_overlaps(start_s, end_s, probabilities[order])
    longest_gap_s = max(criteria.merge_gap_s, ADJOINING_S) + 1e-6  # and rounding errors
    rows: list[Row] = []
    for column, (label, minimum) in enumerate(criteria.minimums.items()):
        # In float64, as `rejection.decide` compares.
        counting = np.flatnonzero(probabilities[:, column].astype(float) >= minimum)
        if not len(counting):
            continue
        starts, ends = start_s[counting], np.maximum.accumulate(end_s[counting])
        firsts = np.flatnonzero(np.concatenate([[True], starts[1:] > ends[:-1] + longest_gap_s]))
        lasts = np.append(firsts[1:], len(counting)) - 1
        confidence = probabilities[counting, column].tolist()
        for first, last in zip(firsts, lasts, strict=True):
            inside = confidence[first : last + 1]
            # fsum does not depend on the order of adding, which NumPy chooses by the processor.
            mean = math.fsum(inside) / len(inside)
            rows.append((label, float(starts[first]), float(ends[last]), mean, max(inside)))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def event_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Events of one recording as a table, columns.EVENT; without rows it has the same types."""
    return pd.DataFrame(rows, columns=list(columns.EVENT)) if rows else empty_table(columns.EVENT)

"""Merge windows into events: runs of adjoining windows with the same label."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.models import rejection

MAX_GAP = 0.02  # of a window's length: hops are whole frames, so adjoining windows may lie a frame apart
EVENT_COLUMNS = ["label", "start_s", "end_s", "windows", "mean_confidence", "peak_confidence"]


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
        EVENT_COLUMNS, in order of time: number of windows, and mean and maximum of their confidences.
    """
    values = windows[list(labels)].to_numpy()
    predicted = rejection.decide(values, labels, threshold)
    confidence = values[np.arange(len(values)), [list(labels).index(label) for label in predicted]]
    counts = (predicted != NONE) & (confidence >= min_confidence)
    starts, ends = windows["start_s"].to_numpy(), windows["end_s"].to_numpy()
    continues = np.zeros(len(values), dtype=bool)
    touching = starts[1:] - ends[:-1] <= MAX_GAP * (ends - starts)[:-1]
    continues[1:] = counts[1:] & counts[:-1] & (predicted[1:] == predicted[:-1]) & touching
    rows = []
    for first in np.flatnonzero(counts & ~continues):
        stop = first + 1
        while stop < len(values) and continues[stop]:
            stop += 1
        inside = confidence[first:stop]
        rows.append(
            (predicted[first], starts[first], ends[stop - 1], stop - first, float(inside.mean()), float(inside.max()))
        )
    return pd.DataFrame(rows, columns=EVENT_COLUMNS)

"""From windows to events: runs of windows that are named the same."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE
from project_echo.models import rejection

SLACK = 0.02  # of a window: steps are whole frames, so windows side by side may lie one apart
EVENT = ["label", "start_s", "end_s", "windows", "mean_confidence", "peak_confidence"]


def merged(
    windows: pd.DataFrame, labels: Sequence[str], threshold: float | None, min_confidence: float
) -> pd.DataFrame:
    """Events of one recording from its windows, in the order of time: the columns of EVENT.

    `windows` has start_s, end_s and a column of probabilities per label, in the order of time. A window counts for
    the animal that it is decided for (rejection.decide), if that has `min_confidence` at least. Windows that follow
    one another, touch or overlap, and count for the same animal are one event; its confidences are the mean and the
    highest of them.
    """
    values = windows[list(labels)].to_numpy()
    named = rejection.decide(values, labels, threshold)
    confidence = values[np.arange(len(values)), [list(labels).index(label) for label in named]]
    counts = (named != NONE) & (confidence >= min_confidence)
    starts, ends = windows["start_s"].to_numpy(), windows["end_s"].to_numpy()
    goes_on = np.zeros(len(values), dtype=bool)
    touching = starts[1:] - ends[:-1] <= SLACK * (ends - starts)[:-1]
    goes_on[1:] = counts[1:] & counts[:-1] & (named[1:] == named[:-1]) & touching
    firsts = np.flatnonzero(counts & ~goes_on)
    rows = []
    for first in firsts:
        stop = first + 1
        while stop < len(values) and goes_on[stop]:
            stop += 1
        inside = confidence[first:stop]
        rows.append(
            (named[first], starts[first], ends[stop - 1], stop - first, float(inside.mean()), float(inside.max()))
        )
    return pd.DataFrame(rows, columns=EVENT)

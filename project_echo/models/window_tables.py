"""Tables of label probabilities in windows and their slices, with times."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.features.config import Features
from project_echo.models.windows import TIME_COLUMNS, slice_bounds, window_times


def window_table(
    probabilities: np.ndarray, labels: Sequence[str], features: Features, hop_s: float, duration_s: float
) -> pd.DataFrame:
    """Tabulate window probabilities with the times of their windows.

    Parameters
    ----------
    probabilities : np.ndarray of shape (windows, labels)
        As predict_windows returns them.
    labels : sequence of str
    features : Features
    hop_s : float
        Step between windows, s.
    duration_s : float
        Duration of the recording, s. The only window of a recording shorter than a window ends there.

    Returns
    -------
    pd.DataFrame
        A row per window: start_s, end_s (s from the start of the recording) and a column of probabilities per label.
    """
    start_s, end_s = window_times(len(probabilities), features, hop_s, duration_s)
    times = pd.DataFrame(dict(zip(TIME_COLUMNS, (start_s, end_s), strict=True)))
    return times.join(pd.DataFrame(probabilities, columns=list(labels)))


def slice_table(
    probabilities: np.ndarray, labels: Sequence[str], features: Features, hop_s: float, duration_s: float
) -> pd.DataFrame:
    """Tabulate slice probabilities, shape (windows, slices, labels), with the times of slices; see `window_table`."""
    start_s, end_s = slice_bounds(probabilities.shape, features, hop_s, duration_s)
    times = pd.DataFrame(dict(zip(TIME_COLUMNS, (start_s.ravel(), end_s.ravel()), strict=True)))
    return times.join(pd.DataFrame(probabilities.reshape(-1, len(labels)), columns=list(labels)))

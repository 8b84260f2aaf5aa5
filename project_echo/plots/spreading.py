"""Places of names beside curves that end close to each other."""

import numpy as np


def spread(values: np.ndarray, distance: float) -> np.ndarray:
    """Move values apart to at least a distance, as little as possible from below, and within 0 and 1 if they fit.

    Parameters
    ----------
    values : np.ndarray of shape (n,)
        0 to 1.
    distance : float

    Returns
    -------
    np.ndarray of shape (n,)
    """
    order = np.argsort(values, kind="stable")
    steps = distance * np.arange(len(values))
    upwards = np.maximum.accumulate(values[order] - steps) + steps
    highest = max(1.0, steps[-1] if len(steps) else 0.0)
    placed = np.empty(len(values))
    placed[order] = np.minimum(upwards, highest - steps[::-1])
    return placed

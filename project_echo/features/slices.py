"""Half-overlapping slices of a window, of which each has an embedding and probabilities of its own."""

import numpy as np


def slice_edges(columns: int, slices: int) -> np.ndarray:
    """First columns of the parts of a window of which two make a slice, and the end, shape (parts + 1,)."""
    parts = slices + 1 if slices > 1 else 1
    edges: np.ndarray = np.rint(np.arange(parts + 1) * (columns / parts)).astype(int)
    return edges


def slice_times(slices: int, window_s: float) -> np.ndarray:
    """Start and end of each slice of a window, shape (slices, 2), s from the start of the window."""
    parts = slices + 1 if slices > 1 else 1
    edges = np.arange(parts + 1) * (window_s / parts)
    return np.stack([edges[:slices], edges[-slices:]], axis=1)

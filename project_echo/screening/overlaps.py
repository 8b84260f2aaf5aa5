"""Windows that overlap: what they say about the same seconds, averaged."""

import numpy as np

from project_echo.models.classifier import DECIMALS


def average_overlaps(start_s: np.ndarray, end_s: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Average the probabilities of slices that overlap, weighted by how long they do.

    Each window is normalized by its own loudest point, and the network sees nothing beyond its edges, so two windows
    give different probabilities for the same seconds. Taking the highest would make errors more frequent the
    more windows overlap; on mixed recordings with a window every second the mean halved false events at equal recall.

    Parameters
    ----------
    start_s, end_s : np.ndarray of shape (slices,)
        Times of slices, s, in order of their starts; each is longer than 0.
    probabilities : np.ndarray of shape (slices, labels)

    Returns
    -------
    np.ndarray of shape (slices, labels), of the type of `probabilities`
        Rounded as these are, which hides the order of adding. Slices that no other overlaps keep theirs.
    """
    length_s = end_s - start_s
    total_s = length_s.copy()
    weighted = probabilities * length_s[:, np.newaxis]
    for distance in range(1, len(start_s)):
        shared_s = np.minimum(end_s[distance:], end_s[:-distance]) - start_s[distance:]
        shared_s = np.maximum(shared_s, 0)
        if not shared_s.any():
            break
        total_s[distance:] += shared_s
        total_s[:-distance] += shared_s
        weighted[distance:] += shared_s[:, np.newaxis] * probabilities[:-distance]
        weighted[:-distance] += shared_s[:, np.newaxis] * probabilities[distance:]
    overlapped = total_s > length_s
    averaged = probabilities.copy()
    averaged[overlapped] = np.round(weighted[overlapped] / total_s[overlapped, np.newaxis], DECIMALS)
    return averaged

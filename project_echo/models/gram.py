"""Gram matrices of embeddings: their inner products, exact on every processor, as embeddings are small integers."""

from itertools import pairwise

import numpy as np

ROWS_AT_ONCE = 1024  # whose products are computed in one step, which bounds memory
CHANNELS = 1024  # added up in float32, which holds the sums of so many products of 8-bit integers
OFFSET = 128  # subtracted from embeddings, as products of signed integers are a quarter as large


def gram_matrix(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted inner products of embeddings, less OFFSET in every entry.

    Parameters
    ----------
    first, second : np.ndarray of shapes (n, width) and (m, width), uint8
    weights : np.ndarray of shape (width,)
        Of the entries; the same for all entries of a part, and few binary digits.

    Returns
    -------
    np.ndarray of shape (n, m), float64
    """
    gram = np.zeros((len(first), len(second)))
    for start, end in _runs(weights):
        b = _signed(second[:, start:end])
        whole = b @ b.T if first is second else None  # NumPy computes half of it
        for row in range(0, len(first), ROWS_AT_ONCE):
            rows = slice(row, row + ROWS_AT_ONCE)
            product = _signed(first[rows, start:end]) @ b.T if whole is None else whole[rows]
            gram[rows] += weights[start] * product.astype(np.float64)
    return gram


def _signed(embeddings: np.ndarray) -> np.ndarray:
    signed = embeddings.astype(np.float32)
    signed -= OFFSET
    return signed


def _runs(weights: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of at most CHANNELS entries of the same weight."""
    edges = [0, *(np.flatnonzero(np.diff(weights)) + 1).tolist(), len(weights)]
    return [
        (start, min(start + CHANNELS, last))
        for first, last in pairwise(edges)
        for start in range(first, last, CHANNELS)
    ]

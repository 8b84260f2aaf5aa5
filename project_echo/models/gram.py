"""Gram matrices of embeddings: their inner products, exact on every processor, as embeddings are small integers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RANK = 1e-9  # eigenvalues below this part of the largest are rounding


def gram_matrices(first: np.ndarray, second: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Inner products of embeddings, separately for each statistic that was pooled.

    Parameters
    ----------
    first, second : np.ndarray of shapes (n, width) and (m, width), int16
    sizes : sequence of int
        Entries of each part of an embedding; they sum to the width.

    Returns
    -------
    np.ndarray of shape (parts, n, m), float64
        Integers.
    """
    edges = np.cumsum(sizes)[:-1]
    pairs = zip(np.split(first, edges, axis=1), np.split(second, edges, axis=1), strict=True)
    return np.stack([a.astype(np.float64) @ b.astype(np.float64).T for a, b in pairs])


@dataclass(frozen=True)
class Span:
    """Orthonormal axes of the space that the embeddings of some rows span, in terms of inner products with them.

    Attributes
    ----------
    weights : np.ndarray of shape (parts,)
        By which the parts of inner products are added up.
    center : np.ndarray of shape (rows,)
        Inner products with the mean of the rows.
    axes : np.ndarray of shape (rows, dimensions)
    """

    weights: np.ndarray
    center: np.ndarray
    axes: np.ndarray

    def coordinates(self, grams: np.ndarray) -> np.ndarray:
        """Coordinates, shape (n, dimensions), of embeddings, from inner products of shape (parts, n, rows)."""
        coordinates: np.ndarray = (combine(grams, self.weights) - self.center) @ self.axes
        return coordinates


def span(grams: np.ndarray, sizes: Sequence[int]) -> Span:
    """The space that the embeddings of some rows span, each part scaled to a mean variance of 1 over the rows.

    Parameters
    ----------
    grams : np.ndarray of shape (parts, rows, rows)
        What `gram_matrices` returns for the rows.
    sizes : sequence of int
        Entries of each part.

    Returns
    -------
    Span
    """
    n_rows = grams.shape[1]
    # Sums of integers, so exact: of the squares about the mean, times the number of rows.
    spread = n_rows * np.trace(grams, axis1=1, axis2=2) - grams.sum(axis=(1, 2))
    variance = spread / n_rows**2 / np.asarray(sizes)
    weights = np.divide(1, variance, out=np.zeros(len(variance)), where=variance > 0)
    kernel = combine(grams, weights)
    center = kernel.mean(axis=0)
    eigenvalues, rotation = np.linalg.eigh(kernel - center - center[:, np.newaxis] + center.mean())
    kept = eigenvalues > RANK * max(eigenvalues[-1], np.finfo(float).tiny)
    return Span(weights, center, rotation[:, kept] / np.sqrt(eigenvalues[kept]))


def combine(grams: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up the parts of inner products: shape (parts, n, m) to (n, m)."""
    combined: np.ndarray = np.tensordot(weights, grams, axes=1)
    return combined

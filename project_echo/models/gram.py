"""Gram matrices of embeddings: their inner products, exact on every processor, as embeddings are small integers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpstrf

RANK = 1e-9  # what is left of a row below this part of the largest is rounding


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
    grams = np.empty((len(sizes), len(first), len(second)))
    for gram, end, size in zip(grams, np.cumsum(sizes), sizes, strict=True):
        a = first[:, end - size : end].astype(np.float64)
        b = a if first is second else second[:, end - size : end].astype(np.float64)
        np.matmul(a, b.T, out=gram)  # with itself, NumPy computes half of it
    return grams


@dataclass(frozen=True)
class Span:
    """Orthonormal axes of the space that the embeddings of some rows span, in terms of inner products with them.

    Attributes
    ----------
    weights : np.ndarray of shape (parts,)
        By which the parts of inner products are added up.
    center : np.ndarray of shape (rows,)
        Inner products with the mean of the rows.
    pivots : np.ndarray of int, shape (dimensions,)
        Rows that span the space.
    lower : np.ndarray of shape (dimensions, dimensions)
        Their coordinates, a triangular matrix: each of them adds an axis.
    rows : np.ndarray of shape (rows, dimensions)
        Coordinates of all rows, which are centered.
    """

    weights: np.ndarray
    center: np.ndarray
    pivots: np.ndarray
    lower: np.ndarray
    rows: np.ndarray

    def coordinates(self, grams: np.ndarray) -> np.ndarray:
        """Coordinates, shape (n, dimensions), of embeddings, from inner products of shape (parts, n, rows)."""
        centered = combine(grams, self.weights) - self.center
        centered -= centered.mean(axis=1, keepdims=True)
        coordinates: np.ndarray = solve_lower(self.lower, centered[:, self.pivots].T).T
        return coordinates

    def coefficients(self, vectors: np.ndarray) -> np.ndarray:
        """Coefficients of the rows, shape (rows, n), whose sums are vectors, shape (dimensions, n)."""
        coefficients = np.zeros((len(self.rows), vectors.shape[1]))
        coefficients[self.pivots] = solve_lower(self.lower, vectors, transposed=True)
        return coefficients - coefficients.mean(axis=0)


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

    References
    ----------
    Higham, "Accuracy and stability of numerical algorithms", 2nd edition, chapter 10 (Cholesky factorization with
    pivoting).
    """
    n_rows = grams.shape[1]
    # Of the squares about the mean, times the number of rows: sums of integers, exact as long as they are below 2^53
    # (2^51 for 2,000 rows of the demo corpus).
    spread = n_rows * np.trace(grams, axis1=1, axis2=2) - grams.sum(axis=(1, 2))
    variance = spread / n_rows**2 / np.asarray(sizes)
    weights = np.divide(1, variance, out=np.zeros(len(variance)), where=variance > 0)
    kernel = combine(grams, weights)
    center = kernel.mean(axis=0)
    kernel += center.mean() - center - center[:, np.newaxis]
    factor, pivots, rank, _ = dpstrf(kernel.T, tol=RANK * kernel.diagonal().max(), lower=True, overwrite_a=True)
    pivots, factor = pivots - 1, np.tril(factor)[:, :rank]  # LAPACK counts from 1
    rows = np.empty_like(factor)
    rows[pivots] = factor
    return Span(weights, center, pivots[:rank], factor[:rank], rows)


def solve_lower(lower: np.ndarray, vectors: np.ndarray, transposed: bool = False) -> np.ndarray:
    """Solve a lower triangular matrix, or its transpose, for vectors of shape (dimensions, n)."""
    if not len(lower):
        return np.zeros_like(vectors)
    solved: np.ndarray = solve_triangular(lower, vectors, trans=int(transposed), lower=True, check_finite=False)
    return solved


def combine(grams: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up the parts of inner products: shape (parts, n, m) to (n, m)."""
    combined: np.ndarray = np.tensordot(weights, grams, axes=1)
    return combined

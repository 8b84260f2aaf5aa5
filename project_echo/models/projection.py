"""Random projection of embeddings to a few dimensions, in which similar sounds are searched for."""

from functools import lru_cache

import numpy as np

from project_echo.core.seeds import generator

DIMENSIONS = 128


def project(embeddings: np.ndarray, dimensions: int = DIMENSIONS) -> np.ndarray:
    """Project embeddings by random signs, which nearly keeps the distances between them.

    Sums of integers are exact, so the projections are the same on every processor.

    Parameters
    ----------
    embeddings : np.ndarray of shape (..., width), uint8
        As an embedder makes them.
    dimensions : int

    Returns
    -------
    np.ndarray of shape (..., dimensions), float16

    References
    ----------
    D. Achlioptas, "Database-friendly random projections: Johnson-Lindenstrauss with binary coins", Journal of Computer
    and System Sciences 66, 2003.
    """
    width = embeddings.shape[-1]
    sums = embeddings.astype(np.float32) @ _signs(width, dimensions)  # integers below 2**24 are exact in float32
    return (sums / np.float32(255 * np.sqrt(width))).astype(np.float16)


@lru_cache(maxsize=2)
def _signs(width: int, dimensions: int) -> np.ndarray:
    """Signs of shape (width, dimensions), float32, the same for a width."""
    return generator(0, "projection", width).choice(np.array([-1, 1], np.float32), size=(width, dimensions))

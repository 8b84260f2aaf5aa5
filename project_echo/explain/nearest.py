"""Which training clips a clip is like, as the backbone hears them before any training."""

import numpy as np

from project_echo.models.logistic import floored


def nearest(embeddings: np.ndarray, train: np.ndarray, n: int) -> np.ndarray:
    """Indices of the `n` training clips most like each clip, the most like first; shape (clips, n or all there are).

    `embeddings`, shape (clips, channels), and `train`, shape (training clips, channels), are standardised by the mean
    and variance of `train` and compared by cosine similarity; of equals the first in `train` comes first.
    """
    mean, variance = train.mean(axis=0), train.var(axis=0)
    scale = np.sqrt(floored(variance))
    similarity = _unit((embeddings - mean) / scale) @ _unit((train - mean) / scale).T
    order: np.ndarray = np.argsort(-similarity, axis=1, kind="stable")[:, :n]
    return order


def _unit(vectors: np.ndarray) -> np.ndarray:
    """To length 1; a vector of nothing stays as it is."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)

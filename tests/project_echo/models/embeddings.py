"""Small embeddings of known classes, as the pipeline stores them: int16, in steps of 1/1024."""

import numpy as np

from project_echo.models.embedding import STEPS


def stored(values: np.ndarray) -> np.ndarray:
    """Embeddings as int16, of real values."""
    return np.rint(values * STEPS).astype(np.int16)


def clusters(n: int, classes: int, seed: int, views: int = 3, width: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Well separated embeddings, shape (n, views, width), of classes of which the first is the largest; targets."""
    draw = np.random.default_rng(seed)
    targets = np.minimum(np.arange(n) % (classes + 1), classes - 1)[::-1]
    clips = 2 * np.eye(width)[targets] + draw.normal(0, 0.5, (n, width))
    copies = clips[:, None] + draw.normal(0, 0.2, (n, views, width))
    copies[:, 0] = clips
    return stored(copies), targets

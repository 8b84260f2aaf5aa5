"""Embeddings that a screening keeps, in which `project-echo search` looks for similar sounds.

They are projected to a few dimensions (`models.projection`), of as many slices as cover each window.
"""

import numpy as np

from project_echo.models.classifier import Classifier
from project_echo.models.projection import DIMENSIONS, project

WINDOWS = 16  # projected at once, in floats


def kept_slices(slices: int) -> np.ndarray:
    """Which slices of a window are kept: as they overlap by half, every second one of an odd number covers it."""
    return np.arange(0, slices, 2 if slices % 2 else 1)


def window_shape(classifier: Classifier) -> tuple[int, int]:
    """Slices that are kept of a window, and dimensions of each."""
    return len(kept_slices(classifier.embedder.slices)), DIMENSIONS


def project_kept(embeddings: np.ndarray) -> np.ndarray:
    """Project the slices of windows that are kept.

    Parameters
    ----------
    embeddings : np.ndarray of shape (windows, slices, width), uint8

    Returns
    -------
    np.ndarray of shape (windows, kept slices, DIMENSIONS), float16
    """
    kept = embeddings[:, kept_slices(embeddings.shape[1])]
    parts = [project(kept[start : start + WINDOWS]) for start in range(0, len(kept), WINDOWS)]
    return np.concatenate(parts)


def predict_and_embed(classifier: Classifier, samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """What `Classifier.predict_windows` returns, with the embeddings that are kept.

    Parameters
    ----------
    classifier : Classifier
    samples, starts
        As for `Classifier.predict_windows`.

    Returns
    -------
    np.ndarray of shape (windows,)
        Fields `probabilities`, float32, and `embeddings`, float16.
    """
    embedded = classifier.embedder.embed(classifier.embedder.windows(samples, starts))
    probabilities, embeddings = classifier.probabilities(embedded), project_kept(embedded)
    fields = [("probabilities", np.float32, probabilities.shape[1:]), ("embeddings", np.float16, embeddings.shape[1:])]
    windows = np.zeros(len(starts), fields)
    windows["probabilities"], windows["embeddings"] = probabilities, embeddings
    return windows

"""Vectors of events, by whose similarity the review page orders its queue."""

import base64
import math
from collections.abc import Sequence

import numpy as np

from project_echo.models.embedder import Embedder
from project_echo.models.projection import DIMENSIONS, project
from project_echo.models.windows import predict_windows, slice_bounds

LEAST_SHARE = 0.5  # of what a slice stands for is in the event


def event_vector(samples: np.ndarray, start_s: float, end_s: float, embedder: Embedder) -> np.ndarray:
    """Average the projected embeddings of the slices within an event.

    The windows are around the middle of the event, half a window apart, and cover it.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float32
        A stretch of the recording with the event, at the embedder's sample rate.
    start_s, end_s : float
        Of the event in `samples`, s.
    embedder : Embedder
        Of the classifier that screened the recordings.

    Returns
    -------
    np.ndarray of shape (DIMENSIONS,), float64
    """
    features = embedder.spectrogram.features
    rate, window_s = features.sample_rate, features.window_s
    hop_s = window_s / 2
    span_s = window_s + hop_s * max(0, math.ceil((end_s - start_s - window_s) / hop_s))
    first_s = max(0.0, min((start_s + end_s - span_s) / 2, len(samples) / rate - span_s))
    stretch = samples[round(first_s * rate) : round((first_s + span_s) * rate)]
    embeddings = predict_windows(
        [stretch], features, lambda part, starts: embedder.embed(embedder.windows(part, starts)), hop_s
    )
    starts_s, ends_s = slice_bounds(embeddings.shape, features, hop_s, len(stretch) / rate)
    shared_s = np.minimum(ends_s, end_s - first_s) - np.maximum(starts_s, start_s - first_s)
    # A slice in the padding of a short recording has no length.
    inside = (shared_s >= LEAST_SHARE * (ends_s - starts_s)) & (ends_s > starts_s)
    inside = inside if inside.any() else shared_s == shared_s.max()
    vector: np.ndarray = project(embeddings[inside]).astype(np.float64).mean(axis=0)
    return vector


def encode_vectors(vectors: Sequence[np.ndarray | None]) -> list[str]:
    """Vectors as the page reads them: their directions from their mean, in 8 bits.

    Around their mean, as all sounds of a network are much alike: what they have in common says nothing.

    Parameters
    ----------
    vectors : sequence of np.ndarray of shape (DIMENSIONS,), or None

    Returns
    -------
    list of str
        Base64 of DIMENSIONS signed bytes, the largest of a vector being 127; empty for None.
    """
    known = [vector for vector in vectors if vector is not None]
    mean = np.mean(known, axis=0) if known else np.zeros(DIMENSIONS)
    return ["" if vector is None else _encode(vector - mean) for vector in vectors]


def _encode(vector: np.ndarray) -> str:
    largest = float(np.abs(vector).max()) or 1.0
    return base64.b64encode(np.rint(vector * (127 / largest)).astype(np.int8).tobytes()).decode("ascii")

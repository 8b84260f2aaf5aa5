"""From embeddings of a network's own windows to those of our slices, in 8 bits."""

import numpy as np

from project_echo.custom_networks.card import NetworkCard

ZERO, STEPS = 128, 127  # the step of 0, which gram.py subtracts, and the steps from there to the highest magnitude


def window_starts(n_samples: int, card: NetworkCard) -> np.ndarray:
    """First samples of a network's windows inside one of ours, shape (windows,).

    They cover it all: the last may reach beyond its end, as does the only one if ours is shorter.
    """
    beyond = max(0, n_samples - card.window_samples)
    return np.arange(-(-beyond // card.hop_samples) + 1) * card.hop_samples


def row_times(n_samples: int, card: NetworkCard, steps: int) -> np.ndarray:
    """Start and end of each time step of each of a network's windows inside one of ours.

    Parameters
    ----------
    n_samples : int
        Of our window.
    card : NetworkCard
    steps : int
        Time steps of a window of the network.

    Returns
    -------
    np.ndarray of shape (windows * steps, 2)
        s from the start of our window.
    """
    starts = window_starts(n_samples, card) / card.sample_rate_hz
    edges = starts[:, np.newaxis] + np.arange(steps + 1) * (card.window_s / steps)
    return np.stack([edges[:, :-1].ravel(), edges[:, 1:].ravel()], axis=1)


def mean_over_slices(embeddings: np.ndarray, times: np.ndarray, slices: np.ndarray) -> np.ndarray:
    """Mean of the embeddings that overlap each slice, weighted by how long they do.

    Parameters
    ----------
    embeddings : np.ndarray of shape (rows, width), float32
    times : np.ndarray of shape (rows, 2)
        Start and end of each, s; together they cover the slices.
    slices : np.ndarray of shape (slices, 2)
        Start and end of each (`features.slices.slice_times`), s.

    Returns
    -------
    np.ndarray of shape (slices, width), float32
    """
    first = np.maximum(slices[:, np.newaxis, 0], times[:, 0])
    last = np.minimum(slices[:, np.newaxis, 1], times[:, 1])
    overlap = np.maximum(last - first, 0)
    means: np.ndarray = ((overlap / overlap.sum(axis=1, keepdims=True)) @ embeddings).astype(np.float32)
    return means


def quantize(embeddings: np.ndarray, highest: float) -> np.ndarray:
    """Embeddings in 8 bits: their square roots, with their signs, about ZERO.

    As for activations of the default backbone, quiet channels count as well by square roots. The highest magnitude is a
    constant of the network's card, as no statistic of clips that are tested may enter a head.

    Parameters
    ----------
    embeddings : np.ndarray of any shape, float32
    highest : float
        Magnitude that becomes the last step; higher ones do, too.

    Returns
    -------
    np.ndarray of the same shape, uint8
        From 1 to 255.
    """
    share = np.minimum(np.abs(embeddings) / np.float32(highest), 1)
    quantized: np.ndarray = (np.rint(np.copysign(np.sqrt(share) * STEPS, embeddings)) + ZERO).astype(np.uint8)
    return quantized

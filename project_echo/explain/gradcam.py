"""Grad-CAM: where in a spectrogram the classifier finds evidence for a label."""

from functools import partial

import numpy as np

from project_echo.features.slices import slice_edges
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.embedding import EPSILON, Tap, embed
from project_echo.models.pooling import Pooling


def attention(classifier: Classifier, image: np.ndarray, target: int) -> np.ndarray | None:
    """Grad-CAM map of the evidence for a label in an image.

    Each channel of a block that is pooled is weighted by the gradient of the label's log-odds, separately for each band
    of the block and each slice of the window that the odds come from; the weighted channels are summed, and evidence
    against the label is cut off. The maps of the finest and of the coarsest block are resized to the image and scaled
    to a peak of 1; the result is the square root of their product, scaled again.

    The head reads means over time and standard deviations of the activations, so the gradient has a closed form. It is
    that by way of the means: over time, the mean of the gradient by way of a standard deviation is zero.

    Parameters
    ----------
    classifier : Classifier
    image : np.ndarray of shape (n_mels, frames, 3), int8
        Log-mel image.
    target : int
        Index of the label.

    Returns
    -------
    np.ndarray of shape (n_mels, frames), float64, or None
        0 to 1, and 0 throughout if nothing is evidence for the label. None with a custom network, of which
        nothing is known but its embedding.

    References
    ----------
    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017:
    equations 1 and 2, where the mean is over all rows, and section 3.2 for the product of a fine and a coarse map.
    """
    embedder = classifier.embedder
    if not isinstance(embedder, PooledEmbedder):
        return None
    taps = embedder.network(image)
    gradient = classifier.head.gradient(embed(taps, embedder.pooling), target)
    weights = _gradients_of_means(gradient, taps, embedder.pooling)
    # On clips of the demo, the last convolution alone (4 x 7 cells for an image of 128 x 205) finds the call but no
    # detail, block 6 alone (16 x 26) follows the harmonics but also speckles of background. Fine times coarse keeps the
    # harmonics where the call is.
    by_size = sorted(zip(taps, weights, strict=True), key=lambda pair: len(pair[0].values))
    coarse, fine = (_evidence(*pair, image.shape[:2]) for pair in (by_size[0], by_size[-1]))
    return _to_peak(np.sqrt(fine * coarse))


def _gradients_of_means(gradient: np.ndarray, taps: list[Tap], pooling: Pooling) -> list[np.ndarray]:
    """Gradients with respect to the activations of each band and column, (bands, columns, channels) for each block.

    Parameters
    ----------
    gradient : np.ndarray of shape (slices, width)
        With respect to the embeddings.
    taps : list of Tap
    pooling : Pooling

    Returns
    -------
    list of np.ndarray
    """
    gradients, first = [], 0
    for tap, n_bands in zip(taps, pooling.bands, strict=True):
        _, columns, channels = tap.values.shape
        edges = slice_edges(columns, pooling.slices)
        of_columns = np.zeros((n_bands, columns, channels))
        of_block = gradient[:, first : first + n_bands * channels].reshape(-1, n_bands, channels)
        for of_slice, start, end in zip(of_block, edges[: pooling.slices], edges[-pooling.slices :], strict=True):
            if not of_slice.any():
                continue
            slope = np.ones((n_bands, channels))
            if pooling.sqrt:
                area = tap.values[:, start:end].reshape(n_bands, -1, channels)
                slope = 1 / (2 * np.sqrt(tap.scale * area.mean(axis=1, dtype=np.float64) + EPSILON))
            of_columns[:, start:end] += (of_slice * slope)[:, np.newaxis] / (end - start)
        gradients.append(of_columns)
        first += n_bands * channels * (2 if pooling.std else 1)
    return gradients


def _evidence(tap: Tap, weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Weighted activations of a block above 0, resized to an image of `shape`, scaled to a peak of 1."""
    rows, columns, channels = tap.values.shape
    bands = tap.values.reshape(len(weights), -1, columns, channels)
    evidence = np.einsum("brtc,btc->brt", bands, weights).reshape(rows, columns)
    return _to_peak(_resize(np.maximum(evidence, 0), shape))


def _resize(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize an array of shape (rows, columns) to `shape` by linear interpolation between the centers of its cells."""
    for axis, length in enumerate(shape):
        cells = values.shape[axis]
        centers = (np.arange(length) + 0.5) * cells / length - 0.5
        values = np.apply_along_axis(partial(np.interp, centers, np.arange(cells)), axis, values)
    return values


def _to_peak(values: np.ndarray) -> np.ndarray:
    peak = values.max()
    scaled: np.ndarray = values / peak if peak > 0 else values
    return scaled

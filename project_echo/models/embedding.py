"""Embeddings of a window's slices: the activations of the backbone, pooled over time and frequency bands, in 8 bits.

Sums are exact, whatever the order in which a processor adds: those of 8-bit activations are integers that float32
holds. What follows are single operations in float64 that every processor rounds alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.models.pooling import Pooled, Pooling

EPSILON = 1e-6  # added before square roots, as in networks.py
HIGHEST = 6.0  # of an activation, by ReLU6
LARGEST_SUM = 2**24  # up to which float32 holds every integer
VARIANCE_FLOOR = 0.01  # of the mean variance over all channels
# By which products of the means, and of the standard deviations, of a block's activations are multiplied, so that every
# entry counts the same: about 1/256 of the inverse of their mean variance over the slices of the demo corpus, with
# square roots, as `python -m benchmarks.activation_ranges` prints it. Constants, as no statistic of clips that are
# tested may enter a head.
WEIGHTS: dict[int | str, tuple[float, float]] = {
    1: (4.875, 2.6875),
    2: (2.65625, 2.328125),
    3: (1.859375, 1.71875),
    4: (1.203125, 1.671875),
    5: (1.0, 1.21875),
    6: (0.65625, 0.6875),
    7: (0.640625, 1.140625),
    8: (0.609375, 1.046875),
    9: (0.515625, 0.8125),
    10: (0.421875, 0.625),
    11: (0.5625, 0.84375),
    12: (0.609375, 0.84375),
    13: (0.5, 0.53125),
    14: (0.390625, 0.625),
    15: (0.375, 0.5),
    16: (0.53125, 0.9375),
    "last": (0.109375, 0.140625),
}


@dataclass(frozen=True)
class Tap:
    """Activations of a block: real values are `scale` times `values`.

    Attributes
    ----------
    values : np.ndarray of shape (rows, columns, channels), float32
        Integers of 8 bits, or any floats. Rows are frequency, columns are time.
    scale : float
    exact : bool
        Whether they are integers of 8 bits.
    """

    values: np.ndarray
    scale: float
    exact: bool


def steps(pooling: Pooling) -> float:
    """Steps of an embedding per unit of activation (or of its square root): 255 are the highest that ReLU6 lets pass."""
    return 255 / (float(np.sqrt(HIGHEST)) if pooling.sqrt else HIGHEST)


def slice_edges(columns: int, slices: int) -> np.ndarray:
    """First columns of the parts of a window of which two make a slice, and the end, shape (parts + 1,)."""
    parts = slices + 1 if slices > 1 else 1
    edges: np.ndarray = np.rint(np.arange(parts + 1) * (columns / parts)).astype(int)
    return edges


def slice_times(slices: int, window_s: float) -> np.ndarray:
    """Start and end of each slice of a window, shape (slices, 2), s from the start of the window."""
    parts = slices + 1 if slices > 1 else 1
    edges = np.arange(parts + 1) * (window_s / parts)
    return np.stack([edges[:slices], edges[-slices:]], axis=1)


def embed(taps: Sequence[Tap], pooling: Pooling) -> np.ndarray:
    """Pool the activations of an image into the embeddings of its slices.

    Parameters
    ----------
    taps : sequence of Tap
        Of each block of the pooling.
    pooling : Pooling

    Returns
    -------
    np.ndarray of shape (slices, width), uint8
        For each block the means over the time of a slice and the rows of a band, then, if asked for, the standard
        deviations over both. In steps of 1/`steps`.
    """
    pooled = []
    for tap, n_bands in zip(taps, pooling.bands, strict=True):
        mean, variance = _over_slices(tap, n_bands, pooling.slices)
        pooled.append(mean)
        if pooling.std:
            pooled.append(np.sqrt(variance + EPSILON))
    embeddings = np.concatenate(pooled, axis=1)
    if pooling.sqrt:
        np.sqrt(embeddings + EPSILON, out=embeddings)
    embeddings *= steps(pooling)
    return np.minimum(np.rint(embeddings), 255).astype(np.uint8)


def _over_slices(tap: Tap, n_bands: int, slices: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances within bands and slices, of shape (slices, bands * channels), float64."""
    rows, columns, channels = tap.values.shape
    height = rows // n_bands
    values = tap.values
    if not (tap.exact and height * columns * 255**2 < LARGEST_SUM):
        values = values.astype(np.float64)
    edges = slice_edges(columns, slices)
    sums = []
    for power in (values, np.square(values)):
        in_parts = np.add.reduceat(power, edges[:-1], axis=1)
        in_bands = in_parts.reshape(n_bands, height, -1, channels).sum(axis=1)
        in_slices = in_bands[:, :-1] + in_bands[:, 1:] if slices > 1 else in_bands
        sums.append(in_slices.transpose(1, 0, 2).reshape(slices, n_bands * channels).astype(np.float64))
    total, squares = sums
    first, last = (edges[:slices], edges[-slices:])
    n = (height * (last - first))[:, np.newaxis]
    factor = tap.scale / n
    variance = np.maximum(squares * n - np.square(total), 0) * (factor * factor)
    return total * factor, variance


def parts(pooling: Pooling, channels: Sequence[int]) -> list[int]:
    """The number of entries of an embedding that each statistic of each block has, in their order.

    Parameters
    ----------
    pooling : Pooling
    channels : sequence of int
        Of each block.

    Returns
    -------
    list of int
    """
    return [
        n_bands * n_channels
        for n_bands, n_channels in zip(pooling.bands, channels, strict=True)
        for _ in range(2 if pooling.std else 1)
    ]


def entry_weights(pooled: Pooled) -> np.ndarray:
    """By which products of entries of embeddings are multiplied, shape (width,)."""
    weights = [weight for block in pooled.blocks for weight in WEIGHTS[block][: 2 if pooled.std else 1]]
    return np.repeat(weights, pooled.sizes)


def check_shapes(shapes: Sequence[Sequence[int]], pooling: Pooling) -> None:
    """Raise EchoError if a block cannot be divided into its bands, or into the slices of a window.

    Parameters
    ----------
    shapes : sequence of (rows, columns, channels)
        Of each block.
    pooling : Pooling
    """
    for block, (n_rows, n_columns, _), n_bands in zip(pooling.blocks, shapes, pooling.bands, strict=True):
        if n_columns <= pooling.slices > 1:
            raise EchoError(
                f"embed.slices: block {block} has {n_columns} columns in a window, which is too short for "
                f"{pooling.slices} slices. Use at most {n_columns - 1}, or a longer features.window_s."
            )
        if n_rows % n_bands:
            raise EchoError(
                f"embed.bands: block {block} has {n_rows} rows, which cannot be divided into {n_bands} bands. Use a "
                f"divisor of {n_rows}."
            )


def floor_variance(variance: np.ndarray) -> np.ndarray:
    """Variances to standardize by, shape (width,), with a floor of VARIANCE_FLOOR of their mean.

    A channel that is constant in a small training set may vary later, and would be divided by 0.
    """
    floor = max(VARIANCE_FLOOR * variance.mean(), np.finfo(np.float32).tiny)
    floored: np.ndarray = np.maximum(variance, floor)
    return floored

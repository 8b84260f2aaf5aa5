"""Embeddings of a window's slices: the activations of the backbone, pooled over time and frequency bands, in 8 bits.

Sums are exact, whatever the order in which a processor adds: those of 8-bit activations are integers that float32
holds. What follows are single operations that every processor rounds alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.features.slices import slice_edges
from project_echo.models.pooling import Averaged, Pooled, Pooling

EPSILON = 1e-6  # added before square roots, as in networks.py
HIGHEST = 6.0  # of an activation, by ReLU6
LARGEST_SUM = 2**24  # up to which float32 holds every integer
VARIANCE_FLOOR = 0.01  # of the mean variance over all channels
# By which products of the means, and of the standard deviations, of a block's activations are multiplied, so that every
# entry counts the same: about 1/256 of the inverse of their mean variance over the slices of the demo corpus, with
# square roots, as `python -m benchmarks.activation_ranges` printed it for images of other windows of the STFT. For
# today's it prints about 0.85 of these, and a factor that all blocks share changes no head beyond rounding. Constants,
# as no statistic of clips that are tested may enter a head.
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
    """Steps of an embedding per unit of activation (or of its square root): 255 are the highest that ReLU6 passes."""
    return 255 / (float(np.sqrt(HIGHEST)) if pooling.sqrt else HIGHEST)


def slice_spans(slices: int, window_s: float) -> np.ndarray:
    """Start and end of the part of a window that each slice stands for, shape (slices, 2), s.

    Slices overlap; these parts do not, and together they are the window. They are bounded half-way between the centers
    of slices.
    """
    edges = (np.arange(slices + 1) + 0.5) * (window_s / (slices + 1))
    edges[[0, -1]] = 0, window_s
    return np.stack([edges[:-1], edges[1:]], axis=1)


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
    n_slices = pooling.slices
    pooled: list[np.ndarray] = []
    for tap, n_bands in zip(taps, pooling.bands, strict=True):
        statistics = _mean_and_std(tap, n_bands, n_slices) if pooling.std else (_means(tap, n_bands, n_slices),)
        pooled += [_in_steps(values, pooling).transpose(1, 0, 2).reshape(n_slices, -1) for values in statistics]
    return np.concatenate(pooled, axis=1)


def _in_steps(values: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Statistics as steps of an embedding, uint8; the array itself is overwritten."""
    if pooling.sqrt:
        values += np.float32(EPSILON)
        np.sqrt(values, out=values)
    values *= np.float32(steps(pooling))
    np.rint(values, out=values)
    np.minimum(values, 255, out=values)
    return values.astype(np.uint8)


def _means(tap: Tap, n_bands: int, slices: int) -> np.ndarray:
    """Means within bands and slices, shape (bands, slices, channels), float32."""
    summed, n = _sums(tap.values, tap.exact, n_bands, slices)
    return (summed * (tap.scale / n)[:, np.newaxis]).astype(np.float32)


def _mean_and_std(tap: Tap, n_bands: int, slices: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations within bands and slices, shape (bands, slices, channels), float32."""
    total, n = _sums(tap.values, tap.exact, n_bands, slices)
    squares, _ = _sums(np.square(tap.values), tap.exact, n_bands, slices)
    total, squares, n = total.astype(np.float64), squares.astype(np.float64), n[:, np.newaxis]
    variance = np.maximum(squares * n - np.square(total), 0) * np.square(tap.scale / n)
    return (total * (tap.scale / n)).astype(np.float32), np.sqrt(variance + EPSILON).astype(np.float32)


def _sums(values: np.ndarray, exact: bool, n_bands: int, slices: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums within bands and slices, shape (bands, slices, channels), and how many each is of, shape (slices,)."""
    rows, columns, channels = values.shape
    height = rows // n_bands
    inside = _membership(columns, height, slices)
    if not (exact and height * columns * 255**2 < LARGEST_SUM):
        values, inside = values.astype(np.float64), inside.astype(np.float64)
    # As matrix products, which are many times as fast as adding up stretches; integers add up alike in any order.
    return inside @ values.reshape(n_bands, height * columns, channels), inside.sum(axis=1)


@cache
def _membership(columns: int, height: int, slices: int) -> np.ndarray:
    """Which cells of a band, row by row, are in each slice, shape (slices, height * columns), float32."""
    edges = slice_edges(columns, slices)
    column = np.arange(columns)
    first, end = edges[:slices, np.newaxis], edges[-slices:, np.newaxis]
    return np.tile((column >= first) & (column < end), (1, height)).astype(np.float32)


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


def entry_weights(pooled: Pooled | Averaged) -> np.ndarray:
    """By which products of entries of embeddings are multiplied, shape (width,)."""
    if isinstance(pooled, Averaged):
        return np.ones(sum(pooled.sizes))
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
                f"{pooling.slices} slices. Use at most {max(1, n_columns - 1)}, or a longer features.window_s."
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

"""Embeddings: the activations of the backbone, pooled over time and frequency bands, as integers.

Sums are exact, whatever the order in which a processor adds: those of 8-bit activations are integers that float32
holds. What follows are single operations in float64 that every processor rounds alike. Products of embeddings are exact
as well: they are integers of 13 bits, and float64 holds the sums of millions of their products.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.models.pooling import Pooling

STEPS = 1024  # of an embedding, per unit of activation (or of its square root)
EPSILON = 1e-6  # added before square roots, as in networks.py
LARGEST_SUM = 2**24  # up to which float32 holds every integer
VARIANCE_FLOOR = 0.01  # of the mean variance over all channels


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


def embed(taps: Sequence[Tap], pooling: Pooling) -> np.ndarray:
    """Pool the activations of an image into its embedding.

    Parameters
    ----------
    taps : sequence of Tap
        Of each block of the pooling.
    pooling : Pooling

    Returns
    -------
    np.ndarray of shape (width,), int16
        For each block the means over time, then, if asked for, the standard deviations, each averaged within bands.
        In steps of 1/STEPS.
    """
    pooled = []
    for tap, n_bands in zip(taps, pooling.bands, strict=True):
        mean, deviation = _over_time(tap)
        for statistic in (mean, deviation) if pooling.std else (mean,):
            rows, channels = statistic.shape
            bands = statistic.reshape(n_bands, rows // n_bands, channels).sum(axis=1) / (rows // n_bands)
            pooled.append((np.sqrt(bands + EPSILON) if pooling.sqrt else bands).ravel())
    return np.rint(np.concatenate(pooled) * STEPS).astype(np.int16)


def _over_time(tap: Tap) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations over time, of shape (rows, channels), float64."""
    columns = tap.values.shape[1]
    values = tap.values
    if not (tap.exact and columns * 255**2 < LARGEST_SUM):
        values = values.astype(np.float64)
    ones = np.ones(columns, values.dtype)
    total = (ones @ values).astype(np.float64)
    squares = (ones @ np.square(values)).astype(np.float64)
    factor = tap.scale / columns
    variance = np.maximum(squares * columns - np.square(total), 0) * (factor * factor)
    return total * factor, np.sqrt(variance + EPSILON)


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


def check_bands(rows: Sequence[int], pooling: Pooling) -> None:
    """Raise EchoError if the rows of a block cannot be divided evenly among its bands.

    Parameters
    ----------
    rows : sequence of int
        Of each block.
    pooling : Pooling
    """
    for block, n_rows, n_bands in zip(pooling.blocks, rows, pooling.bands, strict=True):
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

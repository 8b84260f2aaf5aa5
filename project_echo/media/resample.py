"""Resampling of mono sound, the same for files as they are read in blocks and for samples in memory.

libsoxr gives the same samples on every x86-64 processor, whatever the sizes of the blocks. Up to 0.9 of the lower
Nyquist frequency its quality HQ keeps levels within 0.01 dB; aliases are below -120 dB. It has linear phase, no delay.

References
----------
The SoX Resampler library, https://sourceforge.net/projects/soxr: soxr.h, recipe SOXR_HQ, 20 bits.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr


def resample(samples: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """Resample mono sound in memory.

    Parameters
    ----------
    samples : np.ndarray of shape (n,), float32
    sample_rate, target_rate : int
        Hz, of `samples` and of the result.

    Returns
    -------
    np.ndarray of shape (ceil(n * target_rate / sample_rate),), float32
        `samples` themselves if the rates are the same.
    """
    if sample_rate == target_rate:
        return samples
    return np.concatenate(list(resample_blocks([samples], sample_rate, target_rate)))


def resample_blocks(blocks: Iterable[np.ndarray], sample_rate: int, target_rate: int) -> Iterator[np.ndarray]:
    """Resample mono sound that comes in blocks.

    Parameters
    ----------
    blocks : iterable of np.ndarray of shape (any,), float32
        n samples together, all finite.
    sample_rate, target_rate : int
        Hz, of `blocks` and of the result.

    Yields
    ------
    np.ndarray of shape (any,), float32
        ceil(n * target_rate / sample_rate) samples together; the same ones for any sizes of blocks.
    """
    resampler = soxr.ResampleStream(sample_rate, target_rate, 1, dtype="float32", quality="HQ")
    n_read = n_given = 0
    for block in blocks:
        n_read += len(block)
        resampled = resampler.resample_chunk(np.ascontiguousarray(block, dtype=np.float32))
        n_given += len(resampled)
        yield resampled
    # soxr rounds the length: zeros that last as long as one sample of the result bring it to the next whole number.
    zeros = np.zeros(-(-sample_rate // target_rate), np.float32)
    yield resampler.resample_chunk(zeros, last=True)[: -(-n_read * target_rate // sample_rate) - n_given]

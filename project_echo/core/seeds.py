"""Random generators from a seed and an address: results do not depend on the order of work or on other draws."""

import hashlib

import numpy as np


def generator(seed: int, *address: str | int) -> np.random.Generator:
    """Random generator for an address, for example ``generator(7, "clips/boar-01.wav", 3)``.

    The same seed and address give the same numbers in every process and with any number of workers.

    Parameters
    ----------
    seed : int
        At least 0.
    *address : str or int
        What the numbers are for. Strings enter as the first 64 bits of their SHA-256, not by Python's random hash.

    Returns
    -------
    np.random.Generator
    """
    words = [_number(part) for part in address]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def _number(part: str | int) -> int:
    if isinstance(part, int):
        return part
    return int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], "little")

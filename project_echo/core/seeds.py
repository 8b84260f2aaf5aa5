"""Randomness with an address: every draw is found again from a seed and a name, whatever the order of work."""

import hashlib

import numpy as np


def generator(seed: int, *address: str | int) -> np.random.Generator:
    """Random generator for one place in the project, e.g. ``generator(7, "clips/boar-01.wav", 3)``.

    Strings enter as the first 64 bits of their SHA-256, so the draw does not depend on Python's hash seed, on the
    order of work or on the number of workers.
    """
    words = [_number(part) for part in address]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def _number(part: str | int) -> int:
    if isinstance(part, int):
        return part
    return int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], "little")

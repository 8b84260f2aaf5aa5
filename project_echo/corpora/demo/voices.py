"""Who can call in the demo corpus, and one of them calling for a while, with its pauses."""

from typing import Protocol

import numpy as np

from project_echo.corpora.demo.frogs import CaneToad, TreeFrog
from project_echo.corpora.demo.mammals import Boar, Fox
from project_echo.corpora.demo.other_species import Dog, Owl, Songbird
from project_echo.corpora.demo.sounds import Samples, lay


class Animal(Protocol):
    """An individual that can call."""

    def call(self, generator: np.random.Generator, rate: int) -> Samples:
        """One call or series of calls, shape (n,)."""

    def pause_s(self, generator: np.random.Generator) -> float:
        """Seconds until the next."""

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Animal":
        """An individual at random."""


LABELS = ("boar", "cane_toad", "fox", "tree_frog")
NEIGHBOURS = ("owl", "songbird", "dog")  # none of the four
_KINDS: dict[str, type[Animal]] = {
    "boar": Boar,
    "cane_toad": CaneToad,
    "fox": Fox,
    "tree_frog": TreeFrog,
    "owl": Owl,
    "songbird": Songbird,
    "dog": Dog,
}


def individual(voice: str, generator: np.random.Generator) -> Animal:
    """An individual of one of LABELS or NEIGHBOURS, drawn at random."""
    return _KINDS[voice].draw(generator)


def calling(
    animal: Animal, generator: np.random.Generator, rate: int, n: int, from_s: float = 0, to_s: float = np.inf
) -> Samples:
    """A track of `n` samples (float32) in which the animal starts calls between `from_s` and `to_s`.

    The first starts within a second. A call that has begun is finished, so the last may run past `to_s`.
    """
    track = np.zeros(n, dtype=np.float32)
    at_s = from_s + generator.uniform(0, 0.8)
    while at_s < min(to_s, n / rate):
        call = animal.call(generator, rate)
        lay(track, call, int(at_s * rate))
        at_s += call.size / rate + animal.pause_s(generator)
    return track

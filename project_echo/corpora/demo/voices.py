"""Voices of the demo corpus: random individuals that call for a while, with pauses."""

from typing import ClassVar, Protocol

import numpy as np

from project_echo.corpora.demo.frogs import CaneToad, TreeFrog
from project_echo.corpora.demo.mammals import Boar, Fox
from project_echo.corpora.demo.other_species import Dog, Owl, Songbird
from project_echo.corpora.demo.sounds import Samples, add_at


class Animal(Protocol):
    """An individual that can call."""

    pause_s: ClassVar[tuple[float, float]]  # shortest and longest pause between calls

    def call(self, generator: np.random.Generator, sample_rate: int) -> Samples:
        """One call or series of calls, shape (n,)."""

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Animal":
        """Draw a random individual."""


LABELS = ("boar", "cane_toad", "fox", "tree_frog")
OTHER_SPECIES = ("owl", "songbird", "dog")  # heard, but never a label
_SPECIES: dict[str, type[Animal]] = {
    "boar": Boar,
    "cane_toad": CaneToad,
    "fox": Fox,
    "tree_frog": TreeFrog,
    "owl": Owl,
    "songbird": Songbird,
    "dog": Dog,
}


def draw_individual(voice: str, generator: np.random.Generator) -> Animal:
    """Draw a random individual of one of LABELS or OTHER_SPECIES."""
    return _SPECIES[voice].draw(generator)


def call_track(
    animal: Animal, generator: np.random.Generator, sample_rate: int, n: int, from_s: float = 0, to_s: float = np.inf
) -> Samples:
    """A track in which an animal calls for a while, with pauses.

    Parameters
    ----------
    animal : Animal
    generator : np.random.Generator
    sample_rate : int
        Hz.
    n : int
        Length of the track, samples.
    from_s, to_s : float
        The animal starts calls between these times, the first within 0.8 s. A call that has begun is finished, so the
        last may end after `to_s`.

    Returns
    -------
    np.ndarray of shape (n,), float32
    """
    return track_with_calls(animal, generator, sample_rate, n, from_s, to_s)[0]


def track_with_calls(
    animal: Animal, generator: np.random.Generator, sample_rate: int, n: int, from_s: float = 0, to_s: float = np.inf
) -> tuple[Samples, list[tuple[float, float]]]:
    """What `call_track` returns, and start and end of each call, or series of calls, in it, s."""
    track, calls = np.zeros(n, dtype=np.float32), []
    start_s = from_s + generator.uniform(0, 0.8)
    while start_s < min(to_s, n / sample_rate):
        call = animal.call(generator, sample_rate)
        start = int(start_s * sample_rate)
        add_at(track, call, start)
        sounding = start + np.flatnonzero(call)  # a boar's ends with a pause
        if sounding.size and sounding[0] < n:
            first, last = int(sounding[0]), min(int(sounding[-1]) + 1, n)
            calls.append((round(first / sample_rate, 2), round(last / sample_rate, 2)))
        start_s += call.size / sample_rate + generator.uniform(*animal.pause_s)
    return track, calls

"""Progress of long work, as it is told to the program that started it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far some work is.

    Attributes
    ----------
    fraction : float
        Of the whole, 0 to 1.
    text : str
        What is done now, for people.
    left_s : float or None
        About how many seconds are left, if that is known.
    """

    fraction: float
    text: str
    left_s: float | None = None


OnProgress = Callable[[Progress], None]  # called about once a second, from any thread

"""Progress of long work, as it is told to the program that started it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Progress of a long-running function.

    Attributes
    ----------
    fraction : float
        Of the whole, 0 to 1.
    text : str
        The current step, as text for users.
    left_s : float or None
        About how many seconds are left, if known.
    """

    fraction: float
    text: str
    left_s: float | None = None


OnProgress = Callable[[Progress], None]  # called about once a second, from any thread

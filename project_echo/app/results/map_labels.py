"""Placing names beside the circles of a map so that none overlaps another."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

CHARACTER = 7.6  # px, rather too wide than too narrow
HEIGHT = 15.0  # px, of a line
GAP = 3.0
LONGEST = 24  # characters


class Box(NamedTuple):
    """A rectangle, px from the left and top."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether two boxes have an area in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def contains(self, other: "Box") -> bool:
        """Whether a box lies within this one."""
        inside = self.left <= other.left and other.right <= self.right
        return inside and self.top <= other.top and other.bottom <= self.bottom


def place_names(
    x: np.ndarray, y: np.ndarray, radii: np.ndarray, names: Sequence[str], bounds: Box, taken: Sequence[Box] = ()
) -> Iterator[tuple[str, float, float]]:
    """Place names right, left, above or below of their circles, where they cover neither a circle nor another name.

    Parameters
    ----------
    x, y, radii : np.ndarray of shape (n,)
        Circles, px, the most important first.
    names : sequence of str
        Of the circles; long ones are shortened.
    bounds : Box
        Names stay within.
    taken : sequence of Box
        Where there is other text.

    Yields
    ------
    (str, float, float)
        A name as it fits, and the left end of its base line, px. A name without room is left out.
    """
    circles = [Box(a - r, b - r, a + r, b + r) for a, b, r in zip(x, y, radii, strict=True)]
    texts = [*taken]
    for index, name in enumerate(names):
        text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
        others = [*circles[:index], *circles[index + 1 :], *texts]
        for box in _candidates(circles[index], CHARACTER * len(text)):
            if bounds.contains(box) and not any(box.overlaps(other) for other in others):
                texts.append(box)
                yield text, box.left, box.bottom - 4
                break


def _candidates(circle: Box, width: float) -> Iterator[Box]:
    """Boxes for a name beside a circle, the best one first."""
    x, y = (circle.left + circle.right) / 2, (circle.top + circle.bottom) / 2
    middle = y - HEIGHT / 2
    for left, top in (
        (circle.right + GAP, middle),
        (circle.left - GAP - width, middle),
        (x - width / 2, circle.top - GAP - HEIGHT),
        (x - width / 2, circle.bottom + GAP),
    ):
        yield Box(left, top, left + width, top + HEIGHT)

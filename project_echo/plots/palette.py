"""Colors and line styles of labels, the same in all figures and pages, which color-blind readers can tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from project_echo.core.labels import NONE, animal_labels

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
GRAY = "#B0B0B0"

# Lengths of strokes and gaps in line widths, as Matplotlib and SVG take them; the first is solid.
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 1.5), (1, 1.5), (5, 1.5, 1, 1.5), (5, 1.5, 1, 1.5, 1, 1.5))
HATCHES = ("", "////", "....", "xxxx", "----")  # of Matplotlib


@dataclass(frozen=True)
class LabelStyle:
    """How a label is drawn.

    Attributes
    ----------
    color : str
        Hexadecimal.
    dashes : tuple of float
        Of its lines: lengths of strokes and gaps in line widths; empty for a solid line.
    hatch : str
        Of its areas, for Matplotlib; empty for none.
    """

    color: str
    dashes: tuple[float, ...] = ()
    hatch: str = ""


def label_styles(labels: Sequence[str]) -> dict[str, LabelStyle]:
    """The color, dashes and hatch of each label, by alphabetical order; `none` is gray.

    Parameters
    ----------
    labels : sequence of str
        All labels of the classifier, in any order. From the ninth animal on, colors repeat with other dashes and
        hatches; from the 41st on, all of them repeat.

    Returns
    -------
    dict of str to LabelStyle
        By label, and always one for `none`.

    References
    ----------
    Okabe & Ito, "Color Universal Design", 2008.
    """
    styles = {NONE: LabelStyle(GRAY)}
    for index, label in enumerate(animal_labels(sorted(labels))):
        turn = index // len(PALETTE) % len(DASHES)
        styles[label] = LabelStyle(PALETTE[index % len(PALETTE)], DASHES[turn], HATCHES[turn])
    return styles


def label_colors(labels: Sequence[str]) -> dict[str, str]:
    """The color of each label (`label_styles`), hexadecimal, and always one for `none`."""
    return {label: style.color for label, style in label_styles(labels).items()}

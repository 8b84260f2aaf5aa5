"""Colors of labels, the same in all figures and pages, which color-blind readers can tell apart."""

from collections.abc import Sequence

from project_echo.core.labels import NONE, animal_labels

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
GRAY = "#B0B0B0"


def label_colors(labels: Sequence[str]) -> dict[str, str]:
    """The color of each label, by alphabetical order; `none` is gray.

    Parameters
    ----------
    labels : sequence of str
        All labels of the classifier, in any order. From the ninth animal on, colors repeat.

    Returns
    -------
    dict of str to str
        Hexadecimal colors by label, and always one for `none`.

    References
    ----------
    Okabe & Ito, "Color Universal Design", 2008.
    """
    animals = animal_labels(sorted(labels))
    return {NONE: GRAY} | {label: PALETTE[index % len(PALETTE)] for index, label in enumerate(animals)}

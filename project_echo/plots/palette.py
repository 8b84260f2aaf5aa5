"""Colours of labels, the same in all figures and pages, which colour-blind readers can tell apart."""

from collections.abc import Sequence

from project_echo.core.labels import NONE, animal_labels

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
GREY = "#B0B0B0"


def colours(labels: Sequence[str]) -> dict[str, str]:
    """The colour of each label, by alphabetical order; `none` is grey.

    Parameters
    ----------
    labels : sequence of str
        All labels of the classifier, in any order. From the ninth animal on, colours repeat.

    Returns
    -------
    dict of str to str
        Hexadecimal colours by label, and always one for `none`.

    References
    ----------
    Okabe & Ito, "Color Universal Design", 2008.
    """
    animals = animal_labels(sorted(labels))
    return {NONE: GREY} | {label: PALETTE[index % len(PALETTE)] for index, label in enumerate(animals)}

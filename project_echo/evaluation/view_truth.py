"""Whether views of clips hold each animal, which may be unknown: from their slices, and as text in tables.

Training learns from some of these slices (`datasets.views`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.datasets.views import NO, UNKNOWN, YES


def truth_of_views(slices: np.ndarray) -> np.ndarray:
    """Whether views hold each animal: YES if any of their slices does, else UNKNOWN if any may, else NO.

    Parameters
    ----------
    slices : np.ndarray of int8, shape (views, slices, animals)
        YES, NO or UNKNOWN.

    Returns
    -------
    np.ndarray of int8, shape (views, animals)
    """
    held, unknown = ((slices == value).any(axis=1) for value in (YES, UNKNOWN))
    return np.where(held, YES, np.where(unknown, UNKNOWN, NO)).astype(np.int8)


def join_truth(truth: np.ndarray, animals: Sequence[str]) -> list[str]:
    """What views hold, as text: "boar/fox" both, "boar//fox" a boar and perhaps a fox, "//fox" perhaps a fox.

    No label has a slash in it, as labels are names of folders.

    Parameters
    ----------
    truth : np.ndarray of int, shape (views, animals)
        YES, NO or UNKNOWN.
    animals : sequence of str

    Returns
    -------
    list of str
        Of each view; empty if it holds none.
    """
    held, unknown = (
        ["/".join(np.array(animals)[row]) for row in truth == value]  # in the order of the animals
        for value in (YES, UNKNOWN)
    )
    return [f"{of_view}//{perhaps}" if perhaps else of_view for of_view, perhaps in zip(held, unknown, strict=True)]


def split_truth(texts: pd.Series, animals: Sequence[str]) -> np.ndarray:
    """What views hold, from the text of `join_truth`: YES, NO or UNKNOWN, int8, shape (views, animals)."""
    codes, unique = pd.factorize(texts)
    truth = np.full((len(unique), len(animals)), NO, np.int8)
    for row, text in zip(truth, unique, strict=True):
        held, _, perhaps = text.partition("//")
        row[np.isin(animals, perhaps.split("/"))] = UNKNOWN
        row[np.isin(animals, held.split("/"))] = YES
    return truth[codes]

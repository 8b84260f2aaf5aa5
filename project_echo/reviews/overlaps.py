"""Reviewed background that is not: an animal of another event is heard in it."""

import numpy as np
import pandas as pd

from project_echo.media.excerpt import CONTEXT_S
from project_echo.reviews import placement
from project_echo.reviews.placement import CorpusContents


def holds_animal(decided: pd.DataFrame, others: pd.DataFrame, contents: CorpusContents) -> np.ndarray:
    """Find background whose sound holds an animal of another event, as events of different labels may overlap.

    Parameters
    ----------
    decided : pd.DataFrame
        Decided events: recording, start_s, end_s and truth.
    others : pd.DataFrame
        Events of earlier reviews that stay as they are, with the same columns.
    contents : CorpusContents
        What the corpus contains without the files of earlier reviews.

    Returns
    -------
    np.ndarray of shape (decided events,), bool
        Whether the event is background, but an animal is heard within it or within CONTEXT_S, which its sound has too.
    """
    times: dict[str, list[tuple[float, float]]] = {}
    for table in (decided, others):
        for event in table.itertuples():
            if event.truth and not placement.is_background(str(event.truth), contents):
                times.setdefault(str(event.recording), []).append((event.start_s, event.end_s))
    found = np.zeros(len(decided), bool)
    for row, event in enumerate(decided.itertuples()):
        if placement.is_background(str(event.truth), contents):
            start_s, end_s = np.array(times.get(str(event.recording), []), float).reshape(-1, 2).T
            found[row] = np.any((start_s < event.end_s + CONTEXT_S) & (end_s > event.start_s - CONTEXT_S))
    return found

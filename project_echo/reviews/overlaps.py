"""Reviewed background that is not, or may not be: another event is heard in it, or is not decided yet."""

import numpy as np
import pandas as pd

from project_echo.media.excerpt import CONTEXT_S
from project_echo.reviews import clips, exchange, ledger
from project_echo.reviews.placement import CorpusContents


def is_background(events: pd.DataFrame, contents: CorpusContents) -> np.ndarray:
    """Whether each event has labels, but no animal among them, shape (events,), bool."""
    return np.array([bool(truth) and not clips.animals(str(truth), contents) for truth in events["truth"]], bool)


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
    animal = [
        table[[bool(clips.animals(str(truth), contents)) for truth in table["truth"]]] for table in (decided, others)
    ]
    return is_background(decided, contents) & _overlaps(decided, pd.concat(animal), CONTEXT_S)


def is_pending(
    decided: pd.DataFrame, events: pd.DataFrame, known: pd.DataFrame, contents: CorpusContents
) -> np.ndarray:
    """Find background in which an event of another label has no answer: its animal may be heard there.

    Parameters
    ----------
    decided : pd.DataFrame
        Decided events: ledger.KEY and truth.
    events : pd.DataFrame
        All events of the review, exchange.COLUMNS.
    known : pd.DataFrame
        Events of this review and earlier ones that were decided and not skipped: ledger.KEY.
    contents : CorpusContents
        What the corpus contains without the files of earlier reviews.

    Returns
    -------
    np.ndarray of shape (decided events,), bool
    """
    keys = ledger.keys(events, exchange.KEY_COLUMNS)
    open_events = events[~keys.isin(set(ledger.keys(known)))]
    return is_background(decided, contents) & _overlaps(decided, open_events, 0.0)


def _overlaps(events: pd.DataFrame, others: pd.DataFrame, margin_s: float) -> np.ndarray:
    """Whether one of `others` overlaps each event, lengthened by a margin on both sides, shape (events,), bool."""
    if others.empty:
        return np.zeros(len(events), bool)
    times = {name: rows[["start_s", "end_s"]].to_numpy(float) for name, rows in others.groupby("recording")}
    found = np.zeros(len(events), bool)
    for row, event in enumerate(events.itertuples()):
        start_s, end_s = times.get(event.recording, np.empty((0, 2))).T
        found[row] = np.any((start_s < event.end_s + margin_s) & (end_s > event.start_s - margin_s))
    return found

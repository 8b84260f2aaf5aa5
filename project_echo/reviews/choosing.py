"""The choice of a threshold on reviewed events, and its interval."""

import math

import numpy as np
import pandas as pd
from scipy import sparse

from project_echo.core.seeds import generator
from project_echo.evaluation.bootstrap import percentile_interval, resample_sources

MIN_EVENTS = 10  # reviewed events at or above a threshold, as on the page of a review
REPLICATES = 500  # of the interval of a threshold
SEED = 1
REACHED = 1e-9  # tolerance of a precision: 0.9 * 10 may be more than 9


def events_needed(precision: float) -> int:
    """Reviewed events at or above a threshold that tell whether it has a precision: one of them may be wrong."""
    return max(MIN_EVENTS, math.ceil(1 / (1 - precision) - REACHED))


def choosing_half(names: pd.Series, confidence: pd.Series) -> np.ndarray:
    """Whether each row is of the half of the recordings that chooses, whatever the order of rows.

    Recordings are taken in pairs of similar highest confidence, so that both halves have as many sure events; of each
    pair, chance assigns one to either half. Answers have no part in it.

    Parameters
    ----------
    names : pd.Series of str
        The recording, or site, of each row.
    confidence : pd.Series of float

    Returns
    -------
    np.ndarray of bool, shape (rows,)
    """
    highest = confidence.groupby(names.to_numpy()).max()
    ranked = sorted(highest.index, key=lambda name: (-highest[name], name))
    chosen = []
    for pair in (ranked[start : start + 2] for start in range(0, len(ranked), 2)):
        chosen.append(pair[generator(SEED, "half", *pair).integers(len(pair))])
    return names.isin(chosen).to_numpy()


def lowest_thresholds(
    drawn: np.ndarray,
    clusters: np.ndarray,
    confidence: np.ndarray,
    correct: np.ndarray,
    precision: float,
) -> np.ndarray:
    """The lowest threshold in each replicate at which events reach a precision.

    Parameters
    ----------
    drawn : np.ndarray of shape (replicates, clusters)
        How often each cluster counts.
    clusters : np.ndarray of int, shape (events,)
        The cluster of each event.
    confidence, correct : np.ndarray of shape (events,)
    precision : float

    Returns
    -------
    np.ndarray of shape (replicates,)
        One of the confidences; NaN where none reaches the precision with `events_needed`.
    """
    n_events, n_correct, descending = _counts(drawn, clusters, confidence, correct)
    occurs = np.diff(n_events, axis=1, prepend=0) > 0
    reaches = occurs & (n_events >= events_needed(precision)) & (n_correct >= precision * n_events - REACHED)
    last = len(descending) - 1 - reaches[:, ::-1].argmax(axis=1)
    return np.where(reaches.any(axis=1), descending[last], np.nan)


def lowest_threshold(confidence: np.ndarray, correct: np.ndarray, precision: float) -> float:
    """The lowest threshold at which all events reach a precision; NaN if there is none."""
    together = np.zeros(len(confidence), int)
    return float(lowest_thresholds(np.ones((1, 1)), together, confidence, correct, precision)[0])


def highest_precision(confidence: np.ndarray, correct: np.ndarray, least_events: int) -> float:
    """The highest precision of events at or above any threshold that at least so many reach."""
    n_events, n_correct, _ = _counts(np.ones((1, 1)), np.zeros(len(confidence), int), confidence, correct)
    return float((n_correct / n_events)[n_events >= least_events].max())


def _counts(
    drawn: np.ndarray, clusters: np.ndarray, confidence: np.ndarray, correct: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events, and correct ones, at or above each confidence, shape (replicates, confidences); these, descending."""
    negative, positions = np.unique(-confidence, return_inverse=True)
    shape = drawn.shape[1], len(negative)
    totals = (
        np.cumsum(drawn @ sparse.coo_array((weight, (clusters, positions)), shape).tocsr(), axis=1)
        for weight in (np.ones(len(correct)), correct.astype(float))
    )
    n_events, n_correct = totals
    return n_events, n_correct, -negative


def threshold_interval(
    value: float, names: np.ndarray, confidence: np.ndarray, correct: np.ndarray, precision: float
) -> tuple[float, float]:
    """95% bootstrap interval of a threshold: the wider end of resampling names (of recordings), and events.

    The events alone, as a few recordings would seem to be without any doubt; the recordings, as their events are not
    independent. A replicate in which no threshold reaches the precision counts as 1.
    """
    named = np.unique(names, return_inverse=True)[1]
    order = np.lexsort((correct, confidence, named))  # the same draws whatever the order of events
    confidence, correct = confidence[order], correct[order]
    ends = [(value, value)]
    for clusters in (named[order], np.arange(len(named))):
        drawn = resample_sources(np.zeros(clusters.max() + 1, int), SEED)[:REPLICATES]
        replicates = lowest_thresholds(drawn, clusters, confidence, correct, precision)
        ends.append(percentile_interval(np.where(np.isnan(replicates), 1.0, replicates)))
    return min(low for low, _ in ends), max(high for _, high in ends)

"""The choice of a threshold on reviewed events, and its interval."""

import math

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from project_echo.core.seeds import generator
from project_echo.evaluation.bootstrap import percentile_interval, resample_sources

MIN_EVENTS = 10  # reviewed events that a threshold is chosen on, as on the page of a review
SURENESS = 0.8  # share of cases in which fresh events reach the precision
REPLICATES = 500
SEED = 1
REACHED = 1e-9  # tolerance of a precision, for the rounding of sums
NEAREST = 1e-3  # confidences closer to 0 or 1 count as this far from them: their log-odds would outweigh all others
PRIOR_SLOPE, PRIOR_INTERCEPT = 1.0, 0.01  # precision of normal priors: that confidences are right but for a shift
FIRST_STEPS, STEPS = 15, 6  # of Newton's method; replicates begin at the fit to all events
LONGEST_STEP = 2.0


def events_needed(precision: float) -> int:
    """Reviewed events that tell whether a threshold has a precision: one of them may be wrong."""
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


def choose_threshold(
    names: np.ndarray, confidence: np.ndarray, correct: np.ndarray, precision: float
) -> tuple[float, float, float]:
    """The lowest threshold at which fresh events reach a precision in SURENESS of all cases, and its interval.

    The share of correct events at each confidence is a logistic regression on its log-odds, so that a threshold rests
    on all events and not only on those above it: of 10 events above a threshold, luck alone decides whether 9 are
    right. It is fitted to bootstrap replicates, of names (of recordings), as their events are not independent, and of
    events, as a few recordings would seem to be without any doubt; the higher threshold of both counts. The events at
    or above it have the precision themselves, whatever the regression says.

    Parameters
    ----------
    names : np.ndarray of str, shape (events,)
        The recording, or site, of each event.
    confidence : np.ndarray of shape (events,)
    correct : np.ndarray of bool, shape (events,)
    precision : float

    Returns
    -------
    value, low, high : float
        The threshold, one of the confidences, and the 95% interval of that at which events have the precision: the
        wider ends of both bootstraps, where a replicate that has none counts as 1. NaN if there is no threshold.

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", 1999. Davison & Hinkley, "Bootstrap methods and their
    application", 1997.
    """
    named = np.unique(names, return_inverse=True)[1]
    order = np.lexsort((correct, named, -confidence))  # the same draws whatever the order of events
    named, confidence, correct = named[order], confidence[order], correct[order]
    values, lows, highs = [], [], []
    for clusters in (named, np.arange(len(named))):
        drawn = resample_sources(np.zeros(clusters.max() + 1, int), SEED)[:REPLICATES]
        replicates = lowest_thresholds(drawn[:, clusters], confidence, correct, precision)
        values.append(float(np.quantile(np.nan_to_num(replicates, nan=np.inf), SURENESS, method="higher")))
        low, high = percentile_interval(np.nan_to_num(replicates, nan=1.0))
        lows.append(low)
        highs.append(high)
    observed = np.cumsum(correct) >= precision * np.arange(1, len(correct) + 1) - REACHED
    is_last = np.append(np.diff(confidence) < 0, True)  # of equal confidences all events count
    reaching = confidence[(confidence >= max(values)) & observed & is_last]
    if not len(reaching):
        return math.nan, math.nan, math.nan
    value = float(reaching.min())
    return value, min(*lows, value), max(*highs, value)


def lowest_thresholds(weights: np.ndarray, confidence: np.ndarray, correct: np.ndarray, precision: float) -> np.ndarray:
    """The lowest threshold in each replicate at which events reach a precision by its logistic regression.

    Parameters
    ----------
    weights : np.ndarray of shape (replicates, events)
        How often each event counts in the fit.
    confidence : np.ndarray of shape (events,)
        Descending.
    correct : np.ndarray of bool, shape (events,)
    precision : float

    Returns
    -------
    np.ndarray of shape (replicates,)
        One of the confidences; NaN where no threshold reaches the precision.
    """
    log_odds = logit(np.clip(confidence, NEAREST, 1 - NEAREST))
    start = _fit(np.ones((1, len(correct))), log_odds, correct, np.array([[0.0], [1.0]]), FIRST_STEPS)
    intercept, slope = _fit(weights, log_odds, correct, start, STEPS)
    probability = expit(intercept[:, np.newaxis] + slope[:, np.newaxis] * log_odds)
    reached = np.cumsum(probability, axis=1) / np.arange(1, len(correct) + 1) >= precision - REACHED
    last = len(confidence) - 1 - reached[:, ::-1].argmax(axis=1)
    return np.where(reached.any(axis=1), confidence[last], np.nan)


def _fit(weights: np.ndarray, log_odds: np.ndarray, correct: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """Intercept and slope of each replicate, shape (2, replicates), by Newton's method."""
    intercept, slope = np.broadcast_to(start, (2, len(weights)))
    for _ in range(steps):
        probability = expit(intercept[:, np.newaxis] + slope[:, np.newaxis] * log_odds)
        residual, curvature = weights * (correct - probability), weights * probability * (1 - probability)
        of_intercept = residual.sum(axis=1) - PRIOR_INTERCEPT * intercept
        of_slope = residual @ log_odds - PRIOR_SLOPE * (slope - 1)
        both, mixed = curvature.sum(axis=1) + PRIOR_INTERCEPT, curvature @ log_odds
        square = curvature @ log_odds**2 + PRIOR_SLOPE
        determinant = both * square - mixed**2
        step = (square * of_intercept - mixed * of_slope) / determinant
        intercept = intercept + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        step = (both * of_slope - mixed * of_intercept) / determinant
        slope = slope + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
    return np.stack([intercept, slope])


def highest_precision(confidence: np.ndarray, correct: np.ndarray, least_events: int) -> float:
    """The highest precision of events at or above any threshold that at least so many reach."""
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    is_last = np.append(np.diff(confidence[order]) < 0, True)
    return float(shares[is_last & (np.arange(1, len(order) + 1) >= least_events)].max())

"""Shrinkage of calibration and threshold towards defaults where few sources stand behind them, and their bounds."""

import numpy as np
from scipy.special import expit, logit

from project_echo.core.text import count

# Sources that the default of an estimate counts as: with as many, the estimate lies halfway. Chosen on the first half
# of benchmarks/shrinkage.py (corpora of 6 to 13 sources a label of ESC-50, heads of earlier code), where more than 20
# gain little: the log loss of clips of other sources falls from 0.17 to 0.12 and their false positive rate from 0.08 to
# 0.03 (target 0.05). On the second half they fall from 0.67 to 0.29 and from 0.12 to 0.06. 94% to 100% of animals are
# detected before, 97% to 100% after.
PSEUDO_SOURCES = 20

THRESHOLD = 0.5  # of the probability of an animal: it is there as probably as not
THRESHOLDS = (0.1, 0.9)  # lowest and highest for few sources: odds of 9 to 1 against an animal, and for it
LIMITS = (0.001, 0.999)  # of estimates of the threshold: beyond them probabilities say little but that they are extreme


def shrink(estimate: float, default: float, n_sources: int, pseudo_sources: int = PSEUDO_SOURCES) -> float:
    """Mean of an estimate and its default, in which the default counts as `pseudo_sources` sources.

    Parameters
    ----------
    estimate, default : float
    n_sources : int
        That the estimate rests on. Clips and draws that share a source are not independent: sources count.
    pseudo_sources : int

    Returns
    -------
    float
    """
    return default + (estimate - default) * n_sources / (n_sources + pseudo_sources)


def threshold_bounds(n_sources: int) -> tuple[float, float]:
    """The lowest and the highest threshold that so many sources without the label justify.

    THRESHOLDS up to PSEUDO_SOURCES; with more, their logits grow in proportion: odds of 9 to 1 for 20 sources, of 81
    to 1 for 40, up to LIMITS.
    """
    low, high = np.clip(expit(logit(THRESHOLDS) * max(1, n_sources / PSEUDO_SOURCES)), *LIMITS)
    return float(low), float(high)


def shrink_threshold(threshold: float, n_sources: int, pseudo_sources: int = PSEUDO_SOURCES) -> float:
    """A threshold whose logit is shrunk towards that of THRESHOLD, then kept within its bounds.

    A share of 5% cannot be read from fewer than 20 sources: the threshold would be their extreme. It is
    bounded after it is shrunk: bounds before would give all estimates beyond them the same threshold, whatever false
    positive rate was asked for.
    """
    estimate = float(logit(np.clip(threshold, *LIMITS)))
    shrunk = expit(shrink(estimate, logit(THRESHOLD), n_sources, pseudo_sources))
    return float(np.clip(shrunk, *threshold_bounds(n_sources)))


def calibration_note(n_sources: int) -> str:
    """A sentence if defaults count for more than what was estimated from so many sources, else empty."""
    if n_sources >= PSEUDO_SOURCES:
        return ""
    return (
        f"There are too few sources ({count(n_sources, 'source')}) to estimate calibration and thresholds: below "
        f"{PSEUDO_SOURCES} the defaults count for more than the recordings."
    )

"""Bounds of temperature and threshold, and their shrinkage towards defaults where few sources stand behind them."""

import numpy as np
from scipy.special import expit, logit

from project_echo.core.text import count

# Sources that the default of an estimate counts as: with as many, the estimate lies halfway. Chosen on the first half
# of benchmarks/shrinkage.py (corpora of 6 to 13 sources a label of ESC-50), where more than 20 gain little: the log
# loss of clips of other sources falls from 0.51 to 0.27 and their false positive rate from 0.105 to 0.055 (target
# 0.05). On the second half they fall from 0.14 to 0.11 and from 0.075 to 0.001. 96% to 100% of animals are detected
# before and after.
PSEUDO_SOURCES = 20

TEMPERATURE = 1.0  # leaves probabilities as they are
TEMPERATURES = (0.5, 5.0)  # lowest and highest: odds are squared at most
THRESHOLD = 0.5  # of the probability of any animal: an animal is as probable as background
THRESHOLDS = (0.1, 0.9)  # lowest and highest: nothing is named against odds of more than 9 to 1, or needs better ones


def shrink(estimate: float, default: float, n_sources: int) -> float:
    """Mean of an estimate and its default, in which the default counts as PSEUDO_SOURCES sources.

    Parameters
    ----------
    estimate, default : float
    n_sources : int
        That the estimate rests on. Clips and draws that share a source are not independent: sources count.

    Returns
    -------
    float
    """
    return default + (estimate - default) * n_sources / (n_sources + PSEUDO_SOURCES)


def shrink_temperature(temperature: float, n_sources: int) -> float:
    """A temperature within TEMPERATURES, its logarithm shrunk towards that of TEMPERATURE.

    Clips that are told apart perfectly ask for a temperature of 0, however few they are.
    """
    bounded = float(np.log(np.clip(temperature, *TEMPERATURES)))
    return float(np.exp(shrink(bounded, np.log(TEMPERATURE), n_sources)))


def shrink_threshold(threshold: float, n_sources: int) -> float:
    """A threshold within THRESHOLDS, its logit shrunk towards that of THRESHOLD.

    A share of 5% cannot be read from fewer than 20 sources of background: the threshold would be their extreme.
    """
    bounded = float(logit(np.clip(threshold, *THRESHOLDS)))
    return float(expit(shrink(bounded, logit(THRESHOLD), n_sources)))


def too_few_sources(n_sources: int, n_background: int | None) -> str:
    """A sentence, if a default counts for more than what was estimated.

    Parameters
    ----------
    n_sources : int
        That the temperature rests on.
    n_background : int or None
        Sources of background that the threshold rests on; None without a threshold.

    Returns
    -------
    str
        Empty if both rest on at least PSEUDO_SOURCES.
    """
    few = []
    if n_sources < PSEUDO_SOURCES:
        few.append(f"the temperature ({count(n_sources, 'source')}; default {TEMPERATURE:g})")
    if n_background is not None and n_background < PSEUDO_SOURCES:
        few.append(f"the rejection threshold ({count(n_background, 'source')} of background; default {THRESHOLD:g})")
    if not few:
        return ""
    return (
        f"There are too few sources to estimate {' and '.join(few)}: below {PSEUDO_SOURCES} sources the default counts "
        "for more than the recordings."
    )

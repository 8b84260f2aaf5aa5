"""Calibration and thresholds of a classifier, from the validation windows of all draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import animal_labels
from project_echo.datasets.views import NO, UNKNOWN, YES
from project_echo.evaluation.bootstrap import percentile_interval, resample_sources
from project_echo.evaluation.predictions import SOURCES, complete_rows
from project_echo.evaluation.view_truth import split_truth
from project_echo.models.calibration import Calibration, fit, uncalibrated
from project_echo.models.card import DECIMALS, Threshold
from project_echo.models.rejection import threshold_for_false_positive_rate
from project_echo.models.shrinkage import shrink_threshold

THRESHOLD_REPLICATES = 200
HALF = Threshold(0.5, 0.5, 0.5)  # of the dense head of a single animal: above it the animal is the more probable output


@dataclass(frozen=True)
class Decision:
    """Calibration and thresholds of a classifier, and how many sources they rest on.

    Attributes
    ----------
    calibration : Calibration
    thresholds : tuple of Threshold, optional
        Of each animal; None for the dense head of several animals, which rejects nothing.
    sources : int
        Sources of the validation clips, background included, that they rest on.
    """

    calibration: Calibration
    thresholds: tuple[Threshold, ...] | None
    sources: int


def calibrate(
    predictions: pd.DataFrame,
    labels: list[str],
    false_positive_rate: float,
    tested_sources: set[str],
    head: str,
    intervals: bool = False,
) -> Decision:
    """Fit calibration and thresholds on the validation windows of all draws, shrunk towards defaults (`shrinkage`).

    They are fitted on clips and on their copies, which hold calls in background. The threshold of a label is that which
    a share of the windows without it reaches, those of other animals included. What a window holds is known from where
    training knows it (`datasets.views`); windows that may hold a label are left out of what is fitted for it.

    Clips of the tested sources, and copies that hold something of them, are left out, though heads of other draws have
    learned from some of them.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
    false_positive_rate : float
        The share of windows without a label that may be taken for it.
    tested_sources : set of str
        Sources that the classifier is going to be tested on.
    head : {"logistic", "dense"}
    intervals : bool
        Whether to compute the intervals of the thresholds, which takes longer; else they are the thresholds themselves.

    Returns
    -------
    Decision

    Raises
    ------
    EchoError
        If no validation clips are left, or none known to be without a label.
    """
    is_tested = predictions[list(SOURCES)].isin(tested_sources).any(axis=1)
    validation = complete_rows(predictions[~is_tested], "validation")
    if validation.empty:
        raise EchoError(
            "there is no validation clip of other sources than the tested ones. Raise crossval.draws in params.yaml, "
            "or add sources."
        )
    sources, names = pd.factorize(validation["source"], sort=True)  # numbers: the distinct ones are found fast
    n_sources = len(names)
    animals = animal_labels(labels)
    if head == "dense":
        return dense_decision(len(animals), n_sources)
    truth = split_truth(validation["truth"], animals)
    scores = validation[animals].to_numpy()
    without = truth == NO
    if not without.any(axis=0).all():
        only = animals[int(without.any(axis=0).argmin())]
        raise EchoError(
            f"all validation clips from sources outside the test part hold {only}, or may hold it, so none tells how "
            "often other sounds are taken for it. Raise crossval.draws in params.yaml, or add sources of other labels "
            "or of background."
        )
    calibration = fit(scores, truth == YES, sources, known=truth != UNKNOWN)
    probabilities = calibration.probabilities(scores)
    thresholds = tuple(
        fit_threshold(of_label[is_without], sources[is_without], false_positive_rate, intervals)
        for of_label, is_without in zip(probabilities.T, without.T, strict=True)
    )
    return Decision(calibration, thresholds, n_sources)


def dense_decision(n_animals: int, n_sources: int) -> Decision:
    """What is decided with the dense head, whatever it predicts: its probabilities add up to 1 and nothing is rejected.

    If there is one animal, they are of it and of background.
    """
    return Decision(uncalibrated(n_animals), (HALF,) if n_animals == 1 else None, n_sources)


def fit_threshold(
    negatives: np.ndarray, sources: np.ndarray, false_positive_rate: float, interval: bool = True
) -> Threshold:
    """The threshold of a label, shrunk by the sources that it rests on, with its 95% bootstrap interval over sources.

    Parameters
    ----------
    negatives : np.ndarray of shape (windows,)
        Probabilities of the label in windows that do not hold it.
    sources : np.ndarray of shape (windows,)
    false_positive_rate : float
    interval : bool
        Without, it is the threshold itself.

    Returns
    -------
    Threshold
    """
    names, codes = np.unique(sources, return_inverse=True)
    value = threshold_for_false_positive_rate(negatives, false_positive_rate)
    if not interval:
        return Threshold(*[round(shrink_threshold(value, len(names)), DECIMALS)] * 3)
    order = np.argsort(-negatives, kind="stable")
    drawn = resample_sources(np.zeros(len(names), int), seed=1)[:THRESHOLD_REPLICATES][:, codes[order]]
    reached = np.cumsum(drawn, axis=1) > false_positive_rate * drawn.sum(axis=1, keepdims=True)
    replicates = negatives[order][reached.argmax(axis=1)]
    low, high = percentile_interval(replicates)
    shrunk = (shrink_threshold(estimate, len(names)) for estimate in (value, low, high))
    return Threshold(*(round(estimate, DECIMALS) for estimate in shrunk))

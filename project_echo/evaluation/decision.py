"""Calibration and threshold of a classifier, from the validation windows of all draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, animal_labels
from project_echo.evaluation.predictions import complete_rows
from project_echo.models import rejection
from project_echo.models.calibration import Calibration, fit, uncalibrated
from project_echo.models.shrinkage import shrink_threshold


@dataclass(frozen=True)
class Decision:
    """Calibration and threshold of a classifier, and how many sources they rest on.

    Attributes
    ----------
    calibration : Calibration
    threshold : float or None
        Of the probability of an animal, below which the label is `none`; None without background.
    sources : int
        Sources of the validation clips, background included, that the calibration rests on.
    background_sources : int or None
        Those of background, that the threshold rests on; None without background.
    """

    calibration: Calibration
    threshold: float | None
    sources: int
    background_sources: int | None


def calibrate(
    predictions: pd.DataFrame, labels: list[str], false_positive_rate: float, tested_sources: set[str], head: str
) -> Decision:
    """Fit calibration and threshold on the validation windows of all draws, shrunk towards defaults (`shrinkage`).

    The calibration is fitted on clips and on their copies, calls in background among them; the threshold on clips of
    background and their copies.

    Clips of the tested sources are left out, though heads of other draws have learned from some of them.

    Parameters
    ----------
    predictions : pd.DataFrame
        The table of predictions (`evaluation.predictions`).
    labels : list of str
    false_positive_rate : float
        The share of background clips that the threshold lets through, at most.
    tested_sources : set of str
        Sources that the classifier is going to be tested on.
    head : {"logistic", "dense"}

    Returns
    -------
    Decision

    Raises
    ------
    EchoError
        If no validation clips are left.
    """
    validation = complete_rows(predictions[~predictions["source"].isin(tested_sources)], "validation")
    background = validation[validation["label"] == NONE]
    if validation.empty or (NONE in labels and background.empty):
        missing = "validation clip of background" if len(validation) else "validation clip"
        raise EchoError(
            f"crossval has no {missing} from sources outside the test part. Raise crossval.draws "
            "in params.yaml, or add sources."
        )
    sources = validation["source"].nunique()
    animals = animal_labels(labels)
    if head == "logistic":
        holds = [(validation["label"] == animal) | (validation["second"] == animal) for animal in animals]
        truth = np.stack([of_label.to_numpy() for of_label in holds], axis=1)
        calibration = fit(validation[animals].to_numpy(), truth, validation["source"].to_numpy())
    else:  # the probabilities of the dense head add up to 1
        calibration = uncalibrated(len(animals))
    if NONE not in labels:
        return Decision(calibration, None, sources, None)
    of_animals = calibration.probabilities(background[animals].to_numpy())
    threshold = rejection.threshold_for_false_positive_rate(of_animals.max(axis=1), false_positive_rate)
    background_sources = background["source"].nunique()
    return Decision(calibration, shrink_threshold(threshold, background_sources), sources, background_sources)

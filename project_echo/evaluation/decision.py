"""Temperature and threshold of a classifier, from the validation clips of all draws."""

from dataclasses import dataclass

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.predictions import any_animal_probability, complete_rows
from project_echo.models import calibration, rejection, shrinkage


@dataclass(frozen=True)
class Decision:
    """Temperature and threshold of a classifier, and how many sources they rest on.

    Attributes
    ----------
    temperature : float
    threshold : float or None
        Of the probability of any animal, below which the label is `none`; None without background.
    sources : int
        Sources of the validation clips, background included, that the temperature rests on.
    background_sources : int or None
        Those of background, that the threshold rests on; None without background.
    """

    temperature: float
    threshold: float | None
    sources: int
    background_sources: int | None


def calibrate(
    predictions: pd.DataFrame, labels: list[str], false_positive_rate: float, tested_sources: set[str]
) -> Decision:
    """Fit temperature and threshold on the validation clips of all draws, shrunk towards defaults (`shrinkage`).

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
    targets = validation["label"].map(labels.index).to_numpy()
    sources = validation["source"].nunique()
    fitted = calibration.fit_temperature(validation[labels].to_numpy(), targets)
    temperature = shrinkage.shrink_temperature(fitted, sources)
    if NONE not in labels:
        return Decision(temperature, None, sources, None)
    probabilities = any_animal_probability(background, labels, temperature)
    threshold = rejection.threshold_for_false_positive_rate(probabilities, false_positive_rate)
    background_sources = background["source"].nunique()
    return Decision(temperature, shrinkage.shrink_threshold(threshold, background_sources), sources, background_sources)

"""Temperature and threshold of a classifier, from the validation clips of all draws."""

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.evaluation.predictions import any_animal_probability, complete_rows
from project_echo.models import calibration, rejection


def calibrate(
    predictions: pd.DataFrame, labels: list[str], false_positive_rate: float, tested_sources: set[str]
) -> tuple[float, float | None]:
    """Fit temperature and threshold on the validation clips of all draws.

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
    temperature : float
    threshold : float or None
        Of the probability of any animal, below which the label is `none`; None without background.

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
    temperature = calibration.fit_temperature(validation[labels].to_numpy(), targets)
    if NONE not in labels:
        return temperature, None
    probabilities = any_animal_probability(background, labels, temperature)
    return temperature, rejection.threshold_for_false_positive_rate(probabilities, false_positive_rate)

"""Classification metrics: accuracy, macro F1, per-class scores, confusion, rejection."""

import math
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core.labels import NONE

NORMAL_QUANTILE = 1.959963984540054  # 97.5% of a standard normal distribution lie below


def classification_metrics(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """Metrics of predicted labels, as metrics/evaluate.json holds them.

    Parameters
    ----------
    truth, prediction : np.ndarray of str, shape (clips,)
    labels : list of str

    Returns
    -------
    dict
        `clips`, `accuracy` (`wilson_ci`), `macro_f1`, `most_confused`, `per_class`.
    """
    scores = per_class(truth, prediction, labels)
    return {
        "clips": len(truth),
        "accuracy": wilson_ci(truth == prediction),
        "macro_f1": float(scores["f1"].mean()),
        "most_confused": most_confused(truth, prediction, labels),
        "per_class": scores.set_index("label").to_dict("index"),
    }


def rejection_rates(truth: pd.Series, prediction: pd.Series) -> dict[str, Any]:
    """How well background is rejected.

    Parameters
    ----------
    truth, prediction : pd.Series of str
        Labels, `none` among them.

    Returns
    -------
    dict
        `detection_rate`: share of clips of animals that are not rejected. `correct_detection_rate`: share of them that
        get their own label. `background_clips`: number of background clips. `false_positive_rate`: share of these that
        are taken for an animal (`wilson_ci`).
    """
    background, detected = truth == NONE, prediction != NONE
    return {
        "detection_rate": float(detected[~background].mean()),
        "correct_detection_rate": float((prediction == truth)[~background].mean()),
        "background_clips": int(background.sum()),
        "false_positive_rate": wilson_ci(detected[background].to_numpy()),
    }


def wilson_ci(hits: np.ndarray) -> dict[str, float]:
    """Proportion with Wilson's 95% confidence interval.

    Parameters
    ----------
    hits : np.ndarray of bool, shape (n,)
        Trials, which count as independent: for several clips of a source the interval is too narrow.

    Returns
    -------
    dict
        `value`, `low`, `high`.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22, 1927.
    """
    n, proportion, square = len(hits), float(hits.mean()), NORMAL_QUANTILE**2
    center = (proportion + square / (2 * n)) / (1 + square / n)
    half = NORMAL_QUANTILE / (1 + square / n) * math.sqrt(proportion * (1 - proportion) / n + square / (4 * n**2))
    low = 0.0 if proportion == 0 else center - half  # the formula gives 0 and 1, but for rounding
    high = 1.0 if proportion == 1 else center + half
    return {"value": proportion, "low": low, "high": high}


def per_class(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """Precision, recall, F1 and support of each label.

    Parameters
    ----------
    truth, prediction : np.ndarray of str, shape (clips,)
    labels : list of str

    Returns
    -------
    pd.DataFrame
        Columns label, precision, recall, f1, support; 0 where a label was never predicted, or has no clips.
    """
    is_true, is_predicted = (column == np.array(labels)[:, np.newaxis] for column in (truth, prediction))
    hits, support, predicted = (of.sum(axis=1) for of in (is_true & is_predicted, is_true, is_predicted))
    return pd.DataFrame(
        {
            "label": labels,
            "precision": hits / np.maximum(predicted, 1),
            "recall": hits / np.maximum(support, 1),
            "f1": 2 * hits / np.maximum(support + predicted, 1),
            "support": support,
        }
    )


def confusion(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> np.ndarray:
    """Confusion matrix of counts, shape (labels, labels): rows are the truth, columns the prediction."""
    is_true, is_predicted = ((column == np.array(labels)[:, np.newaxis]).astype(int) for column in (truth, prediction))
    counts: np.ndarray = is_true @ is_predicted.T
    return counts


def most_confused(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """The two labels that are confused most often, in either direction.

    Parameters
    ----------
    truth, prediction : np.ndarray of str, shape (clips,)
    labels : list of str

    Returns
    -------
    dict
        `pair`: list of the two labels, or None if nothing was confused. `errors`: how often they were confused.
    """
    counts = confusion(truth, prediction, labels)
    pairs = np.triu(counts + counts.T, k=1)
    first, second = np.unravel_index(np.argmax(pairs), pairs.shape)
    errors = int(pairs[first, second])
    return {"pair": [labels[first], labels[second]] if errors else None, "errors": errors}

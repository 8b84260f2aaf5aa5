"""Classification metrics: accuracy, macro F1, per-class scores, confusion, rejection."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from project_echo.core.labels import NONE


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
    return {
        "clips": len(truth),
        "accuracy": wilson_ci(truth == prediction),
        "macro_f1": float(f1_score(truth, prediction, labels=labels, average="macro", zero_division=0)),
        "most_confused": most_confused(truth, prediction, labels),
        "per_class": per_class(truth, prediction, labels).set_index("label").to_dict("index"),
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
    interval = binomtest(int(hits.sum()), len(hits)).proportion_ci(0.95, method="wilson")
    return {"value": float(hits.mean()), "low": float(interval.low), "high": float(interval.high)}


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
    scores = precision_recall_fscore_support(truth, prediction, labels=labels, zero_division=0)
    precision, recall, f1, support = (np.asarray(column) for column in scores)
    return pd.DataFrame(
        {"label": labels, "precision": precision, "recall": recall, "f1": f1, "support": support.astype(int)}
    )


def confusion(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> np.ndarray:
    """Confusion matrix of counts, shape (labels, labels): rows are the truth, columns the prediction."""
    counts: np.ndarray = confusion_matrix(truth, prediction, labels=labels)
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

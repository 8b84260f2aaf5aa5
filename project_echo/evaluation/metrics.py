"""How good the predictions are."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from project_echo.core.labels import NONE

NOTHING = "none"  # what stands for the most confused pair where nothing was confused


def score(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """Scores of predicted labels against true ones, both of shape (clips,), as metrics/evaluate.json holds them.

    `wilson_95` is Wilson's interval of the accuracy (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927), which takes clips as
    independent: with several clips of one source it is too narrow.
    """
    n, right = len(truth), int((truth == prediction).sum())
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return {
        "clips": n,
        "accuracy": right / n,
        "wilson_95": {"low": float(interval.low), "high": float(interval.high)},
        "macro_f1": float(f1_score(truth, prediction, labels=labels, average="macro", zero_division=0)),
        "most_confused": most_confused(truth, prediction, labels),
        "per_class": per_class(truth, prediction, labels).set_index("label").to_dict("index"),
    }


def rejected(truth: pd.Series, answer: pd.Series) -> dict[str, Any]:
    """How rejection fares: labels with ``none`` of clips, true ones and given ones.

    `animals_named` is the share of animals' clips that are not rejected, `animals_named_rightly` of those that are
    named what they are, `false_alarms` the share of background clips that are named.
    """
    background, named = truth == NONE, answer != NONE
    return {
        "animals_named": float(named[~background].mean()),
        "animals_named_rightly": float((answer == truth)[~background].mean()),
        "background_clips": int(background.sum()),
        "false_alarms": float(named[background].mean()),
    }


def per_class(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """Precision, recall, F1 and support of each label; 0 where nothing was predicted or nothing is there."""
    found = precision_recall_fscore_support(truth, prediction, labels=labels, zero_division=0)
    precision, recall, f1, support = (np.asarray(column) for column in found)
    return pd.DataFrame(
        {"label": labels, "precision": precision, "recall": recall, "f1": f1, "support": support.astype(int)}
    )


def confusion(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> np.ndarray:
    """Counts, shape (labels, labels): rows are the truth, columns the prediction."""
    counts: np.ndarray = confusion_matrix(truth, prediction, labels=labels)
    return counts


def most_confused(truth: np.ndarray, prediction: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """The two labels taken for one another most often, either way round, and how often; NOTHING if none were."""
    counts = confusion(truth, prediction, labels)
    pairs = np.triu(counts + counts.T, k=1)
    first, second = np.unravel_index(np.argmax(pairs), pairs.shape)
    errors = int(pairs[first, second])
    return {"pair": f"{labels[first]} / {labels[second]}" if errors else NOTHING, "errors": errors}

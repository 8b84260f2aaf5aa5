"""Windows over a recording, and from them to one answer."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from project_echo.features import melspectrogram
from project_echo.models import rejection
from project_echo.models.classifier import Classifier

WINDOW = ["start_s", "end_s"]
ANSWER = ["label", "confidence", "runner_up", "runner_up_confidence", "windows", "stability", "longest_run"]
ANSWER += ["truth", "verdict"]


def screen(blocks: Iterable[np.ndarray], classifier: Classifier, hop_seconds: float) -> np.ndarray:
    """Probabilities of every window of a recording, shape (windows, labels), float32.

    `blocks` are its samples at the classifier's sample rate, each of shape (n,): only one of them, and less than a
    window of those before, is in memory. The windows are those of features.window_starts.
    """
    features = classifier.features
    step = melspectrogram.window_step(features, hop_seconds)
    found = []
    held: np.ndarray = np.zeros(0, np.float32)
    passed = 0  # what is left of the blocks before, and what windows step over
    for block in blocks:
        held = np.concatenate([held, block[passed:]])
        passed = max(0, passed - len(block))
        if len(held) >= features.window_samples:
            starts = melspectrogram.window_starts(len(held), features, hop_seconds)
            found.append(classifier.predict(melspectrogram.window_images(held, starts, features)))
            next_one = (starts[-1] + step) * features.hop_length
            held, passed = held[next_one:], max(0, next_one - len(held))
    if not found:  # shorter than a window
        found.append(classifier.predict(melspectrogram.window_images(held, np.zeros(1, int), features)))
    return np.concatenate(found)


def table(probabilities: np.ndarray, classifier: Classifier, hop_seconds: float) -> pd.DataFrame:
    """Windows as a table: start_s, end_s, and a column of probabilities, shape (windows, labels), per label."""
    features = classifier.features
    frames = np.arange(len(probabilities)) * melspectrogram.window_step(features, hop_seconds)
    start_s = frames * features.hop_length / features.sample_rate
    windows = pd.DataFrame({"start_s": start_s, "end_s": start_s + features.window_s})
    return windows.join(pd.DataFrame(probabilities, columns=list(classifier.labels)))


def summarise(probabilities: pd.DataFrame, threshold: float | None, truth: str = "") -> dict[str, Any]:
    """One recording's answer from its windows' probabilities, a row per window and a column per label.

    The mean over windows is decided as a clip is (rejection.decide) and gives label and confidence; the runner-up is
    the most probable of the other labels. A threshold below one half names an animal while ``none`` may be more
    probable; it was chosen for single clips and stands for the mean of windows as well. `stability` is the share of
    windows whose own answer agrees, `longest_run` the most of them in a row. `verdict` is right or wrong, and empty
    where the truth is not known.
    """
    values, labels = probabilities.to_numpy(), list(probabilities.columns)
    mean = values.mean(axis=0)
    label = str(rejection.decide(mean[np.newaxis], labels, threshold)[0])
    others = [other for other in np.argsort(-mean, kind="stable") if labels[other] != label]
    agree = rejection.decide(values, labels, threshold) == label
    return {
        "label": label,
        "confidence": float(mean[labels.index(label)]),
        "runner_up": labels[others[0]],
        "runner_up_confidence": float(mean[others[0]]),
        "windows": len(values),
        "stability": float(agree.mean()),
        "longest_run": longest_run(agree),
        "truth": truth,
        "verdict": ("right" if label == truth else "wrong") if truth else "",
    }


def longest_run(agree: np.ndarray) -> int:
    """Length of the longest run of True in a row of booleans."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], agree, [False]]).astype(int)))
    return int((ends[1::2] - ends[::2]).max(initial=0))


def count(answers: pd.DataFrame) -> dict[str, Any]:
    """How many recordings of known truth were named rightly, as metrics/infer.json holds it."""
    return {
        "recordings": len(answers),
        "known": int((answers["verdict"] != "").sum()),
        "right": int((answers["verdict"] == "right").sum()),
        "mean_confidence": float(answers["confidence"].mean()) if len(answers) else 0.0,
    }

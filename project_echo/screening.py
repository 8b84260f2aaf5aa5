"""Windows over a recording, and from them to one answer."""

from typing import Any

import numpy as np
import pandas as pd

from project_echo import features, rejection
from project_echo.classifier import Classifier

WINDOW = ["start_s", "end_s"]
BLOCK = 64  # windows whose images are in memory at once
ANSWER = ["label", "confidence", "runner_up", "runner_up_confidence", "windows", "stability", "longest_run"]
ANSWER += ["truth", "verdict"]


def screen(samples: np.ndarray, classifier: Classifier, hop_seconds: float) -> pd.DataFrame:
    """Probabilities of every window of a recording: start_s, end_s, and a column per label.

    `samples` has shape (n,), at the classifier's sample rate.
    """
    image = classifier.features
    starts = features.window_starts(len(samples), image, hop_seconds)
    start_s = starts * image.hop_length / image.sample_rate
    windows = pd.DataFrame({"start_s": start_s, "end_s": start_s + image.seconds})
    probabilities = []
    for block in np.split(starts, range(BLOCK, len(starts), BLOCK)):
        stretch = samples[block[0] * image.hop_length : block[-1] * image.hop_length + image.samples]
        probabilities.append(classifier.predict(features.window_images(stretch, block - block[0], image)))
    return windows.join(pd.DataFrame(np.concatenate(probabilities), columns=list(classifier.labels)))


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

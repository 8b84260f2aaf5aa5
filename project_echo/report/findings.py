"""Findings in sentences made from the metrics: what is confused, how sure the results are, which run is better."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import count, join_words
from project_echo.report.accuracies import headline_accuracy
from project_echo.report.phrases import share, share_range


def highest_and_lowest(values: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Find the labels with the highest and the lowest value.

    Parameters
    ----------
    values : mapping of str to float
        A value for each label.

    Returns
    -------
    highest, lowest : list of str
        Display names; several if values are equal.
    """
    highest, lowest = (
        [display_name(label) for label, value in values.items() if math.isclose(value, extreme)]
        for extreme in (max(values.values()), min(values.values()))
    )
    return highest, lowest


def confusions(crossval: dict[str, Any]) -> list[str]:
    """Sentences on what becomes of 100 clips, the easiest and hardest label, the confused pair and background.

    Parameters
    ----------
    crossval : dict
        metrics/crossval.json.

    Returns
    -------
    list of str
    """
    confused, rejection = crossval["most_confused"], crossval.get("rejection")
    sentences = [_of_a_hundred(rejection)] if rejection else []
    sentences.append(_recall(crossval["recall"]))
    if confused["pair"]:
        pair = join_words([display_name(label) for label in confused["pair"]])
        sentences.append(
            f"It then mixes up {pair} most: in {share(confused['rate'])} of their clips it takes one for the other."
        )
    else:
        sentences.append("It then never takes one label for another.")
    if rejection:
        rate = rejection["false_positive_rate"]
        sentences.append(
            f"Of clips with none of the animals, it takes {share(rate['value'])} for one of them (95% interval "
            f"{share_range(rate)})."
        )
    return sentences


def _of_a_hundred(rejection: dict[str, Any]) -> str:
    """What becomes of 100 clips of animals; the parts add up, as each is a difference of rounded numbers."""
    noticed, right = (round(100 * rejection[rate]) for rate in ("detection_rate", "correct_detection_rate"))
    return (
        f"Of 100 clips of animals, {right} get the right name, {noticed - right} a wrong one, and {100 - noticed} "
        f"none, because it was not sure enough of any."
    )


def _recall(recall: dict[str, float]) -> str:
    best, worst = max(recall.values()), min(recall.values())
    if math.isclose(best, worst):
        return f"If it has to pick one, it is right in {share(best)} of the clips of each."
    strong, weak = highest_and_lowest({"other sounds" if label == NONE else label: recall[label] for label in recall})
    return (
        f"If it has to pick one, it is right most often for {join_words(strong)} ({share(best)}) and least often for "
        f"{join_words(weak)} ({share(worst)})."
    )


def certainty(crossval: dict[str, Any], evaluate: dict[str, Any], curve: pd.DataFrame) -> list[str]:
    """Sentences on how far the accuracy can be trusted.

    Parameters
    ----------
    crossval, evaluate : dict
        metrics/crossval.json and metrics/evaluate.json.
    curve : pd.DataFrame
        Learning curve: columns train (sources per label), accuracy.

    Returns
    -------
    list of str
    """
    accuracy, tested, clips = headline_accuracy(crossval), headline_accuracy(evaluate), tested_clips(evaluate)
    sentences = [
        f"The classifier that is kept was tested on {count(clips, 'clip')} and named {round(tested['value'] * clips)} "
        f"of them correctly. With so few, the true share may be anything from {share_range(tested)}.",
        f"So the test was repeated {count(crossval['draws'], 'time')}, each time with other sources to learn from and "
        f"to be tested on. The mean is {share(accuracy['value'])}; with other sources it would "
        f"probably lie between {share_range(accuracy).replace(' to ', ' and ')} (95% interval).",
    ]
    if len(curve) > 1:
        first, last = curve.iloc[0], curve.iloc[-1]
        sentences.append(
            f"Having to pick one animal, it is right in {share(first['accuracy'])} of clips after learning from "
            f"{count(int(first['train']), 'source')} of each, and in {share(last['accuracy'])} after learning from "
            f"{count(int(last['train']), 'source')}."
        )
    if calibration := crossval.get("calibration"):
        error = calibration["expected_calibration_error"]["after"]
        sentences.append(
            f"Its probabilities can be taken at their word within {100 * error:.0f} percentage points: where it says "
            f"70%, it is right about 70% of the time."
            if error < 0.1
            else f"Its probabilities are off by {100 * error:.0f} percentage points on average; they rank sounds, but "
            f"should not be taken at their word."
        )
    return sentences


def tested_clips(evaluate: dict[str, Any]) -> int:
    """Number of clips that `headline_accuracy` is of: decisions by thresholds are scored on animals alone."""
    background = evaluate.get("per_class", {}).get(NONE, {}).get("support", 0) if evaluate.get("decided") else 0
    return int(evaluate["clips"] - background)


def unseen_recordings(metrics: dict[str, Any]) -> str:
    """Sentence on how many unseen recordings with a known label are named correctly.

    Parameters
    ----------
    metrics : dict
        metrics/infer.json.

    Returns
    -------
    str
    """
    recordings, known = metrics["recordings"], metrics["with_truth"]
    if not recordings:
        return "There are no unseen recordings."
    if not known:
        return f"It screened {count(recordings, 'recording')} whose animals nobody has noted."
    return f"It named {metrics['correct']} of {count(known, 'recording')} correctly that it had never heard."

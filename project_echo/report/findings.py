"""Findings and limitations in sentences made from the metrics."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import count, join_words, percent
from project_echo.report.accuracies import headline_accuracy, study_accuracy

WIDE_INTERVAL = 0.1  # an accuracy whose interval is wider needs more sources
HIGH_FALSE_POSITIVE_RATE = 0.2  # on a kind of held-out background: worth a warning
FEW_SOURCES = 10  # a label with fewer is named


def points(difference: float, sign: str = "") -> str:
    """A difference of two shares: 3.1 percentage points."""
    return f"{100 * difference:{sign}.1f} percentage points"


def confidence_interval(bounds: Mapping[str, float]) -> str:
    """The 95% confidence interval of a share, `low` to `high`, in percent."""
    return f"95% confidence interval {percent(bounds['low'])} to {percent(bounds['high'])}"


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


def findings(crossval: dict[str, Any]) -> list[str]:
    """Sentences on accuracy, the best and worst label, confusions and background.

    Parameters
    ----------
    crossval : dict
        metrics/crossval.json.

    Returns
    -------
    list of str
    """
    accuracy, confused = headline_accuracy(crossval), crossval["most_confused"]
    clips = "clips of animals" if crossval.get("decided") else "clips"
    sentences = [
        f"{percent(accuracy['value'])} of {clips} from sources that the classifier was not trained on are correctly "
        f"classified ({confidence_interval(accuracy)}), over {count(crossval['draws'], 'draw')} of "
        f"{count(crossval['sources'], 'source')}."
    ]
    if crossval.get("decided"):
        study = crossval["accuracy"]
        sentences.append(
            f"Clips in which no label reaches its threshold count as wrong there. If the most probable label is taken "
            f"whatever the thresholds, {study_accuracy(crossval['recall'])} is {percent(study['value'])} "
            f"({confidence_interval(study)})."
        )
    sentences.append(_recall(crossval["recall"]))
    if confused["pair"]:
        pair = join_words([display_name(label) for label in confused["pair"]])
        sentences.append(
            f"Most confused: {pair}, in {count(confused['errors'], 'prediction')} ({percent(confused['rate'])} of "
            f"their clips)."
        )
    else:
        sentences.append("No two labels were confused in any draw.")
    if rejection := crossval.get("rejection"):
        rate = rejection["false_positive_rate"]
        sentences.append(
            f"The false positive rate on background is {percent(rate['value'])} ({confidence_interval(rate)}), the "
            f"detection rate of animals {percent(rejection['detection_rate'])}."
        )
    return sentences


def _recall(recall: dict[str, float]) -> str:
    best, worst = max(recall.values()), min(recall.values())
    if math.isclose(best, worst):
        return f"The right label is equally often the most probable one in the clips of each: {percent(best)}."
    strong, weak = highest_and_lowest(recall)
    return (
        f"The right label is most often the most probable one in clips of {join_words(strong)} ({percent(best)}), "
        f"least often in clips of {join_words(weak)} ({percent(worst)})."
    )


def improvement(before: str, after: str, difference: dict[str, Any], measure: str = "accuracy") -> str:
    """Whether one experiment is better than another.

    Parameters
    ----------
    before, after : str
        Names of the experiments.
    difference : dict
        What `crossval.paired_difference` returns, with at least one draw.
    measure : str
        Name of its accuracy (`study_accuracy`).

    Returns
    -------
    str
        "Better" and "worse" only if the confidence interval of the difference in accuracy excludes 0.
    """
    change = difference["accuracy"]
    earlier, later = display_name(before), display_name(after)
    if change["low"] > 0:
        verdict = f"{later.capitalize()} is better than {earlier}"
    elif change["high"] < 0:
        verdict = f"{later.capitalize()} is worse than {earlier}"
    else:
        verdict = f"It is unclear whether {later} is better than {earlier}"
    return (
        f"{verdict} on the same {count(difference['draws'], 'draw')} of sources: {measure} {change['before']:.3f} and "
        f"{change['after']:.3f}, difference {change['value']:+.3f} (95% confidence interval {change['low']:+.3f} to "
        f"{change['high']:+.3f})."
    )


def limitations(
    crossval: dict[str, Any],
    evaluate: dict[str, Any],
    curve: pd.DataFrame,
    sources: dict[str, int],
    skipped: int,
    synthetic: bool,
) -> list[str]:
    """Sentences on what limits the results, each only if the numbers show it.

    Parameters
    ----------
    crossval, evaluate : dict
        metrics/crossval.json and metrics/evaluate.json.
    curve : pd.DataFrame
        Learning curve: columns train (sources per label), accuracy, low.
    sources : dict
        Number of sources by label.
    skipped : int
        Number of recordings that could not be used.
    synthetic : bool
        Whether the recordings are those of the demo corpus.

    Returns
    -------
    list of str
    """
    sentences = []
    if synthetic:
        sentences.append(
            "The recordings are synthetic, made by this project: accuracy on them says nothing about performance on "
            "real recordings."
        )
    accuracy, tested = headline_accuracy(crossval), headline_accuracy(evaluate)
    width = accuracy["high"] - accuracy["low"]
    if width > WIDE_INTERVAL:
        sentences.append(
            f"The 95% confidence interval of accuracy is {points(width)} wide: more sources would narrow it."
        )
    if tested["high"] - tested["low"] > WIDE_INTERVAL:
        sentences.append(
            f"The saved classifier was tested on {count(_clips(evaluate), 'clip')} only: accuracy "
            f"{percent(tested['value'])}, {confidence_interval(tested)} if clips are independent."
        )
    if note := evaluate.get("calibration", {}).get("note"):
        sentences.append(note)
    few = [f"{display_name(label)} ({number})" for label, number in sources.items() if number < FEW_SOURCES]
    if few:
        sentences.append(f"There are few sources of {join_words(few)}.")
    sentences += _learning_curve(curve)
    sentences += _background(crossval)
    if skipped:
        sentences.append(f"{count(skipped, 'recording')} could not be used (reasons in data/audio/skipped.csv).")
    return sentences


def _learning_curve(curve: pd.DataFrame) -> list[str]:
    if len(curve) < 2:
        return []
    previous, last = curve.iloc[-2], curve.iloc[-1]
    gain = points(last["accuracy"] - previous["accuracy"], "+")
    steps = f"from {previous['train']:.0f} to {last['train']:.0f} training sources per label"
    if previous["accuracy"] < last["low"]:
        return [f"Accuracy still rises {steps} ({gain}): more recordings would help."]
    return [f"It is unclear whether more recordings would help: accuracy changes by {gain} {steps}."]


def _clips(evaluate: dict[str, Any]) -> int:
    """Number of clips that `headline_accuracy` is of: decisions by thresholds are scored on animals alone."""
    background = evaluate.get("per_class", {}).get(NONE, {}).get("support", 0) if evaluate.get("decided") else 0
    return int(evaluate["clips"] - background)


def _background(crossval: dict[str, Any]) -> list[str]:
    rejection = crossval.get("rejection")
    if not rejection and crossval.get("decided"):
        return ["The corpus has no background: how often other sounds are taken for an animal is not known."]
    if not rejection:
        return ["The classifier was trained without background: it takes every sound for one of the animals."]
    kinds = rejection.get("held_out_background", {})
    rates = {kind: scores["false_positive_rate"]["value"] for kind, scores in kinds.items()}
    high = sorted((kind for kind in rates if rates[kind] > HIGH_FALSE_POSITIVE_RATE), key=lambda kind: -rates[kind])
    if not high:
        return []
    listed_kinds = join_words([f"{display_name(kind)} ({percent(rates[kind], 0)})" for kind in high])
    return [
        f"The false positive rate on held-out background (kinds that the classifier was not trained on) is high for "
        f"{listed_kinds}."
    ]


def unseen_recordings(metrics: dict[str, Any]) -> str:
    """Sentence on how many unseen recordings with a known label are correctly classified.

    Parameters
    ----------
    metrics : dict
        metrics/infer.json.

    Returns
    -------
    str
    """
    if not metrics["recordings"]:
        return "There are no unseen recordings."
    if not metrics["with_truth"]:
        return f"{count(metrics['recordings'], 'unseen recording')} screened; their true labels are not known."
    return (
        f"Unseen recordings with a known label: {metrics['correct']} of {metrics['with_truth']} correctly classified."
    )

"""Findings in sentences made from the metrics: what is confused, how sure the results are, which run is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import count, join_words, percent
from project_echo.report.accuracies import headline_accuracy
from project_echo.report.phrases import share, share_between, share_range
from project_echo.report.ranking import Bounds, Ranking, rank

RANGES = ((0.5, 0.9), (0.9, 1.0))  # of probabilities that are high enough to matter
EDGE = 1e-9  # ends of bins are rounded


@dataclass(frozen=True)
class Probabilities:
    """What probabilities in a range were worth.

    Attributes
    ----------
    low, high : float
        Of the range.
    pairs : int
        Of a clip and a label, over all draws.
    probability : float
        Their mean.
    there : float
        Share of them where the label was there.
    """

    low: float
    high: float
    pairs: int
    probability: float
    there: float


def high_probabilities(bins: pd.DataFrame) -> list[Probabilities]:
    """How often a label is there that has a probability of RANGES, after calibration.

    The average error over all pairs says little about these: most pairs have a probability near 0.

    Parameters
    ----------
    bins : pd.DataFrame
        plots/crossval/reliability.csv: columns from, to, clips (pairs), confidence, accuracy, scaling.

    Returns
    -------
    list of Probabilities
        For each range with pairs.
    """
    calibrated = bins[(bins["scaling"] == "after") & (bins["clips"] > 0)]
    found = []
    for low, high in RANGES:
        rows = calibrated[(calibrated["from"] >= low - EDGE) & (calibrated["to"] <= high + EDGE)]
        if pairs := int(rows["clips"].sum()):
            mean = {name: float((rows[name] * rows["clips"]).sum()) / pairs for name in ("confidence", "accuracy")}
            found.append(Probabilities(low, high, pairs, mean["confidence"], mean["accuracy"]))
    return found


def confusions(crossval: dict[str, Any], by_label: Mapping[str, Bounds]) -> list[str]:
    """Sentences on what becomes of 100 clips, the easiest and hardest label, the confused pair and background.

    Parameters
    ----------
    crossval : dict
        metrics/crossval.json.
    by_label : mapping of str to mapping
        Share of the clips of each label of which it is the most probable one: value, low, high.

    Returns
    -------
    list of str
    """
    rejection = crossval.get("rejection")
    sentences = [_of_a_hundred(rejection)] if rejection else []
    if ranking := rank(by_label):
        sentences.append(_recall(ranking))
    sentences.append(_confused(crossval["most_confused"], list(by_label)))
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


def _recall(ranking: Ranking) -> str:
    if ranking.equal:
        return f"If it has to pick one label, it is right in {share(ranking.most['value'])} of the clips of each."
    if not ranking.apart:
        shares = share_range({"low": ranking.least["value"], "high": ranking.most["value"]})
        return (
            f"If it has to pick one label, it is right in {shares} of the clips, depending on the label. Which label "
            f"is hardest is not known, as the 95% intervals overlap."
        )
    return (
        f"If it has to pick one label, it is right more often for {join_words(ranking.highest)} "
        f"({share(ranking.most['value'])}) than for {join_words(ranking.lowest)} ({share(ranking.least['value'])})."
    )


def _confused(confused: dict[str, Any], labels: list[str]) -> str:
    if not confused["pair"]:
        return "It then never takes one label for another."
    rate = share(confused["rate"])
    if NONE in confused["pair"]:
        animal = display_name(next(label for label in confused["pair"] if label != NONE))
        return f"It then takes {animal} for other sounds, or other sounds for {animal}, in {rate} of the clips."
    pair = join_words([display_name(label) for label in confused["pair"]])
    most = " most" if len(labels) > 2 else ""
    return f"It then mixes up {pair}{most}: in {rate} of their clips it takes one for the other."


def certainty(crossval: dict[str, Any], evaluate: dict[str, Any], curve: pd.DataFrame, bins: pd.DataFrame) -> list[str]:
    """Sentences on how far the accuracy and the probabilities can be trusted.

    Parameters
    ----------
    crossval, evaluate : dict
        metrics/crossval.json and metrics/evaluate.json.
    curve : pd.DataFrame
        Learning curve: columns train (sources per label), accuracy.
    bins : pd.DataFrame
        As for `high_probabilities`.

    Returns
    -------
    list of str
    """
    accuracy, tested, clips = headline_accuracy(crossval), headline_accuracy(evaluate), tested_clips(evaluate)
    sentences = [
        f"The classifier that is kept was tested on {count(clips, 'clip')} and was right about "
        f"{round(tested['value'] * clips)} of them (95% interval of the true share: {share_range(tested)}).",
        f"The test was also repeated {count(crossval['draws'], 'time')}, each time with other sources to learn from "
        f"and to be tested on. The mean is {share(accuracy['value'])}; with other sources it would probably lie "
        f"{share_between(accuracy)} (95% interval).",
    ]
    if len(curve) > 1:
        first, last = curve.iloc[0], curve.iloc[-1]
        sentences.append(
            f"Having to pick one label, it is right in {share(first['accuracy'])} of clips after learning from "
            f"{count(int(first['train']), 'source')} of each, and in {share(last['accuracy'])} after learning from "
            f"{count(int(last['train']), 'source')}."
        )
    return sentences + [_probabilities(measured) for measured in high_probabilities(bins)]


def _probabilities(measured: Probabilities) -> str:
    span = (
        f"of {percent(measured.low, 0)} or more"
        if measured.high >= 1
        else f"between {percent(measured.low, 0)} and {percent(measured.high, 0)}"
    )
    return (
        f"Where it gave a label a probability {span} ({share(measured.probability)} on average), the label was there "
        f"in {share(measured.there)} of {count(measured.pairs, 'case')} over all draws."
    )


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

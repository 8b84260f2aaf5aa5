"""What limits the results, in sentences made from the metrics."""

from typing import Any

from project_echo.core.labels import display_name
from project_echo.core.text import count, join_words
from project_echo.report.accuracies import headline_accuracy
from project_echo.report.corpus import Corpus
from project_echo.report.phrases import share

WIDE_INTERVAL = 0.1  # an accuracy whose interval is wider needs more sources
HIGH_FALSE_POSITIVE_RATE = 0.2  # on a kind of held-out background: worth a warning
FEW_SOURCES = 10  # a label with fewer is named


def limitations(crossval: dict[str, Any], evaluate: dict[str, Any], field: dict[str, Any], corpus: Corpus) -> list[str]:
    """Sentences on what limits the results, each only if the numbers show it.

    Parameters
    ----------
    crossval, evaluate, field : dict
        metrics/crossval.json, metrics/evaluate.json and metrics/field.json.
    corpus : Corpus
        The recordings.

    Returns
    -------
    list of str
    """
    sentences = []
    if corpus.origin.synthetic:
        sentences.append(
            "The recordings are synthetic: a program made them. The numbers on this page show that the method works as "
            "intended, and nothing about how it does on real animals."
        )
    accuracy = headline_accuracy(crossval)
    if (width := accuracy["high"] - accuracy["low"]) > WIDE_INTERVAL:
        sentences.append(
            f"There are few sources, so the accuracy is not known exactly: its 95% interval spans {100 * width:.0f} "
            f"percentage points."
        )
    few = [f"{amount.label} ({amount.sources})" for amount in corpus.animals if amount.sources < FEW_SOURCES]
    if few:
        sentences.append(f"Of some labels there are fewer than {FEW_SOURCES} sources: {join_words(few)}.")
    if note := evaluate.get("calibration", {}).get("note"):
        sentences.append(note)
    sentences += _background(crossval)
    if field.get("events"):
        sentences.append(
            "The long recordings were mixed from clips. Real ones also bring wind on the microphone, distance and echo."
        )
    else:
        sentences.append("How it does in long recordings, where calls are faint and overlap, was not measured.")
    if corpus.skipped:
        sentences.append(f"{count(corpus.skipped, 'recording')} could not be used (data/audio/skipped.csv says why).")
    return sentences


def kinds_taken_for_animals(crossval: dict[str, Any]) -> dict[str, float]:
    """Kinds of background that pass for an animal too often when the classifier has not learned from them.

    Parameters
    ----------
    crossval : dict
        metrics/crossval.json.

    Returns
    -------
    dict of str to float
        Display names and false positive rates above HIGH_FALSE_POSITIVE_RATE, the highest first.
    """
    kinds = (crossval.get("rejection") or {}).get("held_out_background", {})
    rates = {display_name(kind): scores["false_positive_rate"]["value"] for kind, scores in kinds.items()}
    return {
        kind: rates[kind]
        for kind in sorted(rates, key=lambda kind: (-rates[kind], kind))
        if rates[kind] > HIGH_FALSE_POSITIVE_RATE
    }


def _background(crossval: dict[str, Any]) -> list[str]:
    rejection = crossval.get("rejection")
    if not rejection and crossval.get("decided"):
        return ["The corpus has no other sounds than animals: how often those are taken for an animal is not known."]
    if not rejection:
        return ["It never learned what is not an animal, so it takes every sound for one of them."]
    high = kinds_taken_for_animals(crossval)
    if not high:
        return []
    listed = join_words([f"{kind} ({share(rate)})" for kind, rate in high.items()])
    return [
        f"Sounds of a kind that it has never met are often taken for an animal. When each kind was left out of the "
        f"training in turn, this happened in clips of {listed}."
    ]

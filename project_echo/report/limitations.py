"""What limits the results, in sentences made from the metrics."""

from collections.abc import Mapping
from typing import Any

from project_echo.core.labels import display_name
from project_echo.core.text import count, join_words
from project_echo.models.card import Reviewed
from project_echo.report.accuracies import headline_accuracy
from project_echo.report.corpus import Corpus
from project_echo.report.phrases import points, share
from project_echo.report.statement import Statement

WIDE_INTERVAL = 0.1  # an accuracy whose interval is wider needs more sources
HIGH_FALSE_POSITIVE_RATE = 0.2  # on a kind of held-out background: worth a warning
FEW_SOURCES = 10  # a label with fewer is named


def limitations(
    crossval: dict[str, Any],
    evaluate: dict[str, Any],
    field: dict[str, Any],
    corpus: Corpus,
    reviewed: Mapping[str, Reviewed],
) -> list[Statement]:
    """Sentences on what limits the results, each only if the numbers show it.

    Parameters
    ----------
    crossval, evaluate, field : dict
        metrics/crossval.json, metrics/evaluate.json and metrics/field.json.
    corpus : Corpus
        The recordings.
    reviewed : mapping of str to Reviewed
        By label, what its threshold rests on if it was chosen on reviewed events.

    Returns
    -------
    list of Statement
    """
    sentences = []
    if corpus.origin.synthetic:
        text = (
            "The recordings are synthetic: a program made them. The numbers on this page show that the method works as "
            "intended, and nothing about how it does on real animals."
        )
        sentences.append(Statement("synthetic", text))
    accuracy = headline_accuracy(crossval)
    if (width := accuracy["high"] - accuracy["low"]) > WIDE_INTERVAL:
        text = f"The accuracy is not known exactly: its 95% interval spans {points(width)} percentage points."
        sentences.append(Statement("interval", text))
    few = [f"{amount.label} ({amount.sources})" for amount in corpus.animals if amount.sources < FEW_SOURCES]
    if few:
        text = f"Of some labels there are fewer than {FEW_SOURCES} sources: {join_words(few)}."
        sentences.append(Statement("few_sources", text))
    if note := evaluate.get("calibration", {}).get("note"):
        sentences.append(Statement("calibration", note))
    if reviewed:
        labels = [f"{display_name(label)} ({count(of.events, 'event')})" for label, of in reviewed.items()]
        text = (
            f"The thresholds of the classifier that is kept were chosen on reviewed events for {join_words(labels)}. "
            f"The repeated tests and the long recordings on this page are of thresholds from calibration."
        )
        sentences.append(Statement("reviewed", text))
    sentences += [Statement("background", text) for text in _background(crossval)]
    text = "How it does in long recordings, where calls are faint and overlap, was not measured."
    if field.get("events"):
        text = (
            "The long recordings were mixed from clips. Real ones also bring wind on the microphone, distance and echo."
        )
    sentences.append(Statement("field", text))
    if corpus.skipped:
        text = f"{count(corpus.skipped, 'recording')} could not be used (data/audio/skipped.csv says why)."
        sentences.append(Statement("skipped", text))
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

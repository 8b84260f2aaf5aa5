"""What to do next, in sentences made from the metrics."""

import math
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.text import count, join_words
from project_echo.report.corpus import Corpus
from project_echo.report.findings import highest_and_lowest
from project_echo.report.limitations import FEW_SOURCES, kinds_taken_for_animals
from project_echo.report.phrases import number, share

MANY_FALSE_EVENTS = 20  # an hour


def next_steps(
    crossval: dict[str, Any], field: dict[str, Any], curve: pd.DataFrame, corpus: Corpus, screenings: int
) -> list[str]:
    """Sentences on what would help most, each only if the numbers ask for it.

    Parameters
    ----------
    crossval, field : dict
        metrics/crossval.json and metrics/field.json.
    curve : pd.DataFrame
        Learning curve: columns train (sources per label), accuracy, low.
    corpus : Corpus
        The recordings.
    screenings : int
        Number of screenings shown.

    Returns
    -------
    list of str
    """
    steps = []
    if corpus.origin.synthetic:
        steps.append("Repeat the study with real recordings: a folder for each animal is enough.")
    steps += _sources(crossval, field, corpus)
    steps += _background(crossval, field)
    steps += _learning_curve(curve)
    if not screenings:
        steps.append("Screen a few days of sound from the place in question, and listen to what it reports.")
    return steps


def _sources(crossval: dict[str, Any], field: dict[str, Any], corpus: Corpus) -> list[str]:
    """Which label needs sources: those of few, or the one that is missed most."""
    few = [f"{amount.label} ({amount.sources} now)" for amount in corpus.animals if amount.sources < FEW_SOURCES]
    if few:
        return [f"Record more sources of {join_words(few)}, at least {FEW_SOURCES} of each."]
    recalls = {
        label: scores["recall"]["value"]
        for label, scores in ((field.get("events") or {}).get("per_label") or {}).items()
        if scores["recall"]
    }
    where = "calls in long recordings" if recalls else "clips"
    recalls = recalls or {label: value for label, value in crossval["recall"].items() if label != NONE}
    if math.isclose(min(recalls.values()), max(recalls.values())):
        return []
    _, weakest = highest_and_lowest(recalls)
    missed = f"{share(1 - min(recalls.values()))} of {'its' if len(weakest) == 1 else 'their'} {where} are missed"
    return [f"Record more sources of {join_words(weakest)}: {missed}, more than of any other label."]


def _background(crossval: dict[str, Any], field: dict[str, Any]) -> list[str]:
    """Which background is missing, or gives false alarms."""
    if not crossval.get("rejection"):
        return ["Record what else is heard at the site, such as rain, engines and other animals, as background."]
    steps = []
    kinds = kinds_taken_for_animals(crossval)
    if kinds:
        listed = join_words([f"{kind} ({share(rate)})" for kind, rate in kinds.items()])
        steps.append(
            f"Record every other animal that calls at the site as background. Kinds that it has not learned from pass "
            f"for one of the animals too often: {listed}."
        )
    false_events = (field.get("events") or {}).get("false_events_per_hour")
    if false_events and false_events["value"] > MANY_FALSE_EVENTS:
        steps.append(
            f"Listen to what it reports and turn the false alarms ({number(false_events['value'])} an hour in the long "
            f"recordings) into background: project-echo review, then project-echo collect-labels."
        )
    return steps


def _learning_curve(curve: pd.DataFrame) -> list[str]:
    """Whether more sources of all labels would help, by the last step of the learning curve."""
    if len(curve) < 2:
        return []
    previous, last = curve.iloc[-2], curve.iloc[-1]
    gain = 100 * (last["accuracy"] - previous["accuracy"])
    steps = f"from {previous['train']:.0f} to {count(int(last['train']), 'source')} of each label"
    if previous["accuracy"] < last["low"]:
        return [f"Record more of everything: accuracy still rises by {gain:.0f} percentage points {steps}."]
    return [
        f"More of everything may help little: {steps}, accuracy changes by {gain:+.1f} percentage points, less than "
        f"can be told from chance."
    ]

"""What to do next, in sentences made from the metrics."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.text import count, join_words
from project_echo.report.corpus import Corpus
from project_echo.report.limitations import FEW_SOURCES, kinds_taken_for_animals
from project_echo.report.phrases import number, points, share
from project_echo.report.ranking import Bounds, rank
from project_echo.report.statement import Statement

MANY_FALSE_EVENTS = 20  # an hour


def next_steps(
    crossval: dict[str, Any],
    by_label: Mapping[str, Bounds],
    field: dict[str, Any],
    curve: pd.DataFrame,
    corpus: Corpus,
    screenings: int,
) -> list[Statement]:
    """Sentences on what would help most, each only if the numbers ask for it.

    Parameters
    ----------
    crossval, field : dict
        metrics/crossval.json and metrics/field.json.
    by_label : mapping of str to mapping
        Share of the clips of each label of which it is the most probable one: value, low, high.
    curve : pd.DataFrame
        Learning curve: columns train (sources per label), accuracy, low, high.
    corpus : Corpus
        The recordings.
    screenings : int
        Number of screenings shown.

    Returns
    -------
    list of Statement
    """
    steps = []
    if corpus.origin.synthetic:
        text = "Repeat the study with real recordings: a folder for each animal is enough."
        steps.append(Statement("synthetic", text))
    steps += _sources(by_label, field, corpus)
    steps += _background(crossval, field)
    steps += _learning_curve(curve)
    if not screenings:
        text = "Screen a few days of sound from the place in question, and listen to what it reports."
        steps.append(Statement("screening", text))
    return steps


def _sources(by_label: Mapping[str, Bounds], field: dict[str, Any], corpus: Corpus) -> list[Statement]:
    """Which label needs sources: those of few, or one of which more is missed than of another."""
    few = [f"{amount.label} ({amount.sources} now)" for amount in corpus.animals if amount.sources < FEW_SOURCES]
    if few:
        text = f"Record more sources of {join_words(few)}, at least {FEW_SOURCES} of each."
        return [Statement("few_sources", text)]
    recalls: Mapping[str, Bounds] = {
        label: scores["recall"]
        for label, scores in ((field.get("events") or {}).get("per_label") or {}).items()
        if scores["recall"]
    }
    where = "calls in long recordings" if recalls else "clips"
    ranking = rank(recalls or {label: bounds for label, bounds in by_label.items() if label != NONE})
    if not ranking or not ranking.apart:
        return []
    missed = f"{share(1 - ranking.least['value'])} of {'its' if len(ranking.lowest) == 1 else 'their'} {where}"
    text = (
        f"Record more sources of {join_words(ranking.lowest)}: it misses {missed}, but only "
        f"{share(1 - ranking.most['value'])} of those of {join_words(ranking.highest)}."
    )
    return [Statement("weakest_label", text)]


def _background(crossval: dict[str, Any], field: dict[str, Any]) -> list[Statement]:
    """Which background is missing, or gives false alarms."""
    if not crossval.get("rejection"):
        text = "Record what else is heard at the site, such as rain, engines and other animals, as background."
        return [Statement("background", text)]
    steps = []
    kinds = kinds_taken_for_animals(crossval)
    if kinds:
        listed = join_words([f"{kind} ({share(rate)})" for kind, rate in kinds.items()])
        text = (
            f"Record every other animal that calls at the site as background. Kinds that it has not learned from pass "
            f"for one of the animals too often: {listed}."
        )
        steps.append(Statement("background", text))
    false_events = (field.get("events") or {}).get("false_events_per_hour")
    if false_events and false_events["value"] > MANY_FALSE_EVENTS:
        text = (
            f"Listen to what it reports and turn the false alarms ({number(false_events['value'])} an hour in the long "
            f"recordings) into background: project-echo review, then project-echo improve, or "
            "project-echo collect-labels where you run dvc repro yourself."
        )
        steps.append(Statement("false_events", text))
    return steps


def _learning_curve(curve: pd.DataFrame) -> list[Statement]:
    """Whether more sources of all labels would help: known only if the last step of the curve is told from chance."""
    if len(curve) < 2:
        return []
    last = curve.iloc[-1]
    steps = [_step(previous, last) for _, previous in curve.iloc[:-1].iterrows()]
    if rises(curve.iloc[-2], last):
        text = f"Record more of everything: accuracy rises {steps[-1]}, so it probably still does beyond that."
        return [Statement("learning_curve", text)]
    earlier = [
        step for step, (_, previous) in zip(steps, curve.iloc[:-1].iterrows(), strict=True) if rises(previous, last)
    ]
    known = f"Accuracy rises {earlier[-1]}. " if earlier else ""
    text = (
        f"Try more sources of everything. {known}Whether it still rises at the end of the learning curve is not known: "
        f"the 95% intervals of the last step, {steps[-1]}, overlap."
    )
    return [Statement("learning_curve", text)]


def rises(previous: Mapping[str, float], last: Mapping[str, float]) -> bool:
    """Whether the interval of an accuracy, columns low and high, lies above an earlier one."""
    return bool(last["low"] > previous["high"])


def _step(previous: pd.Series, last: pd.Series) -> str:
    gain = points(last["accuracy"] - previous["accuracy"], 1, sign=True)
    sources = count(int(last["train"]), "source")
    return f"from {previous['train']:.0f} to {sources} of each label ({gain} percentage points)"

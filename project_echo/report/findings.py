"""What the numbers say, in sentences that are made of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from project_echo.core.labels import display_name

UNSURE = 0.1  # an interval that is wider asks for more sources
MISTAKEN = 0.2  # of clips of an unheard kind that are named: worth a warning
FEW = 10  # sources


def count(number: int, what: str) -> str:
    """So many of something: 1 clip, 2 clips."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def percent(share: float, digits: int = 1) -> str:
    """A share as people write it: 93.6 %."""
    return f"{100 * share:.{digits}f}\u00a0%"


def points(difference: float, sign: str = "") -> str:
    """A difference of two shares: 3.1 percentage points."""
    return f"{100 * difference:{sign}.1f} percentage points"


def interval(bounds: dict[str, float]) -> str:
    """The interval of a share, as {low, high}."""
    return f"95\u00a0% interval {percent(bounds['low'])} to {percent(bounds['high'])}"


def extremes(values: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """The labels with the highest value, and those with the lowest, as people write them; ties are told together."""
    best, worst = max(values.values()), min(values.values())
    high, low = (
        [display_name(label) for label, it in values.items() if math.isclose(it, end)] for end in (best, worst)
    )
    return high, low


def listed(words: Sequence[str]) -> str:
    """Words in a row, the last two joined by and."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 2 else words)


def findings(crossval: dict[str, Any]) -> list[str]:
    """What metrics/crossval.json says: how good, what is strong, what is confused, what is rejected."""
    accuracy = crossval["accuracy"]
    said = [
        f"Of clips of sources that it has not learned from, {percent(accuracy['mean'])} are named rightly "
        f"({interval(accuracy)}), over {count(crossval['draws'], 'draw')} of {count(crossval['sources'], 'source')}."
    ]
    recall = crossval["recall"]
    best, worst = max(recall.values()), min(recall.values())
    strong, weak = extremes(recall)
    if math.isclose(best, worst):
        said.append(f"No label is named rightly more often than another: of each, {percent(best)} of clips.")
    else:
        said.append(
            f"Most often named rightly in these draws: {listed(strong)} ({percent(best)} of clips); least often: "
            f"{listed(weak)} ({percent(worst)})."
        )
    most = crossval["most_confused"]
    if most["errors"]:
        said.append(
            f"Most confused: {display_name(most['pair'].replace(' / ', ' and '))}, in {count(most['errors'], 'answer')}, "
            f"which is {percent(most['rate'])} of those on their clips."
        )
    else:
        said.append("No two labels were confused in any draw.")
    rejection = crossval.get("rejection")
    if rejection:
        said.append(
            f"Of background, {percent(rejection['false_alarms'])} is taken for an animal "
            f"({interval(rejection['false_alarms_95'])}); of animals, {percent(rejection['animals_named'])} are not "
            f"taken for background."
        )
    return said


def improvement(before: str, after: str, difference: dict[str, Any]) -> str:
    """Whether one experiment is better than another, from crossval.difference."""
    change = difference["accuracy"]
    draws = f"on the same {count(difference['draws'], 'draw')} of sources"
    told = (
        f"accuracy {change['before']:.3f} and {change['after']:.3f}, difference "
        f"{change['after'] - change['before']:+.3f} (95\u00a0% interval {change['low']:+.3f} to {change['high']:+.3f})"
    )
    if change["low"] > 0:
        return f"{display_name(after).capitalize()} is better than {display_name(before)} {draws}: {told}."
    if change["high"] < 0:
        return f"{display_name(after).capitalize()} is worse than {display_name(before)} {draws}: {told}."
    return f"Whether {display_name(after)} is better than {display_name(before)} cannot be told {draws}: {told}."


def limitations(
    crossval: dict[str, Any],
    evaluate: dict[str, Any],
    curve: pd.DataFrame,
    sources: dict[str, int],
    skipped: int,
    synthetic: bool,
) -> list[str]:
    """What is to be borne in mind, each only where the numbers say so.

    `curve` has the columns train, accuracy and low, `sources` the number of sources of each label.
    """
    said = []
    if synthetic:
        said.append("The recordings are synthetic, made by this project: no number here speaks of a real animal.")
    accuracy = crossval["accuracy"]
    width = accuracy["high"] - accuracy["low"]
    if width > UNSURE:
        said.append(f"The 95\u00a0% interval of the accuracy is {points(width)} wide: more sources would narrow it.")
    wilson = evaluate["wilson_95"]
    if wilson["high"] - wilson["low"] > UNSURE:
        said.append(
            f"The classifier that was kept is tested on {count(evaluate['clips'], 'clip')} only: accuracy "
            f"{percent(evaluate['accuracy'])}, {interval(wilson)} if clips are independent."
        )
    few = [f"{display_name(label)} ({number})" for label, number in sources.items() if number < FEW]
    if few:
        said.append(f"Few sources of {listed(few)}.")
    if len(curve) > 1:
        last, before = curve.iloc[-1], curve.iloc[-2]
        gain = points(last["accuracy"] - before["accuracy"], "+")
        steps = f"from {before['train']:.0f} to {last['train']:.0f} training sources per label"
        if before["accuracy"] < last["low"]:
            said.append(f"Accuracy still rises {steps} ({gain}): more recordings would help.")
        else:
            said.append(f"Whether more recordings would help cannot be told: {steps} accuracy changes by {gain}.")
    said += _unheard(crossval.get("rejection"))
    if skipped:
        said.append(f"{count(skipped, 'recording')} could not be used (data/audio/skipped.csv says why).")
    return said


def _unheard(rejection: dict[str, Any] | None) -> list[str]:
    if not rejection:
        return ["It knows no background: whatever sounds is taken for one of the animals."]
    kinds = {kind: told["false_alarms"] for kind, told in rejection.get("unheard_kinds", {}).items()}
    mistaken = sorted((kind for kind in kinds if kinds[kind] > MISTAKEN), key=lambda kind: -kinds[kind])
    if not mistaken:
        return []
    told = listed([f"{display_name(kind)} ({percent(kinds[kind], 0)})" for kind in mistaken])
    return [f"Background of a kind that was never heard is often taken for an animal when it is {told}."]


def unseen(told: dict[str, Any]) -> str:
    """How many unseen recordings of known truth were named rightly (metrics/infer.json)."""
    if not told["recordings"]:
        return "There are no unseen recordings."
    if not told["known"]:
        return f"{count(told['recordings'], 'unseen recording')} screened; what is in them is not known."
    return f"{told['right']} of {count(told['known'], 'unseen recording')} of known content named rightly."

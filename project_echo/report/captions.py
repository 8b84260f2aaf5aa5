"""Captions of unseen recordings, made from their numbers: why one is a strong or a mixed example."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from project_echo.core.labels import NONE, display_name
from project_echo.core.text import count, join_words
from project_echo.report.phrases import duration, share, start
from project_echo.report.stated import StatedCalls, stated_calls

AGREEING, SURE_ABOVE, FAINT = 0.9, 0.2, 0.3  # of a strong example: agreement, margin to threshold, runner-up at most
FOUND, FALSE = 0.8, 0.2  # and where calls are stated: least share of them found, most share of reports that are false
NARROW = 0.1  # a margin to the threshold that is worth a word

Kind = Literal["strong", "mixed", "wrong", "own"]  # own: a person wrote the caption


@dataclass(frozen=True)
class Caption:
    """A caption: what kind of example a recording is, the same in words, and why."""

    kind: Kind
    opening: str  # empty if a person wrote the caption
    text: str


def caption(summary: Mapping[str, Any], events: pd.DataFrame, thresholds: Mapping[str, float]) -> Caption:
    """Say why a recording is a strong or a mixed example.

    Parameters
    ----------
    summary : mapping
        Its row of data/predictions/recordings.csv: label, confidence, runner_up, runner_up_confidence, windows,
        agreement, verdict, truth, and calls, calls_found and false_events where they are known.
    events : pd.DataFrame
        Its rows of data/predictions/events.csv: label, start_s, end_s.
    thresholds : mapping of str to float
        Of each label; empty if the classifier has none.

    Returns
    -------
    Caption
        Calls found, agreement of windows, confidence with its margin to the threshold, events of other labels, and the
        runner-up.
    """
    label = str(summary["label"])
    others = events[events["label"] != label]
    heard_s = {
        str(name): float((rows["end_s"] - rows["start_s"]).sum()) for name, rows in others.groupby("label", sort=False)
    }
    stated = stated_calls(summary)
    parts = [_calls(stated)] if stated else []
    if label == NONE:
        parts += [_no_events(heard_s, thresholds), _most_probable(summary)]
    else:
        parts += [_agreement(summary, thresholds), _confidence(summary, thresholds), _others(heard_s)]
    if (runner_up := str(summary["runner_up"])) and label != NONE and runner_up not in heard_s:
        parts.append(f"{start(display_name(runner_up))} comes next, with {share(summary['runner_up_confidence'])}.")
    kind = _kind(summary, heard_s, thresholds, stated, len(events))
    return Caption(kind, _opening(kind, str(summary["truth"])), " ".join(filter(None, parts)))


def _kind(
    summary: Mapping[str, Any],
    heard_s: Mapping[str, float],
    thresholds: Mapping[str, float],
    stated: StatedCalls | None,
    n_events: int,
) -> Kind:
    if summary["verdict"] == "wrong":
        return "wrong"
    if stated and (stated.found < FOUND * stated.calls or stated.false_events > FALSE * n_events):
        return "mixed"
    margin = summary["confidence"] - thresholds.get(str(summary["label"]), 0.0)
    strong = summary["agreement"] >= AGREEING and margin >= SURE_ABOVE and not heard_s
    strong = strong and (summary["label"] == NONE or summary["runner_up_confidence"] <= FAINT)
    return "strong" if strong else "mixed"


def _opening(kind: Kind, truth: str) -> str:
    if kind == "wrong":
        return f"A wrong answer: {'none of the animals is in it' if truth == NONE else f'it is {display_name(truth)}'}."
    return {"strong": "A strong example.", "mixed": "A mixed example."}[kind]


def _calls(stated: StatedCalls) -> str:
    if not stated.calls:
        false = f", but there {'are' if stated.false_events > 1 else 'is'} {count(stated.false_events, 'false report')}"
        return f"None of the animals calls in it{false if stated.false_events else ''}."
    reports = count(stated.false_events, "false report") if stated.false_events else "no false report"
    if stated.found == stated.calls:
        found = "the only call" if stated.calls == 1 else f"all {stated.calls} calls"
    else:
        found = f"{stated.found or 'none'} of {count(stated.calls, 'call')}"
    return f"It finds {found}, with {reports}."


def _agreement(summary: Mapping[str, Any], thresholds: Mapping[str, float]) -> str:
    """In how many windows the label is decided on: by its threshold, or without thresholds as the most probable."""
    windows, name = int(summary["windows"]), display_name(str(summary["label"]))
    agreeing = round(summary["agreement"] * windows)
    what = f"{name} {'reaches its threshold' if thresholds else 'is the most probable label'}"
    if windows == 1:
        return f"{start(what)} in its only window."
    if not agreeing:
        return f"{start(what)} in none of {windows} windows."
    return f"{start(what)} in {f'all {windows}' if agreeing == windows else f'{agreeing} of {windows}'} windows."


def _confidence(summary: Mapping[str, Any], thresholds: Mapping[str, float]) -> str:
    label, confidence = str(summary["label"]), float(summary["confidence"])
    text = f"Its probability is {share(confidence)} on average"
    if label not in thresholds:
        return f"{text}."
    if confidence - thresholds[label] < NARROW:
        return f"{text}, just above the {share(thresholds[label])} that it needs."
    return f"{text}; it needs {share(thresholds[label])}."


def _no_events(heard_s: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    if not heard_s:
        return "No event is reported."
    reached = "No animal reaches its threshold on average over the recording, but" if thresholds else "But"
    return f"{reached} it reports {_listed(heard_s)}."


def _most_probable(summary: Mapping[str, Any]) -> str:
    name = display_name(str(summary["runner_up"])) if summary["runner_up"] else "the most probable animal"
    return f"The highest average probability is that of {name}, {share(1 - summary['confidence'])}."


def _others(heard_s: Mapping[str, float]) -> str:
    return f"It also reports {_listed(heard_s)}." if heard_s else "No event of another animal is reported."


def _listed(heard_s: Mapping[str, float]) -> str:
    return join_words([f"{display_name(name)} for {duration(seconds)}" for name, seconds in heard_s.items()])

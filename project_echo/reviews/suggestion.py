"""Thresholds from reviewed events: chosen on one half of the recordings, reported on the other."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from project_echo.evaluation.bootstrap import proportion_ci
from project_echo.evaluation.metrics import wilson_ci
from project_echo.models import thresholds as thresholds_csv
from project_echo.reviews.choosing import (
    SEED,
    choose_threshold,
    choosing_half,
    events_needed,
    highest_precision,
)

ROUNDING = 5e-5  # of confidences: tables have four decimals

SUGGESTED, SUFFICIENT, NOT_REACHED = "suggested", "sufficient", "not reached"
TOO_FEW, ONE_RECORDING = "too few", "one recording"
SITES, RECORDINGS, ONE_SITE = "sites", "recordings", "recordings of one site"  # that are halved
EVENT_COLUMNS = ("recording", "label", "confidence", "correct")


def suggest_thresholds(
    events: pd.DataFrame,
    thresholds: Mapping[str, float],
    *,
    precision: float = 0.9,
    windows: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Suggest for each label the lowest threshold at which events reach a precision, so that fresh ones do, too.

    It is chosen on one half of the sites, so surely that fresh events reach the precision in about four of five cases,
    and its precision is that of the other half. Where a label was heard at a single site, or there are no sites,
    halves are of recordings. A threshold is never lower than the lowest confidence of the events: a review says nothing
    about what the screening did not report. Events that are answered should be a random choice (the shuffled order of
    the page): if only unsure ones were, precision is that of unsure ones.

    Parameters
    ----------
    events : pd.DataFrame
        A row per event: recording, label, confidence (the peak, as an event is reported where a slice of it reaches the
        threshold), correct (whether the label was confirmed; missing if nobody said so), and site, if there are
        some.
    thresholds : mapping of str to float
        The present threshold of each label.
    precision : float
        Share of correct ones among the events at or above a threshold that it must reach, above 0 and below 1.
    windows : pd.DataFrame, optional
        Windows that were reviewed whatever the classifier heard, for the recall: the same columns, where confidence is
        the highest probability of the label in the window, as that of an event, and correct whether it can be heard.

    Returns
    -------
    pd.DataFrame
        A row per label, in the order of `thresholds`:

        - label, present, and threshold: the suggested one, or the present one
        - low, high: 95% bootstrap interval of the threshold at which events have the precision; 1 if it may be none
        - outcome: "suggested", "sufficient" (all events reach the precision, so the present threshold is kept), "not
          reached" (surely enough, by no threshold), "too few" (events), or "one
          recording" (which has no other half)
        - events, recordings: that it was chosen on; lowest: their lowest confidence; best: the highest precision of any
          threshold with enough events; missing: how many more events are needed in that half
        - halves: whether they are of "sites", of "recordings" without sites, or of "recordings of one site"
        - tested, precision, precision_low, precision_high: number of events at or above the threshold in the other
          half, and their precision with its 95% interval; kept: the share of the correct events that are among them
        - heard, recall, recall_low, recall_high: number of windows of the other half with the label, and the share of
          them at or above the threshold

    Raises
    ------
    ValueError
        If a table lacks a column, a label has no threshold, or a number is out of range.

    Examples
    --------
    >>> import pandas as pd, project_echo
    >>> answers = pd.read_csv("labels.csv").rename(columns={"peak_confidence": "confidence"})
    >>> answers = answers[answers["verdict"].isin(["accepted", "rejected"])]
    >>> events = answers.assign(correct=answers["verdict"] == "accepted")
    >>> project_echo.suggest_thresholds(events, {"boar": 0.5}, precision=0.8)
    """
    if not 0 < precision < 1:
        raise ValueError(f"precision is {precision}, not above 0 and below 1")
    events = _checked(events, thresholds, "events")
    windows = events[:0] if windows is None else _checked(windows, thresholds, "windows")
    rows = []
    for label, present in thresholds.items():
        of_events, of_windows = (table[table["label"] == label] for table in (events, windows))
        rows.append({"label": label, "present": present, **_suggest(of_events, of_windows, present, precision)})
    return pd.DataFrame(rows)


def threshold_rows(suggestions: pd.DataFrame, precision: float) -> pd.DataFrame:
    """The suggested thresholds as rows of thresholds.csv (`models.thresholds.COLUMNS`)."""
    suggested = suggestions[suggestions["outcome"] == SUGGESTED]
    return suggested.assign(precision=precision)[list(thresholds_csv.COLUMNS)].reset_index(drop=True)


def _suggest(events: pd.DataFrame, windows: pd.DataFrame, present: float, precision: float) -> dict[str, Any]:
    """The columns of a label besides its name and present threshold."""
    sites = {*events["site"], *windows["site"]}
    divided = SITES if len(sites) > 1 else ONE_SITE if sites - {""} else RECORDINGS
    halves = "source" if divided == SITES else "recording"
    both = pd.concat([events[[halves, "confidence"]], windows[[halves, "confidence"]]])
    is_choosing = choosing_half(both[halves], both["confidence"])
    of_events, of_windows = is_choosing[: len(events)], is_choosing[len(events) :]
    chosen_on = events[of_events & events["correct"].notna()]
    choice = _choose(chosen_on, halves, present, precision, is_divided=not is_choosing.all())
    told = events[~of_events & events["correct"].notna()]
    reported = told[told["confidence"] >= choice["threshold"]]
    correct = told[told["correct"]]
    heard = windows[~of_windows & windows["correct"].fillna(False)]
    return {
        **choice,
        "halves": divided,
        "tested": len(reported),
        **_share("precision", reported["correct"], reported[halves]),
        "kept": float((correct["confidence"] >= choice["threshold"]).mean()),
        "heard": len(heard),
        **_share("recall", heard["confidence"] >= choice["threshold"], heard[halves]),
    }


def _choose(events: pd.DataFrame, halves: str, present: float, precision: float, is_divided: bool) -> dict[str, Any]:
    """The threshold, its interval, and what it rests on, from answered events of the half that chooses."""
    confidence, correct = events["confidence"].to_numpy(float), events["correct"].to_numpy(bool)
    facts = {"threshold": present, "low": math.nan, "high": math.nan, "outcome": TOO_FEW}
    facts |= {"events": len(events), "recordings": events["recording"].nunique(), "lowest": math.nan}
    missing = max(0, events_needed(precision) - len(events))
    facts |= {"best": math.nan, "missing": missing}
    if len(events):
        facts["lowest"] = float(confidence.min())
    if missing:
        return facts
    if not is_divided:
        return {**facts, "outcome": ONE_RECORDING}
    facts["best"] = highest_precision(confidence, correct, events_needed(precision))
    value, low, high = choose_threshold(events[halves].to_numpy(), confidence, correct, precision)
    if math.isnan(value):
        return {**facts, "outcome": NOT_REACHED}
    if value == facts["lowest"] and present <= value + ROUNDING:
        return {**facts, "outcome": SUFFICIENT}
    return {**facts, "threshold": value, "low": low, "high": high, "outcome": SUGGESTED}


def _share(name: str, hits: pd.Series, clusters: pd.Series) -> dict[str, float]:
    """A share with its 95% interval: the wider ends of the cluster bootstrap's, and Wilson's for few recordings."""
    if hits.empty:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), math.nan)
    array = hits.to_numpy(bool)
    intervals = [wilson_ci(array), proportion_ci(array, clusters.to_numpy(), np.zeros(len(array), int), SEED)]
    low, high = min(each["low"] for each in intervals), max(each["high"] for each in intervals)
    return {name: float(array.mean()), f"{name}_low": low, f"{name}_high": high}


def _checked(table: pd.DataFrame, thresholds: Mapping[str, float], name: str) -> pd.DataFrame:
    """A table with `site`, empty where there is none, and `source`, there the recording. Raises ValueError."""
    missing = [column for column in EVENT_COLUMNS if column not in table]
    if missing:
        raise ValueError(f"{name} has no column {', '.join(missing)}")
    unknown = sorted(set(table["label"]) - set(thresholds))
    if unknown:
        raise ValueError(f"{name} has labels without a threshold: {', '.join(unknown)}")
    if not table["confidence"].between(0, 1).all():
        raise ValueError(f"{name} has a confidence that is not from 0 to 1")
    site = table["site"].fillna("") if "site" in table else pd.Series("", table.index)
    source = site.where(site != "", table["recording"])
    return table.assign(correct=table["correct"].astype("boolean"), site=site, source=source)

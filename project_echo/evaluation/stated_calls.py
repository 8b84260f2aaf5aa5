"""Scores of events in unseen recordings of which labels.csv states the calls."""

from collections.abc import Sequence

import pandas as pd

from project_echo.datasets.stated import PRESENT
from project_echo.evaluation.field_events import match_events

KEYS = ["recording", "label"]
COUNTS = ["calls", "calls_found", "false_events", "false_s"]


def count_calls(events: pd.DataFrame, stated: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Calls that events find, and events without a call, in each recording of which something is stated.

    Where a row names a recording and a label, all calls of that label in it are stated: rows with yes are these, and
    without any it does not call. Events of other labels are not scored. What is right and found: `field_events`.

    Parameters
    ----------
    events : pd.DataFrame
        recording, label, start_s, end_s.
    stated : pd.DataFrame
        STATED (`datasets.stated`).
    labels : sequence of str
        Those that events can have; rows of others are left out.

    Returns
    -------
    pd.DataFrame
        Index: recordings, sorted. Columns COUNTS; false_s are the seconds of events without a call of their label.
    """
    stated = stated[stated["label"].isin(labels)]
    scored = events.merge(stated[KEYS].drop_duplicates(), on=KEYS)
    matched, calls = match_events(scored, stated[stated["present"] == PRESENT], labels)
    columns = {
        "calls": calls.groupby("recording").size(),
        "calls_found": calls.groupby("recording")["found"].sum(),
        "false_events": (~matched["right"]).groupby(matched["recording"]).sum(),
        "false_s": matched.groupby("recording")["false_s"].sum(),
    }
    recordings = pd.Index(sorted(stated["recording"].unique()), name="recording")
    counts = pd.DataFrame({name: values.reindex(recordings, fill_value=0) for name, values in columns.items()})
    return counts.astype(dict.fromkeys(COUNTS[:3], int) | {"false_s": float})


def call_metrics(counts: pd.DataFrame) -> dict[str, int | float | None]:
    """Sums over recordings, for metrics: calls, calls_found, false_events, false_seconds; None if nothing is stated."""
    if counts.empty:
        return {"calls": None, "calls_found": None, "false_events": None, "false_seconds": None}
    return {
        "calls": int(counts["calls"].sum()),
        "calls_found": int(counts["calls_found"].sum()),
        "false_events": int(counts["false_events"].sum()),
        "false_seconds": float(counts["false_s"].sum()),
    }

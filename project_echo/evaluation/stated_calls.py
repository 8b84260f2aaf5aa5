"""Scores of events in unseen recordings of which labels.csv states the calls."""

from collections.abc import Sequence

import pandas as pd

from project_echo.datasets.stated import PRESENT
from project_echo.evaluation.field_events import match_events

COUNTS = ["calls", "calls_found", "false_events", "false_s"]


def count_calls(events: pd.DataFrame, stated: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Calls that events find, and events without a call, in each recording of which something is stated.

    Rows with yes are calls; in rows with no a label does not call. Of the rest nothing is known, so an event counts
    only if half of it lies in rows of its label. What is right and found: `field_events`.

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
        Index: recordings, sorted. Columns COUNTS; false_s are the seconds of events in rows with no.
    """
    stated = stated[stated["label"].isin(labels)]
    known, _ = match_events(events, stated, labels)
    scored = known[known["right"]]
    present = stated["present"] == PRESENT
    matched, calls = match_events(scored, stated[present], labels)
    beside_silence, _ = match_events(scored, stated[~present], labels)
    matched["false_s"] = matched["end_s"] - matched["start_s"] - beside_silence["false_s"]
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

"""Columns of the tables that a screening writes, with their types."""

from collections.abc import Mapping, Sequence

Columns = Mapping[str, type]

EVENT: Columns = {
    "label": str,
    "start_s": float,
    "end_s": float,
    "mean_confidence": float,
    "peak_confidence": float,
}
EVENTS: Columns = {"recording": str, **EVENT}
RECORDINGS: Columns = {  # and those of each label: see `recordings`
    "recording": str,
    "site": str,
    "recorded_at": str,
    "duration_s": float,
    "note": str,
    "windows": int,
}
SKIPPED: Columns = {"recording": str, "reason": str}
ACTIVITY: Columns = {
    "label": str,
    "site": str,
    "date": str,
    "hour": int,
    "events": int,
    "active_s": float,
    "recorded_s": float,
    "events_per_h": float,
}
ALERTS: Columns = {
    "rule": int,
    "label": str,
    "recording": str,
    "at": str,
    "start_s": float,
    "end_s": float,
    "value": float,
    "limit": float,
    "confidence": float,
}


def recordings(labels: Sequence[str]) -> Columns:
    """Columns of recordings.csv.

    Parameters
    ----------
    labels : sequence of str
        Labels of the events.

    Returns
    -------
    Columns
        RECORDINGS, and for each label the number of its events, how long they last together (s), and its highest
        probability in any window.
    """
    own: dict[str, type] = {}
    for label in labels:
        own |= {f"{label}_events": int, f"{label}_seconds": float, f"{label}_peak": float}
    return {**RECORDINGS, **own}

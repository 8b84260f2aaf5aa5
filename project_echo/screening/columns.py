"""Columns of the tables that a screening writes, with their types."""

from collections.abc import Mapping

Columns = Mapping[str, type]

EVENT: Columns = {
    "label": str,
    "start_s": float,
    "end_s": float,
    "windows": int,
    "mean_confidence": float,
    "peak_confidence": float,
}
EVENTS: Columns = {"recording": str, **EVENT}
RECORDINGS: Columns = {
    "recording": str,
    "site": str,
    "recorded_at": str,
    "duration_s": float,
    "label": str,
    "confidence": float,
    "runner_up": str,
    "runner_up_confidence": float,
    "windows": int,
    "agreement": float,
    "longest_run": int,
    "note": str,
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

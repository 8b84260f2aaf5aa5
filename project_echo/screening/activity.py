"""Activity and recording effort: events of each label by site, day and hour of the day."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from project_echo.core.spreadsheets import empty_table
from project_echo.screening import columns

HOUR = pd.Timedelta(hours=1)
SECOND = pd.Timedelta(seconds=1)


def activity_table(events: pd.DataFrame, recordings: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Count the events of each label by site, day and hour of the day, with the recording effort.

    Days and hours are those of the recorder's clock (recorded_at without its UTC offset); clock changes within a
    recording are ignored. Recordings and events that span several hours are divided among them; an event is counted in
    the hour in which it starts. Two recorders at one site count as twice the effort. Recordings without a time are left
    out, and so are their events.

    Parameters
    ----------
    events : pd.DataFrame
        recording, label, start_s and end_s (s from the start of the recording).
    recordings : pd.DataFrame
        recording, site, recorded_at (ISO 8601, or empty) and duration_s (s).
    labels : sequence of str
        Labels of the events. One without events has rows too.

    Returns
    -------
    pd.DataFrame
        columns.ACTIVITY, a row per label, site, date (ISO 8601) and hour (0 to 23) with a recording: events, active_s
        (seconds of events), recorded_s (seconds recorded), events_per_h (events per recorded hour).
    """
    timed = recordings.assign(started_at=start_times(recordings)).dropna(subset=["started_at"]).reset_index(drop=True)
    if timed.empty:
        return empty_table(columns.ACTIVITY)
    hour = ["site", "clock_hour"]
    effort = split_by_hour(timed["started_at"], timed["duration_s"]).join(timed["site"])
    effort = effort.groupby(hour)["seconds"].sum().rename("recorded_s").reset_index()

    events = with_start_times(events, timed)
    counts = events.groupby(["label", *hour]).size().rename("events")
    active = split_by_hour(events["start"], events["end_s"] - events["start_s"]).join(events[["label", "site"]])
    active = active.groupby(["label", *hour])["seconds"].sum().rename("active_s")

    animals = pd.DataFrame({"label": list(labels)}, dtype=object)
    rows = animals.merge(effort, how="cross")
    rows = rows.join(counts, on=["label", *hour]).join(active, on=["label", *hour])
    rows = rows.fillna({"events": 0, "active_s": 0.0}).astype({"events": int, "active_s": float})
    rows["date"] = rows["clock_hour"].dt.strftime("%Y-%m-%d")
    rows["hour"] = rows["clock_hour"].dt.hour.astype(int)
    rows["events_per_h"] = rows["events"] / (rows["recorded_s"] / 3600)
    return rows[list(columns.ACTIVITY)].sort_values(["label", "site", "date", "hour"], ignore_index=True)


def start_times(recordings: pd.DataFrame) -> pd.Series:
    """Clock times at which recordings start.

    Parameters
    ----------
    recordings : pd.DataFrame
        recorded_at (ISO 8601, or empty).

    Returns
    -------
    pd.Series of datetime64
        Without a zone, by the index of `recordings`; NaT where recorded_at is empty.
    """
    times = [datetime.fromisoformat(text).replace(tzinfo=None) if text else None for text in recordings["recorded_at"]]
    return pd.Series(times, recordings.index, dtype="datetime64[ns]")


def with_start_times(events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Add the site, the clock time (`start`) and the hour (`clock_hour`) at which each event starts.

    Parameters
    ----------
    events : pd.DataFrame
        At least recording and start_s (s).
    recordings : pd.DataFrame
        recording, site and started_at (from start_times). Events of recordings that are not in it are dropped.

    Returns
    -------
    pd.DataFrame
        In order of `start`, then recording.
    """
    events = events.merge(recordings[["recording", "site", "started_at"]], on="recording")
    start = events["started_at"] + _timedelta(events["start_s"])
    return events.assign(start=start, clock_hour=start.dt.floor("h")).sort_values(["start", "recording"])


def split_by_hour(start: pd.Series, duration_s: pd.Series) -> pd.DataFrame:
    """Split periods of time at full hours.

    Parameters
    ----------
    start : pd.Series of datetime64
        When each period starts.
    duration_s : pd.Series of float
        How long it is, s.

    Returns
    -------
    pd.DataFrame
        A row per period and hour that it lies in, with the index of the period: clock_hour, and the period's seconds
        in that hour. A period without length has no row.
    """
    begin, end = start.to_numpy("datetime64[ns]"), (start + _timedelta(duration_s)).to_numpy("datetime64[ns]")
    first_hour = begin.astype("datetime64[h]")
    n_hours = np.where(end > begin, -((first_hour - end) // HOUR.to_timedelta64()), 0)
    period = np.repeat(np.arange(len(n_hours)), n_hours)
    offset = np.arange(len(period)) - np.repeat(n_hours.cumsum() - n_hours, n_hours)
    hours = (first_hour[period] + offset * np.timedelta64(1, "h")).astype("datetime64[ns]")
    length = np.minimum(end[period], hours + HOUR.to_timedelta64()) - np.maximum(begin[period], hours)
    return pd.DataFrame({"clock_hour": hours, "seconds": length / SECOND.to_timedelta64()}, duration_s.index[period])


def _timedelta(seconds: pd.Series) -> pd.Series:
    """Seconds as timedelta64, to the microsecond: floating-point residue would spill into the next hour."""
    return pd.to_timedelta(seconds.astype(float).round(6), unit="s").dt.round("us")

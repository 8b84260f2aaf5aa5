"""How often each label was heard, by site, day and hour of the day, against how long was listened."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from project_echo.core.labels import animal_labels

COLUMNS = ["label", "site", "date", "hour", "events", "active_s", "recorded_s", "events_per_h"]
HOUR = pd.Timedelta(hours=1)
SECOND = pd.Timedelta(seconds=1)


def table(events: pd.DataFrame, recordings: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """A row per label, site, day (`date`, ISO) and `hour` of the day, 0 to 23, in which anything was recorded.

    `events` counts those that begin in the hour, `active_s` their seconds in it, `recorded_s` the seconds recorded:
    recordings and events are divided where an hour ends. `events_per_h` is events by recorded hours. A label that was
    never heard has its rows all the same; ``none`` is no animal and has none. Two recorders at a site count as twice
    the effort. Day and hour are those of the clock that `recorded_at` tells; a clock is not put forward or back within
    a recording. Recordings whose time is not known are left out, and so are their events.
    """
    known = recordings.assign(began=began(recordings)).dropna(subset=["began"]).reset_index(drop=True)
    hour = ["site", "clock_hour"]
    effort = by_hour(known["began"], known["duration_s"]).join(known["site"])
    effort = effort.groupby(hour)["seconds"].sum().rename("recorded_s").reset_index()

    heard = starts(events, known)
    counts = heard.groupby(["label", *hour]).size().rename("events")
    active = by_hour(heard["start"], heard["end_s"] - heard["start_s"]).join(heard[["label", "site"]])
    active = active.groupby(["label", *hour])["seconds"].sum().rename("active_s")

    animals = pd.DataFrame({"label": animal_labels(labels)}, dtype=object)
    rows = animals.merge(effort, how="cross")
    rows = rows.join(counts, on=["label", *hour]).join(active, on=["label", *hour])
    rows = rows.fillna({"events": 0, "active_s": 0.0}).astype({"events": int, "active_s": float})
    rows["date"] = rows["clock_hour"].dt.strftime("%Y-%m-%d")
    rows["hour"] = rows["clock_hour"].dt.hour.astype(int)
    rows["events_per_h"] = rows["events"] / (rows["recorded_s"] / 3600)
    return rows[COLUMNS].sort_values(COLUMNS[:4], ignore_index=True)


def began(recordings: pd.DataFrame) -> pd.Series:
    """What the clock told when each recording began, without its zone; NaT where it is not known."""
    told = [datetime.fromisoformat(text).replace(tzinfo=None) if text else None for text in recordings["recorded_at"]]
    return pd.Series(told, recordings.index, dtype="datetime64[ns]")


def starts(events: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The events of recordings that `began`, in the order of the clock: with site, `start` and `clock_hour`."""
    heard = events.merge(known[["recording", "site", "began"]], on="recording")
    start = heard["began"] + _timedelta(heard["start_s"])
    return heard.assign(start=start, clock_hour=start.dt.floor("h")).sort_values(["start", "recording"])


def by_hour(begin: pd.Series, seconds: pd.Series) -> pd.DataFrame:
    """Stretches of time, divided where an hour ends: `clock_hour` that a part lies in, and its `seconds`.

    The index names the stretch (that of `begin`), once for each part.
    """
    start, end = begin.to_numpy("datetime64[ns]"), (begin + _timedelta(seconds)).to_numpy("datetime64[ns]")
    first = start.astype("datetime64[h]")
    parts = np.where(end > start, -((first - end) // HOUR.to_timedelta64()), 0)
    stretch = np.repeat(np.arange(len(parts)), parts)
    nth = np.arange(len(stretch)) - np.repeat(parts.cumsum() - parts, parts)
    hours = (first[stretch] + nth * np.timedelta64(1, "h")).astype("datetime64[ns]")
    length = np.minimum(end[stretch], hours + HOUR.to_timedelta64()) - np.maximum(start[stretch], hours)
    return pd.DataFrame({"clock_hour": hours, "seconds": length / SECOND.to_timedelta64()}, seconds.index[stretch])


def _timedelta(seconds: pd.Series) -> pd.Series:
    """Seconds as time, to the microsecond: what remains of floating point would spill into the next hour."""
    return pd.to_timedelta(seconds.astype(float).round(6), unit="s").dt.round("us")

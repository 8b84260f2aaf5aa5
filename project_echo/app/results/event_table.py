"""The table of events that the page of results shows: events with their site and time, filtered and sorted."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from project_echo.screening.activity import start_times

Sort = Literal["time", "-time", "confidence", "-confidence", "recording"]
SORTS: dict[Sort, str] = {
    "time": "earliest first",
    "-time": "latest first",
    "-confidence": "most confident first",
    "confidence": "least confident first",
    "recording": "by recording",
}


@dataclass(frozen=True)
class EventFilter:
    """Which events to show, and in which order. What is empty or None lets all events pass.

    Attributes
    ----------
    labels, sites : tuple of str
        An event is of one of them.
    recording : str
        The name of the recording contains it, whatever the case.
    min_confidence, max_confidence : float or None
        Of the mean confidence, both included.
    first_date, last_date : date or None
        On which the event starts, by the recorder's clock, both included.
    first_hour, last_hour : int or None
        Hours of the day in which the event starts, both included. 22 to 4 is a night.
    min_s : float or None
        Shortest length of the event, s.
    sort : str
        A key of SORTS.
    """

    labels: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    recording: str = ""
    min_confidence: float | None = None
    max_confidence: float | None = None
    first_date: date | None = None
    last_date: date | None = None
    first_hour: int | None = None
    last_hour: int | None = None
    min_s: float | None = None
    sort: Sort = "time"

    @property
    def needs_time(self) -> bool:
        """Whether events of recordings without a known time are left out."""
        return any(value is not None for value in (self.first_date, self.last_date, self.first_hour, self.last_hour))


def add_context(events: pd.DataFrame, recordings: pd.DataFrame) -> pd.DataFrame:
    """Events with the site and the clock time of each.

    Parameters
    ----------
    events : pd.DataFrame
        Columns of events.csv.
    recordings : pd.DataFrame
        recording, site and recorded_at (ISO 8601, or empty) of recordings.csv.

    Returns
    -------
    pd.DataFrame
        The events by recording and start, with their row in `events` from 0 as the index. Recording, label and site
        are categorical; `at` is a datetime64 without zone, NaT if it is not known.
    """
    known = recordings.drop_duplicates("recording").assign(started_at=start_times).set_index("recording")
    started = events["recording"].map(known["started_at"]).astype("datetime64[ns]")
    table = pd.DataFrame(
        {
            "recording": events["recording"].astype("category"),
            "label": events["label"].astype("category"),
            "start_s": events["start_s"],
            "end_s": events["end_s"],
            "mean_confidence": events["mean_confidence"],
            "peak_confidence": events["peak_confidence"],
            "site": events["recording"].map(known["site"]).fillna("").astype("category"),
            "at": started + pd.to_timedelta(events["start_s"].astype(float), unit="s").dt.round("ms"),
        }
    ).reset_index(drop=True)
    return table.sort_values(["recording", "start_s"], kind="stable")


def filter_events(events: pd.DataFrame, chosen: EventFilter) -> pd.DataFrame:
    """The events that a filter lets pass, in its order.

    Parameters
    ----------
    events : pd.DataFrame
        From `add_context`.
    chosen : EventFilter

    Returns
    -------
    pd.DataFrame
        Rows of `events` with their index. Events without a time come last when sorted by it.
    """
    passes = np.ones(len(events), dtype=bool)
    if chosen.labels:
        passes &= events["label"].isin(chosen.labels).to_numpy()
    if chosen.sites:
        passes &= events["site"].isin(chosen.sites).to_numpy()
    if chosen.recording:
        text = chosen.recording.casefold()
        names = events["recording"].cat.categories  # far fewer than events
        passes &= np.array([text in name.casefold() for name in names], dtype=bool)[events["recording"].cat.codes]
    if chosen.min_confidence is not None:
        passes &= events["mean_confidence"].to_numpy() >= chosen.min_confidence
    if chosen.max_confidence is not None:
        passes &= events["mean_confidence"].to_numpy() <= chosen.max_confidence
    if chosen.min_s is not None:  # a length of 2.3 s may be a hair less as a difference
        passes &= (events["end_s"] - events["start_s"]).round(6).to_numpy() >= chosen.min_s
    if chosen.needs_time:
        passes &= _in_time(events["at"], chosen)
    return _sorted(events[passes], chosen.sort)


def _in_time(at: pd.Series, chosen: EventFilter) -> np.ndarray:
    """Which times lie in the chosen days and hours."""
    passes = at.notna().to_numpy()
    days = at.to_numpy().astype("datetime64[D]")  # of any year
    if chosen.first_date is not None:
        passes &= days >= np.datetime64(chosen.first_date, "D")
    if chosen.last_date is not None:
        passes &= days <= np.datetime64(chosen.last_date, "D")
    if chosen.first_hour is not None or chosen.last_hour is not None:
        first = 0 if chosen.first_hour is None else chosen.first_hour
        last = 23 if chosen.last_hour is None else chosen.last_hour
        after, before = (at.dt.hour >= first).to_numpy(), (at.dt.hour <= last).to_numpy()
        passes &= after & before if first <= last else after | before
    return passes


def _sorted(events: pd.DataFrame, sort: Sort) -> pd.DataFrame:
    """Sort events that are sorted by recording and start already."""
    if sort == "recording":
        return events
    column = "at" if sort.lstrip("-") == "time" else "mean_confidence"
    return events.sort_values(column, ascending=not sort.startswith("-"), kind="stable")


def others_nearby(events: pd.DataFrame, number: int, start_s: float, end_s: float) -> pd.DataFrame:
    """Events of the same recording that are heard in a part of it.

    Parameters
    ----------
    events : pd.DataFrame
        From `add_context`.
    number : int
        Of an event: its index.
    start_s, end_s : float
        The part, s from the start of the recording.

    Returns
    -------
    pd.DataFrame
        Also the event itself, in order of time.
    """
    codes = events["recording"].cat.codes
    at_same_time = (codes == codes[number]) & (events["start_s"] < end_s) & (events["end_s"] > start_s)
    return events[at_same_time].sort_values("start_s", kind="stable")

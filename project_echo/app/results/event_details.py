"""An event of a screening with what a person needs to judge it: its sound, its facts, and what is heard beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from project_echo.app.opened import short_path
from project_echo.app.results.event_table import others_nearby
from project_echo.app.results.loaded_results import LoadedResults
from project_echo.app.sounds.positions import position_ticks
from project_echo.core.labels import display_name
from project_echo.plots.svg import css_color
from project_echo.web.timeline import Timeline, event_marks

CONTEXT_S = 3.0  # before and after an event
MAX_S = 60.0  # of the sound that is shown; events of rain last for hours


@dataclass(frozen=True)
class EventDetails:
    """An event as the page of results shows it.

    Attributes
    ----------
    number : int
        Its row in events.csv, from 0.
    label, color : str
        Name for people, and CSS color.
    recording : str
        Name of the recording.
    facts : list of (str, str)
        Terms and values.
    others : list of dict
        Events of other labels at the same time: number, label, color, start_s, end_s, mean_confidence.
    start_s, end_s : float
        The part of the recording that is shown, s.
    is_cut : bool
        Whether the event is longer than what is shown.
    """

    number: int
    label: str
    color: str
    recording: str
    facts: list[tuple[str, str]]
    others: list[dict[str, Any]]
    start_s: float
    end_s: float
    is_cut: bool


def event_details(results: LoadedResults, number: int) -> EventDetails | None:
    """The details of an event.

    Parameters
    ----------
    results : LoadedResults
    number : int
        Its row in events.csv, from 0.

    Returns
    -------
    EventDetails or None
        None if there is no such event.
    """
    if not 0 <= number < len(results.events):
        return None
    event = results.events.loc[number]
    start_s, end_s = shown_part(event["start_s"], event["end_s"], _duration_s(results, event["recording"]))
    same = others_nearby(results.events, number, event["start_s"], event["end_s"])
    others = [
        {**row, "name": display_name(row["label"]), "color": results.colors[row["label"]]}
        for row in same.drop(index=number).reset_index(names="number").to_dict("records")
    ]
    label = str(event["label"])
    return EventDetails(
        number,
        display_name(label),
        results.colors[label],
        str(event["recording"]),
        _facts(event),
        others,
        start_s,
        end_s,
        bool(event["end_s"] > end_s),
    )


def shown_part(start_s: float, end_s: float, duration_s: float) -> tuple[float, float]:
    """The part of a recording to show around an event, s, at most MAX_S long.

    Parameters
    ----------
    start_s, end_s : float
        Of the event.
    duration_s : float
        Of the recording.

    Returns
    -------
    (float, float)
    """
    first = max(0.0, start_s - CONTEXT_S)
    return first, max(min(end_s + CONTEXT_S, duration_s, first + MAX_S), first + 0.1)


def event_timeline(
    results: LoadedResults,
    details: EventDetails,
    media: str,
    spectrogram: str,
    frequencies: Sequence[tuple[str, float]],
) -> Timeline:
    """The timeline below the player of an event, with all events that are heard there.

    Parameters
    ----------
    results : LoadedResults
    details : EventDetails
        From `event_details`.
    media, spectrogram : str
        Addresses of the sound and of its picture.
    frequencies : sequence of (str, float)
        Ticks of the picture: text, and position in % from the bottom.

    Returns
    -------
    Timeline
        Its seconds count from the start of the part that is shown.
    """
    duration_s = details.end_s - details.start_s
    events = others_nearby(results.events, details.number, details.start_s, details.end_s)
    for column in ("start_s", "end_s"):
        events[column] = (events[column] - details.start_s).clip(0, duration_s)
    marks = event_marks(events, results.labels, duration_s)
    return Timeline(
        f"{details.label} in {details.recording}",
        media,
        False,
        "",
        spectrogram,
        round(duration_s, 3),
        list(frequencies),
        position_ticks(details.start_s, duration_s),
        events=[replace(mark, color=css_color(mark.color)) for mark in marks],
    )


def _duration_s(results: LoadedResults, recording: str) -> float:
    durations = results.recordings.loc[results.recordings["recording"] == recording, "duration_s"]
    return float(durations.iloc[0]) if len(durations) else float("inf")


def _facts(event: pd.Series) -> list[tuple[str, str]]:
    seconds = partial("{:,.1f}".format)
    time = [("time", f"{event['at']:%Y-%m-%d %H:%M:%S}")] if pd.notna(event["at"]) else []
    return [
        *time,
        ("site", str(event["site"])),
        ("in the recording", f"{seconds(event['start_s'])} to {seconds(event['end_s'])} s"),
        ("length", f"{seconds(event['end_s'] - event['start_s'])} s"),
        ("confidence", f"{event['mean_confidence']:.2f}, peak {event['peak_confidence']:.2f}"),
        ("recording", short_path(event["recording"])),
    ]

"""Events in the formats of programs that people listen with: Raven, Audacity, Kaleidoscope.

Each function takes the tables of events and recordings and gives the files to write: text by relative path. Files of a
recording lie in the folders that the recording lies in.
"""

import csv
import posixpath
import re
from collections.abc import Callable
from io import StringIO
from pathlib import PurePosixPath

import pandas as pd

from project_echo.core.names import portable_path
from project_echo.core.spreadsheets import escape_formulas

Files = dict[str, str]


def raven(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Selection tables, one for each recording, an event over all frequencies that the classifier hears a selection.

    Source: the columns are those of BirdNET-Analyzer's selection tables (its analyze/utils.py): tab-separated text, of
    which Raven knows the first seven and takes the others as annotations.
    """
    found = {}
    for recording, path, some in _each(events, recordings):
        table = pd.DataFrame(
            {
                "Selection": range(1, len(some) + 1),
                "View": "Spectrogram 1",
                "Channel": 1,
                "Begin Time (s)": some["start_s"].round(6),
                "End Time (s)": some["end_s"].round(6),
                "Low Freq (Hz)": float(low_hz),
                "High Freq (Hz)": float(high_hz),
                "Common Name": some["label"].map(_in_a_line),
                "Confidence": some["mean_confidence"].round(4),
                "Begin Path": _in_a_line(recording),
                "File Offset (s)": some["start_s"].round(6),
            }
        )
        found[f"{path}.Table.1.selections.txt"] = _text(table, "\t")
    return found


def audacity(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Label tracks, one for each recording: start, end, and the label with its confidence.

    Source: Audacity manual, "Importing and exporting labels": tab-separated, seconds, without a header.
    """
    found = {}
    for _, path, some in _each(events, recordings):
        lines = [
            f"{event.start_s:.6f}\t{event.end_s:.6f}\t{_in_a_line(event.label)} {event.mean_confidence:.2f}\n"
            for event in some.itertuples()
        ]
        found[f"{path}.labels.txt"] = "".join(lines)
    return found


def kaleidoscope(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """One table of all events, as Kaleidoscope's viewer opens it; MANUAL ID is left for people to fill in.

    Source: INDIR to DURATION and confidence as in BirdNET-Analyzer's table for Kaleidoscope; TOP1MATCH and MANUAL ID
    are the names in Kaleidoscope's own cluster.csv, as scripts that read it have them.
    """
    events = _numeric(events)
    paths = events["recording"].map(_in_a_line).map(PurePosixPath)
    table = pd.DataFrame(
        {
            "INDIR": [str(path.parent.parent) for path in paths],
            "FOLDER": [path.parent.name for path in paths],
            "IN FILE": [path.name for path in paths],
            "OFFSET": events["start_s"].round(6).to_numpy(),
            "DURATION": (events["end_s"] - events["start_s"]).round(6).to_numpy(),
            "Fmin": low_hz,
            "Fmax": high_hz,
            "TOP1MATCH": events["label"].map(_in_a_line).to_numpy(),
            "confidence": events["mean_confidence"].round(4).to_numpy(),
            "MANUAL ID": "",
        }
    )
    return {"kaleidoscope.csv": _text(escape_formulas(table), ",")}


FORMATS: dict[str, Callable[[pd.DataFrame, pd.DataFrame, float, float], Files]] = {
    "audacity": audacity,
    "kaleidoscope": kaleidoscope,
    "raven": raven,
}


def _each(events: pd.DataFrame, recordings: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Every recording, the path of its file below the format's folder without what the format adds, and its events.

    A recording without events has a file all the same: it was screened.
    """
    events = _numeric(events)
    by_recording = {str(name): some for name, some in events.groupby("recording", sort=False)}
    taken: dict[str, str] = {}
    root = _root(list(recordings["recording"]))
    for name in sorted(recordings["recording"], key=lambda name: name.startswith("/")):
        path = PurePosixPath(name)
        below = portable_path(path.relative_to(root or path.anchor))
        taken[portable_path(path) if below in taken else below] = (
            name  # "disk/a.wav" and "/disk/a.wav" are two recordings
        )
    return [(name, path, by_recording.get(name, events.iloc[:0])) for path, name in taken.items()]


def _root(names: list[str]) -> str:
    """The folder that all recordings lie in; empty if they have none in common."""
    try:
        return posixpath.commonpath([posixpath.dirname(name) for name in names])
    except ValueError:  # no recordings, or some from the top and some from here
        return ""


def _numeric(events: pd.DataFrame) -> pd.DataFrame:
    """A table of no events does not know that these columns hold numbers."""
    return events.astype({"start_s": float, "end_s": float, "mean_confidence": float})


def _in_a_line(text: str) -> str:
    """Text that keeps to its cell: tabs and line breaks are what the formats are made of."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text)


def _text(table: pd.DataFrame, separator: str) -> str:
    target = StringIO()
    # Raven knows no quotes, and `_in_a_line` leaves nothing to quote.
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    table.to_csv(target, sep=separator, index=False, lineterminator="\n", quoting=quoting)
    return target.getvalue()

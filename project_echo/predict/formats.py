"""Events in the formats of programs that people listen with: Raven, Audacity, Kaleidoscope.

Each function takes the tables of events and recordings and gives the files to write: text by relative path. Files of a
recording lie in the folders that the recording lies in.
"""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import PurePosixPath

import pandas as pd

from project_echo.names import plain
from project_echo.predict.spreadsheets import guarded

Files = dict[str, str]


def raven(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Selection tables, one for each recording, an event over all frequencies that the classifier hears a selection.

    Source: Raven Pro 1.6 user's manual, chapter 6 (selection tables are tab-separated text; the first seven columns are
    Raven's own, others are annotations); the last four are as BirdNET-Analyzer writes them.
    """
    found = {}
    for recording, some in _each(events, recordings):
        table = pd.DataFrame(
            {
                "Selection": range(1, len(some) + 1),
                "View": "Spectrogram 1",
                "Channel": 1,
                "Begin Time (s)": some["start_s"],
                "End Time (s)": some["end_s"],
                "Low Freq (Hz)": float(low_hz),
                "High Freq (Hz)": float(high_hz),
                "Common Name": some["label"].map(_in_a_line),
                "Confidence": some["mean_confidence"].round(4),
                "Begin Path": _in_a_line(recording),
                "File Offset (s)": some["start_s"],
            }
        )
        found[_path(recording, ".Table.1.selections.txt")] = _text(table, "\t")
    return found


def audacity(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Label tracks, one for each recording: start, end, and the label with its confidence.

    Source: Audacity manual, "Importing and exporting labels": tab-separated, seconds, without a header.
    """
    found = {}
    for recording, some in _each(events, recordings):
        lines = [
            f"{event.start_s:.6f}\t{event.end_s:.6f}\t{_in_a_line(event.label)} {event.mean_confidence:.2f}\n"
            for event in some.itertuples()
        ]
        found[_path(recording, ".labels.txt")] = "".join(lines)
    return found


def kaleidoscope(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """One table of all events, as Kaleidoscope's viewer opens it; MANUAL ID is left for people to fill in.

    Source: the columns INDIR to DURATION are those of Kaleidoscope's cluster.csv (Wildlife Acoustics, Kaleidoscope Pro
    user guide), INDIR and FOLDER divided as BirdNET-Analyzer divides them.
    """
    paths = events["recording"].map(PurePosixPath)
    table = pd.DataFrame(
        {
            "INDIR": [str(path.parent.parent) for path in paths],
            "FOLDER": [path.parent.name for path in paths],
            "IN FILE": [path.name for path in paths],
            "OFFSET": events["start_s"].to_numpy(),
            "DURATION": (events["end_s"] - events["start_s"]).to_numpy(),
            "Fmin": low_hz,
            "Fmax": high_hz,
            "TOP1MATCH": events["label"].to_numpy(),
            "confidence": events["mean_confidence"].to_numpy(dtype=float).round(4),
            "MANUAL ID": "",
        }
    )
    return {"kaleidoscope.csv": _text(guarded(table), ",")}


FORMATS: dict[str, Callable[[pd.DataFrame, pd.DataFrame, float, float], Files]] = {
    "audacity": audacity,
    "kaleidoscope": kaleidoscope,
    "raven": raven,
}


def _each(events: pd.DataFrame, recordings: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Every recording with its events; a recording without events has a file all the same: it was screened."""
    by_recording = {str(name): some for name, some in events.groupby("recording", sort=False)}
    return [(name, by_recording.get(name, events.iloc[:0])) for name in recordings["recording"]]


def _path(recording: str, suffix: str) -> str:
    """Below the format's folder, whatever the recording's name holds."""
    path = PurePosixPath(recording)
    return plain(path.relative_to(path.anchor)) + suffix


def _in_a_line(text: str) -> str:
    """Text that keeps to its cell: tabs and line breaks are what the formats are made of."""
    return re.sub(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text)


def _text(table: pd.DataFrame, separator: str) -> str:
    target = StringIO()
    # Raven knows no quotes, and `_in_a_line` leaves nothing to quote.
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    table.to_csv(target, sep=separator, index=False, lineterminator="\n", quoting=quoting)
    return target.getvalue()

"""Events in the formats of Raven, Audacity and Kaleidoscope.

Each exporter takes the tables of events and recordings and the frequency range of the classifier, and returns the files
to write: text by relative path. Files per recording lie in the same folders as the recordings.
"""

import csv
import posixpath
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import PurePath, PurePosixPath

import pandas as pd

from project_echo.core.names import portable_paths
from project_echo.core.spreadsheets import escape_formulas

Files = dict[str, str]


def raven(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Export a Raven selection table per recording.

    Parameters
    ----------
    events : pd.DataFrame
        recording, label, start_s, end_s (s) and mean_confidence.
    recordings : pd.DataFrame
        recording, and sample_rate of the file (Hz, or missing). A recording without events has a table without rows.
    low_hz, high_hz : float
        Frequency range of the classifier, Hz. Selections have it as far as the recording has these frequencies: to half
        of its sample rate.

    Returns
    -------
    dict of str to str
        Text by relative path.

    References
    ----------
    BirdNET-Analyzer, analyze/utils.py: tab-separated text with these columns; Raven knows the first seven and takes the
    others as annotations.
    """
    tables = {}
    ranges = _ranges_hz(recordings, low_hz, high_hz)
    for recording, path, group in _by_recording(events, recordings):
        table = pd.DataFrame(
            {
                "Selection": range(1, len(group) + 1),
                "View": "Spectrogram 1",
                "Channel": 1,
                "Begin Time (s)": group["start_s"].round(6),
                "End Time (s)": group["end_s"].round(6),
                "Low Freq (Hz)": ranges[recording][0],
                "High Freq (Hz)": ranges[recording][1],
                "Common Name": group["label"].map(_single_line),
                "Confidence": group["mean_confidence"].round(4),
                "Begin Path": _single_line(recording),
                "File Offset (s)": group["start_s"].round(6),
            }
        )
        tables[f"{path}.Table.1.selections.txt"] = _text(table, "\t")
    return tables


def audacity(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Export an Audacity label track per recording: start, end, and the label with its confidence.

    Parameters
    ----------
    events, recordings, low_hz, high_hz
        As for `raven`; label tracks have no frequency range.

    Returns
    -------
    dict of str to str
        Text by relative path.

    References
    ----------
    Audacity manual, "Importing and exporting labels": tab-separated, times in seconds, without a header.
    """
    tracks = {}
    for _, path, group in _by_recording(events, recordings):
        lines = [
            f"{event.start_s:.6f}\t{event.end_s:.6f}\t{_single_line(event.label)} {event.mean_confidence:.2f}\n"
            for event in group.itertuples()
        ]
        tracks[f"{path}.labels.txt"] = "".join(lines)
    return tracks


def kaleidoscope(events: pd.DataFrame, recordings: pd.DataFrame, low_hz: float, high_hz: float) -> Files:
    """Export one table of all events for Kaleidoscope's viewer; MANUAL ID is left empty for the reviewer.

    Parameters
    ----------
    events, recordings, low_hz, high_hz
        As for `raven`.

    Returns
    -------
    dict of str to str
        Text by relative path.

    References
    ----------
    BirdNET-Analyzer's table for Kaleidoscope: INDIR to DURATION, and confidence. Kaleidoscope's own cluster.csv, as
    published scripts read it: TOP1MATCH and MANUAL ID.
    """
    events = _with_float_columns(events)
    ranges = _ranges_hz(recordings, low_hz, high_hz)
    paths = events["recording"].map(_single_line).map(PurePosixPath)
    table = pd.DataFrame(
        {
            "INDIR": [str(path.parent.parent) for path in paths],
            "FOLDER": [path.parent.name for path in paths],
            "IN FILE": [path.name for path in paths],
            "OFFSET": events["start_s"].round(6).to_numpy(),
            "DURATION": (events["end_s"] - events["start_s"]).round(6).to_numpy(),
            "Fmin": [ranges[recording][0] for recording in events["recording"]],
            "Fmax": [ranges[recording][1] for recording in events["recording"]],
            "TOP1MATCH": events["label"].map(_single_line).to_numpy(),
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


def _ranges_hz(recordings: pd.DataFrame, low_hz: float, high_hz: float) -> dict[str, tuple[float, float]]:
    """The part of a frequency range that each recording has: nothing above half of its sample rate."""
    ranges = {}
    for recording, sample_rate in zip(recordings["recording"], recordings["sample_rate"], strict=True):
        high = float(high_hz) if pd.isna(sample_rate) else min(float(high_hz), sample_rate / 2)
        ranges[recording] = (float(low_hz) if low_hz < high else 0.0, high)
    return ranges


def _by_recording(events: pd.DataFrame, recordings: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Each recording, its relative output path without suffixes, and its events, of which there may be none."""
    events = _with_float_columns(events)
    groups = {str(name): group for name, group in events.groupby("recording", sort=False)}
    names: dict[PurePath, str] = {}
    root = _common_folder(list(recordings["recording"]))
    for name in sorted(recordings["recording"], key=lambda name: name.startswith("/")):
        path = PurePosixPath(name)
        relative = path.relative_to(root or path.anchor)
        names[path if relative in names else relative] = name  # "disk/a.wav" and "/disk/a.wav" are two recordings
    for key, text in portable_paths(names).items():
        yield names[key], text, groups.get(names[key], events.iloc[:0])


def _common_folder(names: list[str]) -> str:
    """The folder that contains all recordings; empty if there is none."""
    try:
        return posixpath.commonpath([posixpath.dirname(name) for name in names])
    except ValueError:  # no recordings, or both absolute and relative names
        return ""


def _with_float_columns(events: pd.DataFrame) -> pd.DataFrame:
    """A table without rows may have lost the dtypes of its columns."""
    return events.astype({"start_s": float, "end_s": float, "mean_confidence": float})


def _single_line(text: str) -> str:
    """Text without tabs and line breaks, which separate cells and rows."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text)


def _text(table: pd.DataFrame, separator: str) -> str:
    target = StringIO()
    # Raven does not support quotes, and `_single_line` leaves nothing to quote.
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    table.to_csv(target, sep=separator, index=False, lineterminator="\n", quoting=quoting)
    return target.getvalue()

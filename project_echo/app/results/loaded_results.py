"""Results of screenings as the page of results needs them; the last two stay in memory."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from project_echo.app.results.event_table import add_context
from project_echo.plots.palette import label_colors
from project_echo.plots.svg import css_color
from project_echo.screening.results import Results, read_results

TABLES = ("recordings.csv", "events.csv")
ACTIVITY = "activity.csv"
EVENTS = "_events"  # ends the column of recordings.csv that each label has
MAX_RESULTS = 2  # in memory
MAX_SUMMARIES = 200


@dataclass(frozen=True)
class LoadedResults:
    """The tables of a screening.

    Attributes
    ----------
    folder : Path
    events : pd.DataFrame
        From `event_table.add_context`.
    recordings : pd.DataFrame
        recording, site, recorded_at, duration_s and note.
    labels : list of str
        Those that were looked for, sorted.
    colors : dict of str to str
        CSS color of each label.
    """

    folder: Path
    events: pd.DataFrame
    recordings: pd.DataFrame
    labels: list[str]
    colors: dict[str, str]

    @property
    def sites(self) -> list[str]:
        """Sites of the recordings, sorted as people count: site 2 before site 10."""
        return sorted(set(self.recordings["site"]), key=_counting_order)

    def hours(self) -> pd.Series:
        """Recorded hours of each site."""
        return self.recordings.groupby("site")["duration_s"].sum() / 3600


@dataclass(frozen=True)
class Summary:
    """What a card shows of a screening."""

    recordings: int
    hours: float
    sites: int
    events: dict[str, int]  # by label, most frequent first
    skipped: int
    windows: int  # that were screened

    @property
    def total(self) -> int:
        """Number of events."""
        return sum(self.events.values())


def load(folder: Path) -> LoadedResults:
    """The results in a folder, from memory unless the files have changed. Raises EchoError if they cannot be read."""
    return _load(folder, _stamp(folder))


def summarize(folder: Path) -> Summary:
    """What a card shows of the results in a folder. Raises EchoError if they cannot be read."""
    return _summarize(folder, _stamp(folder))


def _stamp(folder: Path) -> tuple[int, ...]:
    """Another one whenever a table has been written."""
    paths = [folder / name for name in (*TABLES, "skipped.csv")]
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


@lru_cache(maxsize=MAX_RESULTS)
def _load(folder: Path, stamp: tuple[int, ...]) -> LoadedResults:
    results = read_results(folder)
    recordings = results.recordings
    labels = sorted({*_looked_for(recordings), *results.events["label"], *_in_activity(results)})
    kept = recordings[["recording", "site", "recorded_at", "duration_s", "note"]]
    colors = {label: css_color(color) for label, color in label_colors(labels).items()}
    return LoadedResults(folder, add_context(results.events, recordings), kept, labels, colors)


@lru_cache(maxsize=MAX_SUMMARIES)
def _summarize(folder: Path, stamp: tuple[int, ...]) -> Summary:
    results = read_results(folder)
    recordings = results.recordings
    events = {label: int(recordings[f"{label}{EVENTS}"].sum()) for label in _looked_for(recordings)}
    if not events:  # without windows.parquet
        events = {str(label): int(n) for label, n in results.events["label"].value_counts().items()}
    return Summary(
        len(recordings),
        float(recordings["duration_s"].sum()) / 3600,
        recordings["site"].nunique(),
        dict(sorted(events.items(), key=lambda item: (-item[1], item[0]))),
        len(results.skipped) if (folder / "skipped.csv").exists() else 0,
        int(recordings["windows"].sum()),
    )


def _counting_order(name: str) -> list[object]:
    parts = re.split("([0-9]+)", name.casefold())  # texts and numbers by turns
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def _looked_for(recordings: pd.DataFrame) -> list[str]:
    return [str(name).removesuffix(EVENTS) for name in recordings.columns if str(name).endswith(EVENTS)]


def _in_activity(results: Results) -> list[str]:
    """Labels of activity.csv, also those without events: recordings.csv may be read without labels."""
    return [str(label) for label in results.activity["label"].unique()] if (results.folder / ACTIVITY).is_file() else []

"""Screened disks: what project-echo predict found, where its results lie in the folder for them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.report import charts
from project_echo.report.charts import Chart

TABLES = ("recordings.csv", "events.csv", "activity.csv")


@dataclass(frozen=True)
class Screening:
    """Results of a disk."""

    name: str
    recordings: int
    hours: float
    events: int
    activity: list[Chart]
    timeless: int  # events of recordings whose time is not known
    alerts: pd.DataFrame | None  # None: no rules were given


def read(folder: Path) -> list[Screening]:
    """Every folder of results in `folder`, by name; one that lacks a table is none, or was not screened to its end."""
    places = [place for place in sorted(folder.iterdir()) if all((place / table).is_file() for table in TABLES)]
    return [_screening(place) for place in places]


def _screening(place: Path) -> Screening:
    recordings = files.read_table(place / "recordings.csv")
    activity = unescape_formulas(files.read_table(place / "activity.csv"))
    events, alerts = files.read_table(place / "events.csv"), place / "alerts.csv"
    return Screening(
        place.name,
        len(recordings),
        float(recordings["duration_s"].sum() / 3600),
        len(events),
        [charts.activity(activity, label) for label in dict.fromkeys(activity["label"])],
        len(events) - int(activity["events"].sum()),
        unescape_formulas(files.read_table(alerts)) if alerts.is_file() else None,
    )

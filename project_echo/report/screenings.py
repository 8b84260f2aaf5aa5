"""Screening results of `project-echo predict`, read for the report."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from project_echo.report.activity import activity_chart
from project_echo.report.charts import Chart
from project_echo.screening.results import Results

TABLES = ("recordings.csv", "events.csv", "activity.csv")


@dataclass(frozen=True)
class Screening:
    """The results of one run of `project-echo predict`."""

    name: str
    recordings: int
    hours: float
    events: int
    activity: list[Chart]  # one per label
    untimed_events: int  # events in recordings without a known start time
    alerts: pd.DataFrame | None  # None if no alert rules were given


def read_screenings(folder: Path) -> list[Screening]:
    """Read all folders of screening results.

    Parameters
    ----------
    folder : Path
        Contains a folder per screening.

    Returns
    -------
    list of Screening
        By name. Folders without all of `TABLES` are ignored: they hold something else, or a screening that has not
        finished.
    """
    complete = [path for path in sorted(folder.iterdir()) if all((path / table).is_file() for table in TABLES)]
    return [_read_screening(path) for path in complete]


def _read_screening(folder: Path) -> Screening:
    results = Results(folder)
    activity = results.activity
    return Screening(
        folder.name,
        len(results.recordings),
        float(results.recordings["duration_s"].sum() / 3600),
        len(results.events),
        [activity_chart(activity, label) for label in dict.fromkeys(activity["label"])],
        len(results.events) - int(activity["events"].sum()),
        results.alerts if (folder / "alerts.csv").is_file() else None,
    )

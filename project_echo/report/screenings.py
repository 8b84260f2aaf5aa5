"""Screening results of `project-echo predict`, read for the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from project_echo.core.spreadsheets import unescape_formulas
from project_echo.report.activity import activity_chart
from project_echo.report.charts import Chart
from project_echo.report.usefulness import Listening, listening
from project_echo.screening.results import Results

TABLES = ("recordings.csv", "events.csv", "activity.csv")
SECONDS = "_seconds"  # ends the column of recordings.csv that each label has


@dataclass(frozen=True)
class Screening:
    """The results of one run of `project-echo predict`."""

    name: str
    recordings: int
    listening: Listening
    events: int
    activity: list[Chart]  # one per label
    untimed_events: int  # events in recordings without a known start time
    alerts: pd.DataFrame | None  # None if no alert rules were given


def read_screenings(folder: Path, labels: Sequence[str]) -> tuple[list[Screening], list[str]]:
    """Read all folders of screening results whose labels are those of the report.

    Parameters
    ----------
    folder : Path
        Contains a folder per screening.
    labels : sequence of str
        Labels of the classifier. A screening may have been limited to some of them.

    Returns
    -------
    screenings : list of Screening
        By name. Folders without all of `TABLES` are ignored: they hold something else, or a screening that has not
        finished.
    left_out : list of str
        Names of the screenings of other labels.
    """
    complete = [path for path in sorted(folder.iterdir()) if all((path / table).is_file() for table in TABLES)]
    same = {path: _is_of_labels(path, labels) for path in complete}
    return [_read_screening(path, labels) for path in complete if same[path]], [
        path.name for path in complete if not same[path]
    ]


def _is_of_labels(folder: Path, labels: Sequence[str]) -> bool:
    """Whether a screening looked for labels of the report and for no others."""
    results = Results(folder)
    header = pd.read_csv(folder / "recordings.csv", nrows=0, sep=None, engine="python", encoding_errors="replace")
    columns = unescape_formulas(header).columns
    looked_for = {str(name).removesuffix(SECONDS) for name in columns if str(name).endswith(SECONDS)}
    looked_for |= {*results.events["label"], *results.activity["label"]}
    return bool(looked_for) and looked_for <= set(labels)


def _read_screening(folder: Path, labels: Sequence[str]) -> Screening:
    results = Results(folder)
    activity = results.activity
    return Screening(
        folder.name,
        len(results.recordings),
        listening(float(results.recordings["duration_s"].sum()), results.events),
        len(results.events),
        [activity_chart(activity, label, labels) for label in dict.fromkeys(activity["label"])],
        len(results.events) - int(activity["events"].sum()),
        results.alerts if (folder / "alerts.csv").is_file() else None,
    )

"""Results of a screening, read back from their folder."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import empty_table, read_table
from project_echo.models.windows import TIME_COLUMNS
from project_echo.screening import columns
from project_echo.screening.columns import Columns


@dataclass(frozen=True)
class Results:
    """Tables of a results folder, accepted wherever its path is.

    Each table is read when it is first used, and kept: a later screening into the same folder does not change it.

    Attributes
    ----------
    folder : Path
        The folder that `screen` wrote.
    """

    folder: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder).absolute())  # the working folder may change

    def __fspath__(self) -> str:
        return os.fspath(self.folder)

    @cached_property
    def recordings(self) -> pd.DataFrame:
        """A row per recording: site, time (ISO 8601), duration (s), and of each label events, seconds and peak.

        The labels are those of windows.parquet; without that file there are no columns of labels.
        """
        return self._read("recordings.csv", columns.recordings(self._labels))

    @cached_property
    def events(self) -> pd.DataFrame:
        """When each label is heard: recording, label, start_s, end_s, mean and peak confidence.

        Events of different labels may overlap. They were found in the slices of windows, so that they may begin and end
        within one; confidences have four decimals.
        """
        return self._read("events.csv", columns.EVENTS)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Every window: recording, start_s, end_s and the probability of each label by itself.

        Large: weeks of recordings need a lot of memory. `recording` is categorical: group by it with ``observed=True``.
        """
        path = self.folder / "windows.parquet"
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise EchoError(f"{path} cannot be read ({error}). {self._remedy}") from None

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Events of each label by site, date and hour of the day, with the seconds recorded."""
        return self._read("activity.csv", columns.ACTIVITY)

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """Recordings that could not be used, each with the reason."""
        return self._read("skipped.csv", columns.SKIPPED)

    @cached_property
    def alerts(self) -> pd.DataFrame:
        """Events, or hours with events, that reached the limit of a rule. Empty if there were no alert rules."""
        if not (self.folder / "alerts.csv").exists():
            return empty_table(columns.ALERTS)
        return self._read("alerts.csv", columns.ALERTS)

    @cached_property
    def _labels(self) -> list[str]:
        path = self.folder / "windows.parquet"
        try:
            with path.open("rb") as stream:  # pyarrow refuses paths that are not UTF-8
                names = pq.read_schema(stream).names
        except (OSError, ValueError):
            return []
        return [name for name in names if name not in ("recording", *TIME_COLUMNS)]

    @property
    def _remedy(self) -> str:
        return f"Screen the recordings again, with {self.folder} as the output folder."

    def _read(self, name: str, dtypes: Columns) -> pd.DataFrame:
        return read_table(self.folder / name, dtypes, self._remedy)


def read_results(folder: str | os.PathLike[str]) -> Results:
    """Read the results of an earlier screening.

    Parameters
    ----------
    folder : str or path
        What `screen`, or the command `project-echo predict`, wrote (its output).

    Returns
    -------
    Results

    Raises
    ------
    EchoError
        If the folder contains no results of a finished screening.

    Examples
    --------
    >>> import project_echo
    >>> results = project_echo.read_results("screening/may")
    >>> results.recordings[["recording", "boar_events", "boar_seconds"]]
    """
    path = Path(folder)
    if not all((path / name).is_file() for name in ("recordings.csv", "events.csv")):
        raise EchoError(
            f"{path} contains no results (recordings.csv, events.csv). Pass the output folder of a screening that has "
            "finished."
        )
    return Results(path)

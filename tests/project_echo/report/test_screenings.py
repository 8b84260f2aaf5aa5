"""Which screenings the report shows."""

from pathlib import Path

import pandas as pd
import pytest

from project_echo.core.spreadsheets import write_table
from project_echo.report.screenings import read_screenings
from project_echo.screening import columns

LABELS = ("fox", "cane_toad")


def write_screening(folder: Path, labels: tuple[str, ...], heard: str = "", hours: float = 1.0) -> None:
    """Tables of a screening for some labels; one of them is heard for six minutes."""
    recordings = {name: [kind()] for name, kind in columns.recordings(labels).items()}
    recordings |= {"recording": ["a.wav"], "duration_s": [3600 * hours]}
    write_table(pd.DataFrame(recordings), folder / "recordings.csv")
    rows = [("a.wav", heard, 0.0, 360.0, 0.9, 0.9)] if heard else []
    write_table(pd.DataFrame(rows, columns=list(columns.EVENTS)), folder / "events.csv")
    write_table(pd.DataFrame(columns=list(columns.ACTIVITY)), folder / "activity.csv")


@pytest.mark.parametrize(
    ("labels", "heard", "shown"),
    [
        (LABELS, "fox", True),
        (LABELS, "", True),
        (("fox",), "fox", True),  # --labels fox
        ((*LABELS, "owl"), "fox", False),
        (("owl",), "", False),
        ((), "owl", False),
        ((), "", False),  # an earlier version's, of labels that nobody knows
    ],
)
def test_only_screenings_of_the_same_labels_are_shown(
    tmp_path: Path, labels: tuple[str, ...], heard: str, shown: bool
) -> None:
    write_screening(tmp_path / "may", labels, heard)
    (tmp_path / "notes").mkdir()
    screenings, left_out = read_screenings(tmp_path, LABELS)
    assert [screening.name for screening in screenings] == (["may"] if shown else [])
    assert left_out == ([] if shown else ["may"])


def test_hours_and_what_is_left_to_listen_to_are_the_screenings_own(tmp_path: Path) -> None:
    write_screening(tmp_path / "may", LABELS, "fox", hours=2.0)
    ((screening,), _) = read_screenings(tmp_path, LABELS)
    assert (screening.listening.total_s, screening.listening.left_s) == (7200, 360)
    assert (screening.recordings, screening.events, screening.untimed_events) == (1, 1, 1)

"""Recordings of the last results that the new ones leave out."""

from collections.abc import Collection
from pathlib import Path

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import read_table
from project_echo.core.text import count
from project_echo.screening.discovery import recording_path


def left_out(output: Path, names: Collection[str]) -> list[str]:
    """Say which recordings of the last results the tables of this run leave out: those gone, and those not passed.

    Tables list the recordings that were passed to this run, so that they are the same as those of a new screening. The
    journal keeps the work: recordings that are back are not screened again.

    Parameters
    ----------
    output : Path
        Folder of the results, before they are written.
    names : collection of str
        Recordings that were found for this run.

    Returns
    -------
    list of str
        A line for each of the two, with the number of recordings and an example; none if there are none.
    """
    try:
        before = set(read_table(output / "recordings.csv", {"recording": str}, "")["recording"])
    except EchoError:  # no results yet, or a table that someone has changed
        return []
    others = sorted(before - set(names))
    gone = [name for name in others if not recording_path(name).exists()]
    not_passed = sorted(set(others) - set(gone))
    lines = []
    for group, one, many, once in (
        (gone, "is no longer there", "are no longer there", "once back"),
        (not_passed, "was not passed this time", "were not passed this time", "when passed"),
    ):
        if group:
            what = f"{count(len(group), 'recording')} of the last results {one if len(group) == 1 else many}"
            lines.append(
                f"{what} ({group[0]}{', ...' * (len(group) > 1)}): left out of the tables, not screened again {once}"
            )
    return lines

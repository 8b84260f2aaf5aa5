"""Precision of events and recall of calls, of screenings of the synthetic field recordings.

    python -m benchmarks.demo_field field screening/before screening/after

Prints a Markdown table with a row per label, and the seconds of events without a call. Which events are right and which
calls are found is decided as in the field evaluation (`evaluation.field_events`). Only calls in recordings that were
screened count.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core.tables import read_table
from project_echo.corpora.demo.voices import LABELS
from project_echo.evaluation.field_events import match_events
from project_echo.screening.discovery import recording_path
from project_echo.screening.results import read_results

COLUMNS = {"right": "events right", "found": "calls found", "false_s": "false seconds"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("field", type=Path, help="folder that python -m project_echo.corpora.demo.field wrote")
    parser.add_argument("results", type=Path, nargs="+", help="folders that project-echo predict wrote about it")
    arguments = parser.parse_args()
    truth = read_table(arguments.field / "truth.csv")
    tables = {str(results): score_results(results, arguments.field, truth) for results in arguments.results}
    first, *others = COLUMNS.values()
    print("| | " + " | ".join(" | ".join([f"{name}: {first}", *others]) for name in tables) + " |")
    print("|---|" + "---|" * len(COLUMNS) * len(tables))
    for label in [*LABELS, "all"]:
        cells = [cell for table in tables.values() for cell in table.loc[label]]
        print(f"| {label} | " + " | ".join(cells) + " |")


def score_results(results: Path, field: Path, truth: pd.DataFrame) -> pd.DataFrame:
    """Scores, as `score_events` returns them, of a folder of results of the field recordings."""
    screened = read_results(results)
    recordings, events = (name_in_field(table, field) for table in (screened.recordings, screened.events))
    return score_events(truth, events, list(recordings["recording"]))


def name_in_field(table: pd.DataFrame, field: Path) -> pd.DataFrame:
    """Replace the names of recordings in a table by paths relative to the field's folder, as in truth.csv."""
    paths = [recording_path(name).resolve().relative_to(field.resolve()) for name in table["recording"]]
    return table.assign(recording=[path.as_posix() for path in paths])


def score_events(truth: pd.DataFrame, events: pd.DataFrame, recordings: list[str]) -> pd.DataFrame:
    """Count right events, calls that are found, and seconds of events without a call.

    Parameters
    ----------
    truth : pd.DataFrame
        Calls: recording, label, start_s, end_s.
    events : pd.DataFrame
        The same columns.
    recordings : list of str
        Recordings that were screened.

    Returns
    -------
    pd.DataFrame
        Rows by label and "all". `right` is of events, `found` of calls, and `false_s` of seconds, all as text ("3 of 4:
        75%", "1.5").
    """
    matched, calls = match_events(events, truth[truth["recording"].isin(recordings)], LABELS)
    rows = {
        label: (
            _share(matched.loc[matched["label"].isin(of), "right"].to_numpy()),
            _share(calls.loc[calls["label"].isin(of), "found"].to_numpy()),
            f"{matched.loc[matched['label'].isin(of), 'false_s'].sum():.1f}",
        )
        for label, of in {**{label: [label] for label in LABELS}, "all": LABELS}.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))


def _share(hits: np.ndarray) -> str:
    return f"{hits.sum()} of {len(hits)}: {hits.mean():.0%}" if len(hits) else "none"


if __name__ == "__main__":
    main()

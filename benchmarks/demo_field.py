"""Precision of events and recall of bouts, of screenings of the synthetic field recordings.

    python -m benchmarks.demo_field field screening/before screening/after

Prints a Markdown table with a row per label. An event is correct if an animal of its label calls in it for at least
half a second. A bout, an animal that calls for a while, is detected if an event of its label overlaps it by as much.
Only bouts in recordings that were screened count.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.corpora.demo.voices import LABELS
from project_echo.screening.discovery import recording_path
from project_echo.screening.results import read_results

MIN_OVERLAP_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("field", type=Path, help="folder that python -m project_echo.corpora.demo.field wrote")
    parser.add_argument("results", type=Path, nargs="+", help="folders that project-echo predict wrote about it")
    arguments = parser.parse_args()
    truth = files.read_table(arguments.field / "truth.csv")
    tables = {str(results): score_results(results, arguments.field, truth) for results in arguments.results}
    print("| | " + " | ".join(f"{name}: events correct | bouts detected" for name in tables) + " |")
    print("|---|" + "---|" * 2 * len(tables))
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
    """Count correct events and detected bouts.

    Parameters
    ----------
    truth : pd.DataFrame
        Bouts: recording, label, start_s, end_s.
    events : pd.DataFrame
        The same columns.
    recordings : list of str
        Recordings that were screened.

    Returns
    -------
    pd.DataFrame
        Rows by label and "all". `correct` is of events, `detected` of bouts, both as text ("3 of 4: 75%").
    """
    bouts = truth[truth["recording"].isin(recordings) & truth["label"].isin(LABELS)]
    pairs = events.reset_index().merge(bouts.reset_index(), on=["recording", "label"], suffixes=("", "_bout"))
    overlap_s = pairs[["end_s", "end_s_bout"]].min(axis=1) - pairs[["start_s", "start_s_bout"]].max(axis=1)
    overlapping = pairs[overlap_s >= MIN_OVERLAP_S]
    correct, detected = events.index.isin(overlapping["index"]), bouts.index.isin(overlapping["index_bout"])
    rows = {
        label: (_share(correct[events["label"] == label]), _share(detected[bouts["label"] == label]))
        for label in LABELS
    }
    rows["all"] = (_share(correct), _share(detected))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["correct", "detected"])


def _share(hits: np.ndarray) -> str:
    return f"{hits.sum()} of {len(hits)}: {hits.mean():.0%}" if len(hits) else "none"


if __name__ == "__main__":
    main()

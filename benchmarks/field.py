"""Screenings of the synthetic field against its truth: precision of events, recall of bouts.

    python -m benchmarks.field field screening/before screening/after

Prints a Markdown table, a row per label. An event is correct if its animal calls in it, and a bout of an animal is
detected if an event of its label overlaps it, each by half a second at least. Only bouts in recordings that were
screened count.
"""

import argparse
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.spreadsheets import unescape_formulas
from project_echo.corpora.demo.voices import LABELS
from project_echo.screening import discovery

LEAST_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("field", type=Path, help="what python -m project_echo.corpora.demo.field made")
    parser.add_argument("results", type=Path, nargs="+", help="what project-echo predict made of it")
    arguments = parser.parse_args()
    truth = files.read_table(arguments.field / "truth.csv")
    columns = {str(results): scores(truth, *_read(results, arguments.field)) for results in arguments.results}
    print("| | " + " | ".join(f"{name}: events correct | bouts detected" for name in columns) + " |")
    print("|---|" + "---|" * 2 * len(columns))
    for label in [*LABELS, "all"]:
        cells = [cell for told in columns.values() for cell in told.loc[label]]
        print(f"| {label} | " + " | ".join(cells) + " |")


def _read(results: Path, field: Path) -> tuple[pd.DataFrame, list[str]]:
    """Events, and the recordings that were screened, by their names in the field."""

    def named(table: pd.DataFrame) -> pd.DataFrame:
        paths = [discovery.recording_path(name).resolve().relative_to(field.resolve()) for name in table["recording"]]
        return table.assign(recording=[path.as_posix() for path in paths])

    screened = named(unescape_formulas(files.read_table(results / "recordings.csv")))
    return named(unescape_formulas(files.read_table(results / "events.csv"))), list(screened["recording"])


def scores(truth: pd.DataFrame, events: pd.DataFrame, recordings: list[str]) -> pd.DataFrame:
    """Rows by label, and all: "correct" of events ("3 of 4: 75%"), and "detected" of bouts.

    `truth` has recording, label, start_s, end_s, as `events` has.
    """
    bouts = truth[truth["recording"].isin(recordings) & truth["label"].isin(LABELS)]
    both = events.reset_index().merge(bouts.reset_index(), on=["recording", "label"], suffixes=("", "_bout"))
    over_s = both[["end_s", "end_s_bout"]].min(axis=1) - both[["start_s", "start_s_bout"]].max(axis=1)
    met = both[over_s >= LEAST_S]
    events = events.assign(correct=events.index.isin(met["index"]))
    bouts = bouts.assign(detected=bouts.index.isin(met["index_bout"]))
    rows = {
        label: (_share(events.loc[mine, "correct"]), _share(bouts.loc[theirs, "detected"]))
        for label, mine, theirs in [
            *((label, events["label"] == label, bouts["label"] == label) for label in LABELS),
            ("all", slice(None), slice(None)),
        ]
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["correct", "detected"])


def _share(hits: pd.Series) -> str:
    return f"{hits.sum()} of {len(hits)}: {hits.mean():.0%}" if len(hits) else "none"


if __name__ == "__main__":
    main()

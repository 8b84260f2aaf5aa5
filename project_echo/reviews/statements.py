"""What a corpus states about its reviewed clips, in its labels.csv: which labels are heard when, and which are not."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from project_echo.core.spreadsheets import empty_table, read_table, write_table
from project_echo.corpora.partial import INPUT, TABLE
from project_echo.datasets.stated import ABSENT, PRESENT
from project_echo.reviews import clips, placement
from project_echo.reviews.exchange import split_labels
from project_echo.reviews.placement import CorpusContents

DECIMALS = 3  # of seconds


def state_events(events: pd.DataFrame, contents: CorpusContents) -> pd.DataFrame:
    """State for each clip what is known of it, from all events that overlap it.

    Parameters
    ----------
    events : pd.DataFrame
        The ledger: ledger.COLUMNS.
    contents : CorpusContents
        What the corpus contains: nothing can be stated about labels that it does not have, and about background there
        is nothing more to state.

    Returns
    -------
    pd.DataFrame
        Columns of partial.INPUT; times in s from the start of the file. What is heard in an event is stated for the
        whole of it, and where a label is heard, no other event states that it is absent.
    """
    owned = events[clips.are_owned(events)].drop_duplicates("file")
    by_recording = dict(list(events.groupby("recording")))
    rows = []
    for clip in owned.itertuples():
        if str(clip.file).startswith(f"{contents.none}/"):
            continue
        first_s, last_s = clips.clip_span(clip.start_s, clip.end_s)
        for event in by_recording[str(clip.recording)].itertuples():
            start_s = round(max(event.start_s - first_s, 0.0), DECIMALS)
            end_s = round(min(event.end_s, last_s) - first_s, DECIMALS)
            if start_s < end_s:
                rows += [
                    (clip.file, start_s, end_s, *fact)
                    for fact in _facts(str(event.prediction), str(event.truth), contents.labels)
                ]
    table = pd.DataFrame(sorted(set(rows)), columns=list(INPUT)).astype(INPUT)
    return table[~_contradicted(table)].reset_index(drop=True)


def _facts(prediction: str, truth: str, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Each label that an event says something about, with yes or no."""
    heard = [label for text in split_labels(truth) if (label := placement.matching_label(text, labels))]
    facts = [(label, PRESENT) for label in heard]
    predicted = placement.matching_label(prediction, labels)
    return facts if predicted is None or predicted in heard else [*facts, (predicted, ABSENT)]


def _contradicted(table: pd.DataFrame) -> pd.Series:
    """Whether a label is absent in a row, and present in another one of its file that overlaps it."""
    present = table[table["present"] == PRESENT]
    pairs = table[table["present"] == ABSENT].reset_index().merge(present, on=["file", "label"], suffixes=("", "_yes"))
    overlap = (pairs["start_s"] < pairs["end_s_yes"]) & (pairs["end_s"] > pairs["start_s_yes"])
    return pd.Series(table.index.isin(pairs.loc[overlap, "index"]), index=table.index)


def write_statements(corpus: Path, stated: pd.DataFrame, reviewed: Iterable[str]) -> None:
    """Write labels.csv of a corpus: new rows for reviewed files, and those of other files as they are.

    Parameters
    ----------
    corpus : Path
        Folder of the corpus.
    stated : pd.DataFrame
        From `state_events`.
    reviewed : iterable of str
        Files that come from reviews, now or before: their earlier rows are replaced.

    Raises
    ------
    EchoError
        If there is a table that cannot be read.
    """
    path = corpus / TABLE
    before = read_statements(corpus)
    others = before[~before["file"].isin(set(reviewed))]
    table = pd.concat([others, stated], ignore_index=True)
    if table.equals(before):
        return
    if table.empty:
        path.unlink(missing_ok=True)
    else:
        write_table(table, path)


def read_statements(corpus: Path) -> pd.DataFrame:
    """Read labels.csv of a corpus, columns of partial.INPUT; empty if there is none."""
    path = corpus / TABLE
    if not path.is_file():
        return empty_table(INPUT)
    return read_table(path, INPUT, f"Its columns are {', '.join(INPUT)}.")

"""Reviewed events of labels, and of kinds of background, that too few sources have for training."""

from pathlib import Path

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import write_table
from project_echo.corpora.collected import found_table
from project_echo.corpora.joined import find_joined
from project_echo.reviews import exchange, ledger
from project_echo.reviews.answer_tables import read_answers
from project_echo.studies.checks import MIN_SOURCES, count_sources


def rare_events(events: pd.DataFrame, folder: Path, reviewed: Path) -> pd.DataFrame:
    """Find the events whose label, or kind of background, has fewer sources than training needs.

    Parameters
    ----------
    events : pd.DataFrame
        What `collect_labels` returned for the folder `reviewed`.
    folder : Path
        The folder of recordings.
    reviewed : Path

    Returns
    -------
    pd.DataFrame
        Their rows, with `name`: the label, or none/<kind>.
    """
    counts = count_sources(found_table(find_joined(folder, reviewed)[0]))
    few = counts[counts["sources"] < MIN_SOURCES]
    names = {f"{NONE}/{row.kind}" if row.label == NONE else str(row.label) for row in few.itertuples()}
    parts = events["file"].str.split("/")
    of_event = [f"{NONE}/{file[1] if len(file) > 2 else NONE}" if file[0] == NONE else file[0] for file in parts]
    return events.assign(name=of_event)[pd.Series(of_event, index=events.index).isin(names)]


def write_answers_without(rare: pd.DataFrame, labels: Path, target: Path) -> None:
    """Write the answers of a review with some events skipped.

    Parameters
    ----------
    rare : pd.DataFrame
        Rows of `rare_events`.
    labels : Path
        The table that the page of the review exported.
    target : Path
    """
    answers = read_answers(labels, "Export it from the page of the review.").rename(columns={"label": "prediction"})
    skipped = ledger.keys(answers).isin(set(ledger.keys(rare)))
    answers.loc[skipped, ["verdict", "reviewed_label"]] = [exchange.SKIPPED, ""]
    write_table(answers.rename(columns={"prediction": "label"})[list(exchange.COLUMNS)], target)

"""Decisions on events, from the answers that the review page exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.reviews import exchange, ledger, placement
from project_echo.reviews.exchange import ACCEPTED, REJECTED, RELABELLED, SKIPPED, UNDECIDED
from project_echo.reviews.placement import CorpusContents

COLUMNS = [*ledger.SEGMENT, "source", "prediction", "verdict", "truth", "media", "row"]


def decide(
    answers: pd.DataFrame, events: pd.DataFrame, contents: CorpusContents, before: pd.DataFrame, path: Path
) -> pd.DataFrame:
    """Check answers against the events of the review, and find the label that each event gets.

    Labels that people typed match earlier ones if only case, spaces or underscores differ: those of the corpus, of the
    ledger, and of the rows above.

    Parameters
    ----------
    answers : pd.DataFrame
        The exported table, exchange.COLUMNS.
    events : pd.DataFrame
        The events of the review, exchange.COLUMNS.
    contents : CorpusContents
        What the corpus contains without the files of earlier reviews.
    before : pd.DataFrame
        The ledger of the corpus.
    path : Path
        The file of `answers`, for error messages.

    Returns
    -------
    pd.DataFrame
        COLUMNS, a row per event that was decided or skipped. `truth` is the label, ``none`` for background, and empty
        for a skipped event; `row` is the row in the file, where the header is row 1.

    Raises
    ------
    EchoError
        For a row with an event of another review, an event of an earlier row, an unknown verdict or an unusable label.
    """
    # Labels of events that are decided again do not count, so that a new spelling replaces the old one.
    answered = answers[answers["verdict"].str.strip() != UNDECIDED]
    decided_again = set(ledger.keys(answered, exchange.KEY_COLUMNS))
    labels = list(before.loc[~ledger.keys(before).isin(decided_again), "truth"])
    predictions = sorted(set(events["label"]))
    rows = []
    for row, event, answer in _matched(answers, events, path):
        verdict = answer["verdict"].strip()
        if verdict == UNDECIDED:
            continue
        label = {ACCEPTED: event["label"], RELABELLED: answer["reviewed_label"], REJECTED: NONE, SKIPPED: ""}[verdict]
        try:
            truth = "" if verdict == SKIPPED else placement.resolve_label(label, contents, predictions, labels)
        except EchoError as error:
            raise EchoError(f"{_where(path, row, answer)}: {error}. Type another one in reviewed_label.") from None
        labels += [truth] * bool(truth)
        facts = {name: event[name] for name in (*ledger.SEGMENT, "source", "media")}
        rows.append({**facts, "prediction": event["label"], "verdict": verdict, "truth": truth, "row": row})
    table = pd.DataFrame(rows, columns=COLUMNS)
    repeated = table[ledger.keys(table).duplicated()]
    if len(repeated):
        raise EchoError(
            f"{path}, row {repeated['row'].iloc[0]}: an earlier row has the same event. Remove one of them."
        )
    return table


def _matched(
    answers: pd.DataFrame, events: pd.DataFrame, path: Path
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """The row, the event and the answer of each row of the exported table."""
    by_key = dict(zip(ledger.keys(events, exchange.KEY_COLUMNS), events.to_dict("records"), strict=True))
    keys = ledger.keys(answers, exchange.KEY_COLUMNS)
    for row, (key, answer) in enumerate(zip(keys, answers.to_dict("records"), strict=True), 2):
        if key not in by_key:
            raise EchoError(
                f"{_where(path, row, answer)}: no such event in this review. Pass the review that the table was "
                "exported from."
            )
        answer["verdict"] = answer["verdict"].strip().lower()
        if answer["verdict"] not in exchange.VERDICTS:
            raise EchoError(
                f"{_where(path, row, answer)}: unknown verdict {answer['verdict']!r}. Use one of "
                f"{', '.join(filter(None, exchange.VERDICTS))}."
            )
        yield row, by_key[key], answer


def _where(path: Path, row: int, answer: dict[str, Any]) -> str:
    return f"{path}, row {row} ({answer['recording']}, {answer['start_s']:g} s)"

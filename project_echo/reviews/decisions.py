"""Decisions on events, from the answers that the review page exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.reviews import exchange, ledger, placement
from project_echo.reviews.exchange import ACCEPTED, NOT_THIS_LABEL, REJECTED, SKIPPED, UNDECIDED
from project_echo.reviews.placement import CorpusContents

COLUMNS = [*ledger.SEGMENT, "source", "prediction", "verdict", "truth", "media", "row"]


def decide(
    answers: pd.DataFrame, events: pd.DataFrame, contents: CorpusContents, before: pd.DataFrame, path: Path
) -> pd.DataFrame:
    """Check answers against the events of the review, and find the labels that are heard in each event.

    Labels that people typed match earlier ones if only case, spaces or underscores differ: those of the corpus, of the
    ledger, and of the rows above.

    Parameters
    ----------
    answers : pd.DataFrame
        The exported table, exchange.COLUMNS; its index counts the rows of the file from 0.
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
        COLUMNS, a row per event that was decided or skipped. `truth` has the labels as `exchange.join_labels` writes
        them, ``none`` for background; it is empty for a skipped event and for one that is only known not to be the
        label. `row` is the row in the file, where the header is row 1.

    Raises
    ------
    EchoError
        For a row with an event of another review, an event of an earlier row, an unknown verdict or an unusable label.
    """
    # Labels of events that are decided again do not count, so that a new spelling replaces the old one.
    answered = answers[answers["verdict"].str.strip() != UNDECIDED]
    decided_again = set(ledger.keys(answered, exchange.KEY_COLUMNS))
    undecided = before.loc[~ledger.keys(before).isin(decided_again), "truth"]
    labels = [label for truth in undecided for label in exchange.split_labels(truth)]
    predictions = sorted(set(events["label"]))
    rows = []
    for row, event, answer in _matched(answers, events, path):
        verdict = answer["verdict"].strip()
        if verdict == UNDECIDED:
            continue
        try:
            heard = [placement.resolve_label(text, contents, predictions, labels) for text in _texts(verdict, answer)]
            truth = _checked(verdict, list(dict.fromkeys(heard)))
        except EchoError as error:
            raise EchoError(f"{_where(path, row, answer)}: {error}. Correct its verdict or reviewed_label.") from None
        labels += heard
        facts = {name: event[name] for name in (*ledger.SEGMENT, "source", "media")}
        given = {"prediction": event["label"], "verdict": verdict, "truth": exchange.join_labels(truth)}
        rows.append({**facts, **given, "row": row})
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"start_s": float, "end_s": float})
    repeated = table[ledger.keys(table).duplicated()]
    if len(repeated):
        raise EchoError(
            f"{path}, row {repeated['row'].iloc[0]}: an earlier row has the same event. Remove one of them."
        )
    return table


def _texts(verdict: str, answer: dict[str, Any]) -> list[str]:
    """The labels that are heard in an event, as they were typed."""
    if verdict in (SKIPPED, NOT_THIS_LABEL):
        return []
    if verdict == REJECTED:
        return [NONE]
    own = [answer["label"]] * (verdict == ACCEPTED)
    return list(dict.fromkeys([*own, *exchange.split_labels(answer["reviewed_label"])]))


def _checked(verdict: str, heard: list[str]) -> list[str]:
    """The labels that are heard. Raises EchoError if there should be some, or background is among animals."""
    if not heard and verdict not in (SKIPPED, NOT_THIS_LABEL):
        raise EchoError(f"the verdict {verdict!r} needs a label, and reviewed_label is ''")
    if NONE in heard and len(heard) > 1:
        raise EchoError(f"{NONE} means that no animal is heard, but {', '.join(set(heard) - {NONE})} is, too")
    return heard


def _matched(
    answers: pd.DataFrame, events: pd.DataFrame, path: Path
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """The row, the event and the answer of each row of the exported table."""
    by_key = dict(zip(ledger.keys(events, exchange.KEY_COLUMNS), events.to_dict("records"), strict=True))
    keys = ledger.keys(answers, exchange.KEY_COLUMNS)
    for row, key, answer in zip(answers.index + 2, keys, answers.to_dict("records"), strict=True):
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

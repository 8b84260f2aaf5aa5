"""The reviews of the workspace, with the answers that are kept beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from project_echo.app.made_by import MadeBy, made_by
from project_echo.app.workspace import Workspace
from project_echo.core import files
from project_echo.core.errors import EchoError, file_reason
from project_echo.reviews import exchange, stored_labels
from project_echo.reviews.review import PAGE
from project_echo.reviews.stored_answers import Change, append_changes, read_changes


@dataclass(frozen=True)
class Review:
    """A review and how far it is.

    Attributes
    ----------
    name : str
        Also that of the results.
    events, answered : int
    model : MadeBy or None
        The classifier that made the results, if it is in the workspace.
    problem : str
        Why the page or the answers cannot be read; empty if they can.
    """

    name: str
    events: int
    answered: int
    model: MadeBy | None
    problem: str = ""


def find_reviews(workspace: Workspace) -> list[Review]:
    """All reviews of a workspace."""
    return [_review(workspace, name) for name in workspace.review_names()]


def _review(workspace: Workspace, name: str) -> Review:
    page, answers = workspace.reviews / name / PAGE, workspace.answers(name)
    try:
        events, answered, _ = _counts(page, _changed_ns(page), answers, _changed_ns(answers))
    except EchoError as error:
        return Review(name, 0, 0, None, str(error))
    except OSError as error:  # it is being made again
        return Review(name, 0, 0, None, f"{error.filename or page}: {file_reason(error)}.")
    return Review(name, events, answered, made_by(workspace.results / name, workspace))


def count_answers(workspace: Workspace, name: str) -> int | None:
    """How many events and random windows of a review have an answer; None if that cannot be read."""
    page, answers = workspace.reviews / name / PAGE, workspace.answers(name)
    try:
        _, events, windows = _counts(page, _changed_ns(page), answers, _changed_ns(answers))
    except (EchoError, OSError):
        return None
    return events + windows


def keep_changes(workspace: Workspace, name: str, changes: Iterable[Change]) -> None:
    """Keep changes of the answers to a review. Raises EchoError if they cannot be written."""
    answers = workspace.answers(name)
    answers.parent.mkdir(exist_ok=True)
    append_changes(answers, changes)


def write_labels(workspace: Workspace, name: str) -> Path:
    """Write the answers of a review as its page exports them (labels.csv), beside the answers.

    The file is named by its content: with more answers, improving is another job.

    Parameters
    ----------
    workspace : Workspace
    name : str
        Of the review.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    EchoError
        If the page or the answers cannot be read.
    """
    answers = workspace.answers(name)
    written = answers.with_suffix(".csv")
    stored_labels.write_labels(workspace.reviews / name / PAGE, read_changes(answers), written)
    return written.replace(answers.with_name(f"{name}-{files.sha256(written)[:8]}.csv"))


@lru_cache(maxsize=64)  # the page of a long review takes a second to read
def _counts(page: Path, _page_ns: int, answers: Path, _answers_ns: int) -> tuple[int, int, int]:
    """Number of events, and of events and random windows with an answer; the times tell whether files have changed."""
    table = stored_labels.label_table(stored_labels.read_page_data(page), read_changes(answers))
    is_event, is_answered = table[exchange.SAMPLE] == "", table["verdict"] != exchange.UNDECIDED
    windows = table.loc[~is_event & is_answered, ["recording", "start_s", "end_s"]]  # a row for each label
    return int(is_event.sum()), int((is_event & is_answered).sum()), len(windows.drop_duplicates())


def _changed_ns(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0

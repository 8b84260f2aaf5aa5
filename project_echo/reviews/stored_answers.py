"""Answers of a review on disk, a change on each line, and the page that starts from them (see diskstore.js)."""

import os
import threading
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Optional

import pydantic

from project_echo.core.errors import EchoError, file_reason
from project_echo.core.validation import Schema
from project_echo.reviews import exchange
from project_echo.web.render import escape_json

MAX_BYTES = 200_000  # of a request: the page sends about 10,000 characters, or a single change
_LOCK = threading.Lock()  # requests of two pages may be handled at the same time


def _check_verdict(verdict: str) -> str:
    if verdict == exchange.UNDECIDED or verdict not in exchange.VERDICTS:
        raise ValueError(f"use one of {', '.join(filter(None, exchange.VERDICTS))}")
    return verdict


def _check_label(label: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in label):
        raise ValueError("a label must be on one line, without control characters")
    return label


EventId = Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{16}\z")]


class Answer(Schema):
    """An answer, as answers.js documents it."""

    verdict: Annotated[str, pydantic.AfterValidator(_check_verdict)]
    label: Annotated[str, pydantic.Field(max_length=2000), pydantic.AfterValidator(_check_label)]
    sequence: Annotated[int, pydantic.Field(ge=1, lt=2**53)]
    previous: Optional["Answer"] = None
    implied: bool = False


class AnswerChange(Schema):
    """The new answer to an event, None if it was undone."""

    event: EventId  # the same in every review of the same results
    answer: Answer | None


class NoteChange(Schema):
    """The new note on an event, empty if it was deleted."""

    event: EventId
    note: Annotated[str, pydantic.Field(max_length=10_000)]


Change = AnswerChange | NoteChange


def _kind(change: Any) -> str:
    return "note" if "note" in (change if isinstance(change, dict) else ()) else "answer"


_TAGGED = Annotated[  # so that errors are those of one kind
    Annotated[AnswerChange, pydantic.Tag("answer")] | Annotated[NoteChange, pydantic.Tag("note")],
    pydantic.Discriminator(_kind),
]
_CHANGE: pydantic.TypeAdapter[Change] = pydantic.TypeAdapter(_TAGGED)
_CHANGES: pydantic.TypeAdapter[list[Change]] = pydantic.TypeAdapter(list[_TAGGED])


def check_changes(body: bytes) -> list[Change]:
    """Check what a page sent.

    Parameters
    ----------
    body : bytes
        A JSON array of changes. It is not trusted.

    Returns
    -------
    list of Change

    Raises
    ------
    EchoError
        If it is anything else; says what is wrong.
    """
    if len(body) > MAX_BYTES:
        raise EchoError(f"the changes have {len(body)} bytes. Send at most {MAX_BYTES}.")
    try:
        return _CHANGES.validate_json(body, strict=True)
    except pydantic.ValidationError as error:
        raise EchoError(f"the change cannot be stored: {_explain(error)}.") from None


def _explain(error: pydantic.ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def append_changes(path: Path, changes: Iterable[Change]) -> None:
    """Append changes to a file. They are on the disk when this returns, even if the computer is switched off.

    Parameters
    ----------
    path : Path
        A JSON Lines file, created if it does not exist; its folder must exist. The half line of a process that was
        killed is removed first.
    changes : iterable of Change

    Raises
    ------
    EchoError
        If the file cannot be written. Some of the changes may have been: to append all again does no harm.
    """
    lines = b"".join(change.model_dump_json(exclude_unset=True).encode() + b"\n" for change in changes)
    try:
        with _LOCK, path.open("a+b") as stream:
            _remove_half_line(stream)
            stream.write(lines)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise EchoError(f"{path}: answers cannot be saved ({error.strerror or error}).") from error


def _remove_half_line(stream: BinaryIO) -> None:
    length = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, length - 1))
    if length and stream.read(1) != b"\n":
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)


def read_changes(path: Path) -> list[Change]:
    """Read what is stored.

    Parameters
    ----------
    path : Path
        A file of `append_changes`. It may be missing; a half line at its end is ignored.

    Returns
    -------
    list of Change
        The last answer to each event and the last note on it, without deleted ones.

    Raises
    ------
    EchoError
        If the file cannot be read or contains anything else; names the line.
    """
    try:
        *lines, _half = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EchoError(f"{path}: {file_reason(error)}.") from error
    last: dict[tuple[str, type[Change]], Change] = {}
    for number, line in enumerate(lines, start=1):
        try:
            change = _CHANGE.validate_json(line, strict=True)
        except pydantic.ValidationError as error:
            raise EchoError(f"{path}, line {number} is damaged ({_explain(error)}). Delete the line.") from None
        last[change.event, type(change)] = change
    return [change for change in last.values() if (change.note if isinstance(change, NoteChange) else change.answer)]


def embed_changes(page: str, changes: Iterable[Change]) -> str:
    """Put stored changes into the page of a review, which then sends new ones instead of keeping them in the browser.

    Parameters
    ----------
    page : str
        HTML of the review's index.html.
    changes : iterable of Change
        From `read_changes`.

    Returns
    -------
    str
        HTML. It sends each change to `answers`, relative to its address.
    """
    stored = ",".join(change.model_dump_json(exclude_unset=True) for change in changes)
    element = f'<script type="application/json" id="stored-answers">{escape_json(f"[{stored}]")}</script>'
    return page.replace("</head>", f"{element}\n</head>", 1)

"""Where in a folder corpus a reviewed event belongs, by its verdict."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, RESERVED
from project_echo.core.names import portable_name
from project_echo.corpora.collected import UNSEEN
from project_echo.datasets.split import PARTS

FALSE_ALARM = "false_alarm"  # the kind of background that was taken for an animal
# Windows takes none of these in a name; "/" and "\" are between folders.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Corpus:
    """What a folder corpus holds already: its labels, and the sources of each kind of background."""

    labels: tuple[str, ...]
    sources: dict[str, frozenset[str]]


def corpus(folder: Path, without: Iterable[str]) -> Corpus:
    """The corpus in a folder, without the files of these paths (those that were placed here before)."""
    before = set(without)
    parts = [path.relative_to(folder).parts for path in folder.rglob("*") if path.is_file()]
    kept = [part for part in parts if "/".join(part) not in before and not any(name.startswith(".") for name in part)]
    labels = sorted({part[0] for part in kept if len(part) > 1} - {NONE, UNSEEN})
    sources: dict[str, set[str]] = {}
    for part in kept:
        if part[0] == NONE:
            kind, source = part[1:3] if len(part) > 2 else (NONE, part[-1])
            sources.setdefault(kind, set()).add(source)
    return Corpus(tuple(labels), {kind: frozenset(some) for kind, some in sources.items()})


def places(table: pd.DataFrame, there: Corpus) -> list[str]:
    """The path in the corpus of each reviewed event, of its `recording`, `source`, `start_s`, `end_s`, `truth`.

    An animal: <label>/<source>/<file>. What is none of the labels: none/<kind>/<source>/<file>, of the kind that it was
    named as, if the corpus has that kind of background; else false_alarm. A split needs three sources of each kind, so
    as long as false alarms come from fewer, they join background that is of no kind (files directly in none/), and
    where there is none of it, the kind that has most.
    """
    folders = [_folder(str(truth), there) for truth in table["truth"]]
    sources = [portable_name(str(source)) for source in table["source"]]
    alarms = {source for source, folder in zip(sources, folders, strict=True) if folder == f"{NONE}/{FALSE_ALARM}"}
    alarms |= there.sources.get(FALSE_ALARM, frozenset())
    largest = max(there.sources, key=lambda kind: (len(there.sources[kind]), kind), default=FALSE_ALARM)
    kind = FALSE_ALARM if len(alarms) >= len(PARTS) else NONE if NONE in there.sources else largest
    found = []
    for event, source, folder in zip(table.to_dict("records"), sources, folders, strict=True):
        into = f"{NONE}/{kind}" if folder == f"{NONE}/{FALSE_ALARM}" else folder
        found.append(f"{into}/{source}/{file_name(event['recording'], event['start_s'], event['end_s'])}")
    return found


def _folder(truth: str, there: Corpus) -> str:
    if truth == NONE:
        return f"{NONE}/{FALSE_ALARM}"
    return f"{NONE}/{truth}" if truth in there.sources and truth not in there.labels else truth


def label(text: str, there: Corpus, heard: Sequence[str], before: Sequence[str] = ()) -> str:
    """The label that a person means, as a folder's name on every system.

    One that the corpus has already, as a label or as a kind of background, that was placed `before`, or of `heard` (the
    classifier's), where only case, spaces or underscores differ; else a new one. Raises EchoError, with the reason, if
    it can be none.
    """
    wanted = unicodedata.normalize("NFC", text).strip()
    names = (*there.labels, *there.sources, NONE, *before)
    if known := _same(wanted, names):
        return known
    meant = _same(wanted, heard) or wanted
    made = re.sub(r"\s+", "_", _FORBIDDEN.sub("_", meant)).lstrip(".-").rstrip(".")[:60]
    if not made.strip("_"):
        raise EchoError(f"the label {text!r} leaves no name for a folder")
    if made.casefold() in {UNSEEN, FALSE_ALARM, *RESERVED}:
        raise EchoError(f"the label {text!r} is a name that the corpus or the results need themselves")
    return _same(made, names) or made


def _same(text: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if _loosely(name) == _loosely(text)), None)


def _loosely(text: str) -> str:
    return re.sub(r"[\s_]+", "_", unicodedata.normalize("NFC", text)).casefold()


def file_name(recording: str, start_s: float, end_s: float) -> str:
    """File name of an event's sound, unique to this stretch of this recording."""
    name = portable_name(PurePosixPath(recording).stem, identity=f"{recording}\n{start_s:.3f}\n{end_s:.3f}")
    return f"{name}-{start_s:.1f}s.flac"

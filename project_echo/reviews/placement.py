"""Where reviewed events belong in a folder corpus: the folder of their label or kind of background."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL, RESERVED, UNSEEN, label_key
from project_echo.core.names import portable_label, portable_name
from project_echo.datasets.split import PARTS
from project_echo.media.file_types import is_system_name

FALSE_POSITIVE = "false_positive"  # the kind of background that the classifier took for an animal


@dataclass(frozen=True)
class CorpusContents:
    """Labels of a folder corpus, and the sources of each kind of background (``none`` for background without one).

    `none` and `partial` are the names of the folders of background and of partially labelled recordings, which may be
    written differently (`None`).
    """

    labels: tuple[str, ...]
    background: dict[str, frozenset[str]]
    none: str = NONE
    partial: str = PARTIAL


def scan_corpus(folder: Path, exclude: Iterable[str], beside: Path | None = None) -> CorpusContents:
    """List the labels and the background of a folder corpus, and of the folder with which it is joined.

    Parameters
    ----------
    folder : Path
        Folder of the corpus; it need not exist.
    exclude : iterable of str
        Files to leave out, relative to the folder: those that come from earlier reviews.
    beside : Path, optional
        The other folder, of which nothing is left out.

    Returns
    -------
    CorpusContents
    """
    excluded = set(exclude)
    own = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    others = [path.relative_to(beside) for path in beside.rglob("*") if path.is_file()] if beside else []
    paths = [*own, *others]
    kept = [path.parts for path in [*(path for path in own if path.as_posix() not in excluded), *others]]
    kept = [parts for parts in kept if not any(is_system_name(part) for part in parts)]
    folders = {parts[0] for parts in kept if len(parts) > 1}
    labels = sorted(name for name in folders if label_key(name) not in {NONE, UNSEEN, PARTIAL})
    none, partial = (
        next((path.parts[0] for path in sorted(paths) if label_key(path.parts[0]) == name), name)
        for name in (NONE, PARTIAL)
    )
    background: dict[str, set[str]] = {}
    for parts in kept:
        if parts[0] == none:
            kind, source = parts[1:3] if len(parts) > 2 else (NONE, parts[-1])
            background.setdefault(kind, set()).add(source)
    kinds = {kind: frozenset(sources) for kind, sources in background.items()}
    return CorpusContents(tuple(labels), kinds, none, partial)


def corpus_paths(events: pd.DataFrame, contents: CorpusContents) -> list[str]:
    """Paths of reviewed events in a folder corpus.

    An animal goes to <label>/<source>/<file>, background to none/<kind>/<source>/<file>. Its kind is the label that it
    was given, if the corpus has such a kind, else FALSE_POSITIVE. A split needs three sources of each kind. As long as
    false positives come from fewer, they join background without a kind (files directly in none/), or if there is
    none, the kind with most sources. An event of which only is known that it is not its label goes to
    PARTIAL/<source>/<file>.

    Parameters
    ----------
    events : pd.DataFrame
        `recording`, `source`, `start_s`, `end_s` and `truth`: one label, ``none``, or empty.
    contents : CorpusContents
        What the corpus contains without the files of earlier reviews.

    Returns
    -------
    list of str
        A path for each row, relative to the corpus.
    """
    folders = [_label_folder(str(truth), contents) for truth in events["truth"]]
    sources = [portable_name(str(source)) for source in events["source"]]
    unnamed = f"{contents.none}/{FALSE_POSITIVE}"
    false_positives = {source for source, folder in zip(sources, folders, strict=True) if folder == unnamed}
    false_positives |= contents.background.get(FALSE_POSITIVE, frozenset())
    if len(false_positives) >= len(PARTS):
        kind = FALSE_POSITIVE
    elif NONE in contents.background:
        kind = NONE
    else:
        background = contents.background
        kind = max(background, key=lambda name: (len(background[name]), name), default=FALSE_POSITIVE)
    paths = []
    for event, source, folder in zip(events.to_dict("records"), sources, folders, strict=True):
        parent = f"{contents.none}/{kind}" if folder == unnamed else folder
        paths.append(f"{parent}/{source}/{file_name(event['recording'], event['start_s'], event['end_s'])}")
    return paths


def _label_folder(truth: str, contents: CorpusContents) -> str:
    if not truth:
        return contents.partial
    if truth == NONE:
        return f"{contents.none}/{FALSE_POSITIVE}"
    return f"{contents.none}/{truth}" if is_background(truth, contents) else truth


def is_background(truth: str, contents: CorpusContents) -> bool:
    """Whether the label of a reviewed event is `none`, or a kind of background of the corpus."""
    return truth == NONE or (truth in contents.background and truth not in contents.labels)


def resolve_label(text: str, contents: CorpusContents, predictions: Sequence[str], reviewed: Sequence[str] = ()) -> str:
    """Find the label that a person means, as the name of a folder that every file system allows.

    Names that differ only in case, spaces or underscores are the same. Those of the corpus come first, then those of
    earlier answers, then the classifier's.

    Parameters
    ----------
    text : str
        What the person chose or typed.
    contents : CorpusContents
        Labels and kinds of background of the corpus.
    predictions : sequence of str
        The classifier's labels.
    reviewed : sequence of str
        Labels of earlier answers.

    Returns
    -------
    str
        An existing name, or a new one of at most 60 characters.

    Raises
    ------
    EchoError
        If the text contains nothing to make a name of, or the name is reserved.
    """
    typed = unicodedata.normalize("NFC", text).strip()
    names = (*contents.labels, *contents.background, NONE, *reviewed)
    if existing := _matching(typed, names):
        return existing
    label = _matching(typed, predictions) or typed
    folder = portable_label(label)
    if not folder.strip("_"):
        raise EchoError(f"no folder can be named after the label {text!r}")
    if label_key(folder) in {UNSEEN, PARTIAL, FALSE_POSITIVE, *map(label_key, RESERVED)}:
        raise EchoError(f"the label {text!r} is a reserved name")
    return _matching(folder, names) or folder


def matching_label(text: str, names: Sequence[str]) -> str | None:
    """The first name that people take for the same as a label, or for the folder of that label, if any is."""
    return _matching(text, names) or _matching(portable_label(text), names)


def _matching(text: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if label_key(name) == label_key(text)), None)


def file_name(recording: str, start_s: float, end_s: float) -> str:
    """File name of an event's sound, unique to this segment of this recording.

    Parameters
    ----------
    recording : str
        Name of the recording in the results of the screening.
    start_s, end_s : float
        Start and end of the event in the recording, s.

    Returns
    -------
    str
        Portable: the recording's name without its folder, a hash, and the start.
    """
    name = portable_name(PurePosixPath(recording).stem, identity=f"{recording}\n{start_s:.3f}\n{end_s:.3f}")
    return f"{name}-{start_s:.1f}s.flac"

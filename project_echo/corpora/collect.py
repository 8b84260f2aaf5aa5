"""Collect a corpus from what the parameter `collect.corpus` names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import validate
from project_echo.corpora.collected import Corpus, Found, examples, found_table, skipped_table
from project_echo.corpora.copies import leave_out_copies
from project_echo.corpora.copying import copy_recordings
from project_echo.corpora.demo.corpus import make_corpus, sources_table
from project_echo.corpora.demo.description import Description
from project_echo.corpora.esc50 import Esc50, find_clips
from project_echo.corpora.joined import check_labels, find_joined
from project_echo.corpora.readable import check_exists
from project_echo.datasets.config import Split
from project_echo.datasets.split import check_sources


def collect(corpus: Path, folder: Path, target: Path, split: Split) -> Corpus:
    """Collect a corpus in a folder.

    Labels and numbers of sources are checked before anything is copied, made or decoded.

    Parameters
    ----------
    corpus : Path
        A description (`corpora/<name>.yaml`), or a folder of recordings.
    folder : Path
        The folder that the description reads from, if it reads from one; beside a folder of recordings, reviewed ones
        that are joined with it, if there are any (`joined.find_joined`).
    target : Path
        The folder to write the recordings to.
    split : Split
        The split that there must be enough sources for.

    Returns
    -------
    Corpus
        The tables of recordings, of what was skipped, and of what is stated about parts of recordings.

    Raises
    ------
    EchoError
        If the corpus does not exist, its layout is unknown, it has nothing to tell apart (two labels, or one and
        background), a label is a reserved name, a name is both a label and a kind of background, the same recording
        has two labels, or there are too few sources for the split.
    """
    check_exists(corpus, "collect.corpus")
    if corpus.is_dir():
        found, skipped, stated = find_joined(corpus, folder)
        collected = _collect_found(found, skipped, corpus, target, split)
        used = stated["recording"].isin(collected.recordings["recording"])
        return replace(collected, stated=stated[used])
    description = files.read_yaml(corpus)
    layout = description.get("layout")
    if layout == "demo":
        demo = validate(Description, description, corpus)
        _check_split(sources_table(demo), split, corpus)
        return make_corpus(demo, target)
    if layout == "esc50":
        return _collect_found(*find_clips(validate(Esc50, description, corpus), folder), corpus, target, split)
    raise EchoError(
        f"{corpus}: layout = {layout!r} is unknown. Use demo or esc50, or set collect.corpus to a folder of recordings."
    )


def _collect_found(
    found: Sequence[Found], skipped: Sequence[tuple[str, str]], origin: Path, target: Path, split: Split
) -> Corpus:
    found, copies = _checked(found, skipped, origin, split)
    copied, unreadable = copy_recordings(found, target)
    skipped = [*skipped, *copies, *unreadable]
    if unreadable:  # what is left has to be enough, too
        _checked(copied, skipped, origin, split)
    return Corpus(found_table(copied), skipped_table(skipped))


def _checked(
    found: Sequence[Found], skipped: Sequence[tuple[str, str]], origin: Path, split: Split
) -> tuple[list[Found], list[tuple[str, str]]]:
    """The recordings without copies, and the copies. Raises EchoError if a classifier cannot be trained on them."""
    try:
        check_labels(found, origin)
        kept, copies = leave_out_copies(found, origin)
        _check_split(found_table(kept), split, origin)
    except EchoError as error:
        if not skipped:
            raise
        reasons = examples([f"{name} ({reason})" for name, reason in skipped])  # there will be no skipped.csv
        raise EchoError(f"{error} Skipped: {reasons}.") from None
    return kept, copies


def _check_split(recordings: pd.DataFrame, split: Split, origin: Path) -> None:
    labelled = recordings[~recordings["unseen"]]
    try:
        check_sources(labelled.assign(clip=labelled["recording"]), split)
    except EchoError as error:
        raise EchoError(f"{origin}: {error}") from None

"""Collect a corpus from what the parameter `collect.corpus` names."""

from pathlib import Path

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, RESERVED
from project_echo.core.text import count
from project_echo.core.validation import validate
from project_echo.corpora.collected import Corpus, skipped_table
from project_echo.corpora.demo.corpus import make_corpus
from project_echo.corpora.demo.description import Description
from project_echo.corpora.esc50 import Esc50, collect_esc50
from project_echo.corpora.folder import collect_folder


def collect(corpus: Path, folder: Path, target: Path) -> Corpus:
    """Collect a corpus in a folder.

    Parameters
    ----------
    corpus : Path
        A description (`corpora/<name>.yaml`), or a folder of recordings.
    folder : Path
        The folder that the description reads from, if it reads from one.
    target : Path
        The folder to write the recordings to.

    Returns
    -------
    Corpus
        The tables of recordings and of what was skipped.

    Raises
    ------
    EchoError
        If the corpus does not exist, its layout is unknown, it has fewer than two labels, a label is a reserved name,
        or a name is both a label and a kind of background.
    """
    if not corpus.exists():
        raise EchoError(
            f"{corpus} does not exist. Set collect.corpus to a folder of recordings or a description "
            "(corpora/demo.yaml)."
        )
    if corpus.is_dir():
        return _validated(collect_folder(corpus, target), corpus)
    description = files.read_yaml(corpus)
    layout = description.get("layout")
    if layout == "demo":
        return Corpus(make_corpus(validate(Description, description, corpus), target), skipped_table([]))
    if layout == "esc50":
        return _validated(collect_esc50(validate(Esc50, description, corpus), folder, target), corpus)
    raise EchoError(
        f"{corpus}: layout = {layout!r} is unknown. Use demo or esc50, or set collect.corpus to a folder of recordings."
    )


def _validated(corpus: Corpus, origin: Path) -> Corpus:
    """The same corpus. Raises EchoError if a classifier cannot be trained on it."""
    labelled = corpus.recordings[~corpus.recordings["unseen"]]
    labels = sorted(set(labelled["label"]) - {NONE})
    if len(labels) < 2:
        raise EchoError(
            f"{origin} contains {count(len(corpus.recordings), 'recording')} of {count(len(labels), 'label')}"
            f"{': ' * bool(labels)}{', '.join(labels)}. A classifier needs at least two: put recordings in "
            "<label>/<file>."
        )
    reserved = sorted(set(labels) & RESERVED)
    if reserved:
        raise EchoError(f"{origin}: the label {reserved[0]} is a column name of the results. Rename it.")
    ambiguous = sorted(set(labelled.loc[labelled["label"] == NONE, "kind"]) & set(labels))
    if ambiguous:
        raise EchoError(f"{origin}: {ambiguous[0]} is both a label and a kind of background. Rename one of them.")
    return corpus

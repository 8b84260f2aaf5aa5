"""From the parameter `collect.corpus` to a collected corpus."""

from pathlib import Path

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, RESERVED
from project_echo.core.validation import validate
from project_echo.corpora.collected import Corpus, skipped
from project_echo.corpora.demo.corpus import make
from project_echo.corpora.demo.description import Description
from project_echo.corpora.esc50 import Esc50, collect_esc50
from project_echo.corpora.folder import collect_folder


def collect(corpus: Path, folder: Path, target: Path) -> Corpus:
    """Bring a corpus together in `target`: a description (`corpora/<name>.yaml`), which may
    read from `folder`, or a folder of recordings.

    Raises EchoError if the corpus is not there, is of no known layout, has fewer than two labels, or
    has one that is also a kind of background.
    """
    if not corpus.exists():
        raise EchoError(
            f"{corpus} is not there. Set collect.corpus to a folder of recordings or a description (corpora/demo.yaml)."
        )
    if corpus.is_dir():
        return _checked(collect_folder(corpus, target), corpus)
    description = files.read_yaml(corpus)
    layout = description.get("layout")
    if layout == "demo":
        return Corpus(make(validate(Description, description, corpus), target), skipped([]))
    if layout == "esc50":
        return _checked(collect_esc50(validate(Esc50, description, corpus), folder, target), corpus)
    raise EchoError(
        f"{corpus}: layout = {layout!r}. Use demo or esc50, or set collect.corpus to a folder of recordings."
    )


def _checked(corpus: Corpus, origin: Path) -> Corpus:
    """The corpus, if there is something to tell apart in it."""
    labelled = corpus.recordings[~corpus.recordings["unseen"]]
    labels = sorted(set(labelled["label"]) - {NONE})
    if len(labels) < 2:
        raise EchoError(
            f"{origin} holds {len(corpus.recordings)} recordings of {len(labels)} label(s){': ' * bool(labels)}"
            f"{', '.join(labels)}. A classifier needs at least two: put recordings in <label>/<file>."
        )
    reserved = sorted(set(labels) & RESERVED)
    if reserved:
        raise EchoError(f"{origin} has a label {reserved[0]}, a name that the results need themselves. Rename it.")
    both = sorted(set(labelled.loc[labelled["label"] == NONE, "kind"]) & set(labels))
    if both:
        raise EchoError(f"{origin} has {both[0]} both as a label and as a kind of background. Rename one of them.")
    return corpus

"""Summary of what a corpus contains from reviews."""

from pathlib import Path, PurePosixPath

import pandas as pd

from project_echo.core.labels import NONE
from project_echo.core.text import count
from project_echo.datasets.split import PARTS
from project_echo.reviews import placement
from project_echo.reviews.placement import CorpusContents


def summarize_corpus(
    table: pd.DataFrame, counts: dict[str, int], corpus: Path, contents: CorpusContents, beside: Path | None = None
) -> list[str]:
    """Summarize what a corpus contains from reviews, and say how to train on it.

    Parameters
    ----------
    table : pd.DataFrame
        The ledger (ledger.COLUMNS).
    counts : dict of str to int
        Number of files "added", "moved" and "removed".
    corpus : Path
        Folder of the corpus.
    contents : CorpusContents
        What it contains now, with the folder beside it.
    beside : Path, optional
        The folder with which it is joined; then nothing is said on how to train.

    Returns
    -------
    list of str
        Lines: one per label or kind of background, with its events and sources, and one of those with neither.
    """
    lines = [f"{corpus}: " + ", ".join(f"{n} {change}" for change, n in counts.items())]
    parts = table["file"].str.split("/")
    too_few = False
    for folder, events in table.groupby(parts.map(lambda part: "/".join(part[:-2]))):
        reviewed = events["source"].nunique()
        if folder == contents.partial:
            stated = [bool(placement.matching_label(label, contents.labels)) for label in events["prediction"]]
            without = len(stated) - sum(stated)
            lines.append(
                f"  {folder}: {count(len(events), 'event')} from {count(reviewed, 'source')}, of which only is known "
                "that their label is not heard. That is learned, and nothing of other labels"
                + (f". {count(without, 'event')}: of a label without a folder, which cannot be learned" * bool(without))
            )
            continue
        path = PurePosixPath(str(folder))
        if len(path.parts) == 1:
            total = len({name for root in (corpus, beside) if root for name in _names(root / path)})
        else:
            total = len(contents.background[path.name])  # sources of background without a kind may be files in none/
        few = ". Too few to train on: record more, or skip its events and collect again" if total < len(PARTS) else ""
        too_few |= bool(few)
        lines.append(
            f"  {folder}: {count(len(events), 'event')} from {count(reviewed, 'source')}; {count(total, 'source')} in "
            f"the corpus{few}"
        )
    rejected = table[table["truth"] == NONE]
    joined = sorted({part[1] for part in parts[rejected.index]} - {placement.FALSE_POSITIVE})
    if joined:
        kind = "background without a kind" if joined[0] == NONE else f"{joined[0]}, the kind with most sources"
        lines.append(
            f"  False positives come from fewer than {len(PARTS)} sources, too few for a kind of their own. They count "
            f"as {kind}, in the scores on held-out background too. With more sources they become the kind "
            f"{placement.FALSE_POSITIVE}."
        )
    if len(table) and not too_few and beside is None:
        lines.append(f"Train on it, in a clone of the project: dvc exp run -S collect.corpus={corpus}")
    return lines


def _names(folder: Path) -> list[str]:
    """Names of what is in a folder, without hidden ones; empty if there is no such folder."""
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []

"""`project-echo collect-labels`: from the answers of a review to a folder corpus for the next training."""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.spreadsheets import escape_formulas
from project_echo.core.text import count
from project_echo.datasets.split import PARTS
from project_echo.reviews import decisions, exchange, ledger, placement


def collect_labels(review: Path, labels: Path, output: Path) -> None:
    """Add the decided events of a review to a folder corpus.

    Parameters
    ----------
    review : Path
        Output folder of `project-echo review`.
    labels : Path
        The table that its page exported.
    output : Path
        Folder of the corpus. Files that did not come from reviews are never changed.

    Raises
    ------
    EchoError
        If a table cannot be used, naming its row, if a sound is missing, or if another file is in the way.
    """
    remedy = "Pass the --output folder of `project-echo review`."
    events = exchange.read_table(review / exchange.EVENTS, exchange.COLUMNS, remedy)
    answers = exchange.read_table(labels, exchange.COLUMNS, "Export it from the page of the review.")
    before = ledger.load_ledger(output)
    contents = placement.scan_corpus(output, before["file"])
    decided = decisions.decide(answers, events, contents, before, labels)
    unchanged = before[~ledger.keys(before).isin(set(ledger.keys(decided)))]
    silent = decided["media"] == ""
    kept = decided[(decided["truth"] != "") & ~silent]
    table = pd.concat([unchanged, kept], ignore_index=True)[ledger.COLUMNS]
    table["file"] = placement.corpus_paths(table, contents)
    sounds = dict(zip(ledger.keys(kept), _sounds(kept, review, labels), strict=True))
    counts = ledger.update_files(before, table, sounds, output)
    files.write_table(escape_formulas(table.sort_values("file")), output / ledger.LEDGER)
    if silent.any():
        print(f"{count(int(silent.sum()), 'event')} left out: no sound in the review")
    print(summary(table, counts, output))


def _sounds(decided: pd.DataFrame, review: Path, labels: Path) -> list[Path]:
    """The sound files of decided events."""
    paths = [review / media for media in decided["media"]]
    for row, path in zip(decided["row"], paths, strict=True):
        if not path.is_file():
            raise EchoError(f"{labels}, row {row}: its sound, {path}, is missing. Run `project-echo review` again.")
    return paths


def summary(table: pd.DataFrame, counts: dict[str, int], corpus: Path) -> str:
    """Summarize what a corpus contains from reviews, and say how to train on it.

    Parameters
    ----------
    table : pd.DataFrame
        The ledger (ledger.COLUMNS).
    counts : dict of str to int
        Number of files "added", "moved" and "removed".
    corpus : Path
        Folder of the corpus.

    Returns
    -------
    str
        Several lines: one per label or kind of background, with its events and sources.
    """
    lines = [f"{corpus}: " + ", ".join(f"{n} {change}" for change, n in counts.items())]
    background = placement.scan_corpus(corpus, ()).background
    parts = table["file"].str.split("/")
    for folder, events in table.groupby(parts.map(lambda part: "/".join(part[:-2]))):
        reviewed = events["source"].nunique()
        path = corpus / str(folder)
        if path.parent == corpus:
            total = len([entry for entry in path.iterdir() if not entry.name.startswith(".")])
        else:
            total = len(background[path.name])  # sources of background without a kind may be files in none/
        few = ". Too few to train on: record more, or skip its events and collect again" if total < len(PARTS) else ""
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
    return "\n".join([*lines, f"Train on it: dvc exp run -S collect.corpus={corpus}"])

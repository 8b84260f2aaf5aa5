"""Add reviewed events to a corpus: `project_echo.collect_labels`, and the command `project-echo collect-labels`."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.text import count

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def collect_labels(
    review: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] = "corpus",
) -> "pd.DataFrame":
    """Add the decided events of a review to a folder corpus, for the next training.

    Parameters
    ----------
    review : str or path
        The review: its folder, or its page as `review` returned it.
    labels : str or path
        The table that its page exported.
    output : str or path
        Folder of the corpus. Files that did not come from reviews are never changed.

    Returns
    -------
    pd.DataFrame
        All files of the corpus that come from reviews: file, recording, source, start_s, end_s, prediction, verdict and
        truth.

    Raises
    ------
    EchoError
        If a table cannot be used, naming its row, if a sound is missing, or if another file is in the way.

    Examples
    --------
    >>> import project_echo
    >>> files = project_echo.collect_labels("review", "labels.csv", output="corpus")
    >>> files.groupby("truth").size()
    """
    # Imported here, as the command line takes its defaults from above, and its --help should not wait for these.
    import pandas as pd  # noqa: PLC0415

    from project_echo.core.spreadsheets import read_table, write_table  # noqa: PLC0415
    from project_echo.reviews import decisions, exchange, ledger, overlaps, placement, summary  # noqa: PLC0415

    review, labels, output = as_path(review, "review"), as_path(labels, "labels"), as_path(output, "output")
    if output.exists() and not output.is_dir():
        raise EchoError(f"The output {output} is a file. Choose a folder.")
    if review.is_file():
        review = review.parent
    remedy = "Pass the output folder of the review."
    events = read_table(review / exchange.EVENTS, exchange.COLUMNS, remedy)
    answers = read_table(labels, exchange.COLUMNS, "Export it from the page of the review.")
    before = ledger.load_ledger(output)
    contents = placement.scan_corpus(output, before["file"])
    decided = decisions.decide(answers, events, contents, before, labels)
    unchanged = before[~ledger.keys(before).isin(set(ledger.keys(decided)))]
    silent = decided["media"] == ""
    holds_animal = overlaps.holds_animal(decided, unchanged, contents)
    kept = decided[(decided["truth"] != "") & ~silent & ~holds_animal]
    table = pd.concat([unchanged, kept], ignore_index=True)[list(ledger.COLUMNS)]
    # Several events may have the same times, and be of the same label after all.
    table = table.drop_duplicates([*ledger.SEGMENT, "truth"], keep="last", ignore_index=True)
    table["file"] = pd.Series(placement.corpus_paths(table, contents), dtype=str)
    table = table.sort_values("file", ignore_index=True)
    sounds = dict(zip(ledger.keys(kept), _sounds(kept, review, labels), strict=True))
    counts = ledger.update_files(before, table, sounds, output)
    write_table(table, output / ledger.LEDGER)
    if silent.any():
        logger.warning("%s left out: no sound in the review", count(int(silent.sum()), "event"))
    if holds_animal.any():
        n_events = count(int(holds_animal.sum()), "event")
        logger.warning("%s left out as background: an animal of another event is heard in the sound", n_events)
    for line in summary.summarize_corpus(table, counts, output):
        logger.info(line)
    return table


def _sounds(decided: "pd.DataFrame", review: Path, labels: Path) -> list[Path]:
    """The sound files of decided events."""
    paths = [review / media for media in decided["media"]]
    for row, path in zip(decided["row"], paths, strict=True):
        if not path.is_file():
            raise EchoError(f"{labels}, row {row}: its sound, {path}, is missing. Write the review again.")
    return paths

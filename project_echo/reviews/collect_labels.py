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
    beside: str | os.PathLike[str] | None = None,
) -> "pd.DataFrame":
    """Add the decided events of a review to a folder corpus, for the next training.

    A clip goes to the folder of a label that is heard, or to background if none is; labels.csv of the corpus states
    which labels are heard in it when, and which are not. An event that is only known not to be its label is no
    background: unless the clip of another event covers it, it goes to the folder partially_labelled, of which nothing
    is learned but what labels.csv states. Windows drawn at random are left out.

    Parameters
    ----------
    review : str or path
        The review: its folder, or its page as `review` returned it.
    labels : str or path
        The table that its page exported.
    output : str or path
        Folder of the corpus. Files that did not come from reviews are never changed, nor what labels.csv states of
        them.
    beside : str or path, optional
        A folder of recordings with which the output is joined in training (`collect.corpus` of params.yaml, where
        the output is `collect.folder`). Its labels and kinds of background count, too; nothing in it is changed.

    Returns
    -------
    pd.DataFrame
        All events of reviews in the corpus: file, recording, source, start_s, end_s, prediction, verdict and truth, the
        labels that are heard (several with "|" between them).

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

    from project_echo.core.spreadsheets import write_table  # noqa: PLC0415
    from project_echo.reviews import clips, decisions, exchange, ledger, overlaps, placement, statements, summary  # noqa: PLC0415
    from project_echo.reviews.answer_tables import read_answers  # noqa: PLC0415

    review, labels, output = as_path(review, "review"), as_path(labels, "labels"), as_path(output, "output")
    recordings = None if beside is None else as_path(beside, "beside")
    if output.exists() and not output.is_dir():
        raise EchoError(f"The output {output} is a file. Choose a folder.")
    if review.is_file():
        review = review.parent
    events = read_answers(review / exchange.EVENTS, "Pass the output folder of the review.")
    answers = read_answers(labels, "Export it from the page of the review.")
    # Random windows measure recall: learned from, they would measure nothing.
    events, answers = (table[table["sample"] == ""] for table in (events, answers))
    before = ledger.load_ledger(output)
    statements.read_statements(output)  # if it is unusable, nothing is changed
    contents = placement.scan_corpus(output, before["file"], recordings)
    decided = decisions.decide(answers, events, contents, before, labels)
    unchanged = before[~ledger.keys(before).isin(set(ledger.keys(decided)))]
    told = decided["verdict"] != exchange.SKIPPED
    silent = told & (decided["media"] == "")
    known = pd.concat([unchanged[ledger.KEY], decided.loc[told, ledger.KEY]])
    holds_animal = overlaps.holds_animal(decided, unchanged, contents)
    pending = overlaps.is_pending(decided, events, known, contents) & ~holds_animal
    kept = decided[told & ~silent & ~holds_animal & ~pending]
    table = pd.concat([unchanged, kept], ignore_index=True)[list(ledger.COLUMNS)[1:]]
    table.insert(0, "file", pd.Series(clips.place_clips(table, contents), dtype=str))
    table = table.sort_values(["file", *ledger.KEY], ignore_index=True)
    sounds = dict(zip(ledger.keys(kept, ledger.SEGMENT), _sounds(kept, review, labels), strict=True))
    counts = ledger.update_files(before[clips.are_owned(before)], table[clips.are_owned(table)], sounds, output)
    write_table(table, output / ledger.LEDGER)
    now = placement.scan_corpus(output, (), recordings)
    statements.write_statements(output, statements.state_events(table, now), {*before["file"], *table["file"]})
    for n_left_out, reason in (
        (silent.sum(), "left out: no sound in the review"),
        (holds_animal.sum(), "left out as background: an animal of another event is heard in the sound"),
        (pending.sum(), "left out as background until the events of other labels there are decided"),
    ):
        if n_left_out:
            logger.warning("%s %s", count(int(n_left_out), "event"), reason)
    for line in summary.summarize_corpus(table, counts, output, now, recordings):
        logger.info(line)
    return table


def _sounds(decided: "pd.DataFrame", review: Path, labels: Path) -> list[Path]:
    """The sound files of decided events."""
    paths = [review / media for media in decided["media"]]
    for row, path in zip(decided["row"], paths, strict=True):
        if not path.is_file():
            raise EchoError(f"{labels}, row {row}: its sound, {path}, is missing. Write the review again.")
    return paths

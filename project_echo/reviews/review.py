"""`project-echo review`: from the results of a screening to a page on which people review its events."""

from contextlib import closing
from pathlib import Path

import pandas as pd

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import escape_formulas
from project_echo.core.text import count
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.reviews import events as screened
from project_echo.reviews import excerpts, exchange
from project_echo.reviews.page import render_page
from project_echo.screening.journal import Journal

PAGE, MEDIA = "index.html", "media"


def review(results: Path, model: Path, output: Path, jobs: int) -> None:
    """Write the review page of a screening.

    Parameters
    ----------
    results : Path
        Output folder of `project-echo predict`.
    model : Path
        Folder of the classifier that screened the recordings.
    output : Path
        Folder for the page, events.csv and media/. An earlier review there is replaced.
    jobs : int
        Processes that cut excerpts; -1 is one per core.

    Raises
    ------
    EchoError
        If the results or the model cannot be used, there are no events, or `output` contains other files.
    """
    _check_output(output)
    journal, digest = screened.load_journal(results, model)
    trained = classifier.load(model)
    events = screened.load_events(results, digest)
    if events.empty:
        raise EchoError(f"{results} contains no events. Screen with a lower --min-confidence.")
    with files.atomic_folder(output) as temporary:
        (temporary / MEDIA).mkdir()
        events = add_excerpts(events, journal, trained, temporary, jobs)
        files.write_table(escape_formulas(without_answers(events)), temporary / exchange.EVENTS)
        files.write_text(render_page(events, trained, results.resolve().name), temporary / PAGE)
    print(f"{_summary(events)}: open {output / PAGE} in a browser")
    silent = events[events["media"] == ""]
    for reason, group in silent.groupby("reason", sort=False):
        print(f"{len(group)} without sound: {reason}, for example {group['recording'].iloc[0]}")
    if len(silent) == len(events):
        print("Paths of recordings are relative to the folder in which `predict` was run. Run this command there, too.")


def _check_output(output: Path) -> None:
    """Raise EchoError if the output would replace anything but an earlier review."""
    if not output.exists():
        return
    if not output.is_dir():
        raise EchoError(f"--output {output} is a file. Choose a folder.")
    names = {path.name for path in output.iterdir()}
    expected = {PAGE, exchange.EVENTS, MEDIA}
    if names and not expected <= names:
        raise EchoError(f"--output {output} exists and is not a review. Choose another folder.")
    if names > expected:
        raise EchoError(f"{output} also contains {min(names - expected)}, which would be lost. Move it elsewhere.")


def _summary(events: pd.DataFrame) -> str:
    return f"{count(len(events), 'event')} from {count(events['recording'].nunique(), 'recording')}"


def add_excerpts(events: pd.DataFrame, journal: Journal, trained: Classifier, folder: Path, jobs: int) -> pd.DataFrame:
    """Write the excerpt of each event, media/<event>.flac and .png.

    Parameters
    ----------
    events : pd.DataFrame
        From `events.load_events`.
    journal : Journal
        The journal of the screening.
    trained : Classifier
        The classifier that screened the recordings.
    folder : Path
        Folder of the review.
    jobs : int
        Processes; -1 is one per core.

    Returns
    -------
    pd.DataFrame
        `events` with `media`, the path of the sound relative to `folder`, and `excerpt_duration_s`; where there is no
        sound, `media` is empty and `reason` says why.
    """
    digits = max(4, len(str(len(events))))
    stems = {event: f"{MEDIA}/{event:0{digits}}" for event in events["event"]}
    items = [
        (row.event, row.recording, row.start_s, row.end_s, journal, trained.features, folder / stems[row.event])
        for row in events.itertuples()
    ]
    with closing(parallel.as_completed(excerpts.write_excerpt, items, jobs if len(items) > 4 else 1)) as completed:
        written = {excerpt.event: excerpt for excerpt in parallel.progress(completed, "events", len(items))}
    ordered = [written[event] for event in events["event"]]
    return events.assign(
        excerpt_duration_s=[excerpt.duration_s for excerpt in ordered],
        reason=[excerpt.reason for excerpt in ordered],
        media=["" if excerpt.reason else f"{stems[excerpt.event]}.flac" for excerpt in ordered],
    )


def without_answers(events: pd.DataFrame) -> pd.DataFrame:
    """Events with excerpts as the table that the page exports (exchange.COLUMNS), all undecided."""
    return events.assign(verdict=exchange.UNDECIDED, reviewed_label="")[exchange.COLUMNS]

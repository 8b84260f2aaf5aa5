"""The page of a search: the review of its matches, which asks whether one label is heard in them."""

import hashlib
import logging
from pathlib import Path

import pandas as pd

from project_echo.core import files, spreadsheets
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.models.classifier import load_classifier
from project_echo.reviews import exchange, placement
from project_echo.reviews.events import load_journal, load_recordings
from project_echo.reviews.excerpts import add_excerpts
from project_echo.reviews.page import render_page
from project_echo.reviews.probabilities import peak_probabilities

PAGE = "index.html"
PAGE_FILES = (PAGE, exchange.EVENTS, exchange.MEDIA)
logger = logging.getLogger(__name__)


def check_label(label: str) -> str:
    """The label as the name of a folder of a corpus. Raises EchoError if it cannot be one."""
    name = placement.resolve_label(label, placement.CorpusContents((), {}), ())
    if name == NONE:
        raise EchoError(f"the label {label!r} means background. Choose another.")
    return name


def write_page(matches: pd.DataFrame, results: Path, model: Path, label: str, folder: Path, jobs: int) -> str:
    """Write a review of matches: events.csv, media/ and the page.

    Similarities take the place of confidences, from 0 to 1.

    Parameters
    ----------
    matches : pd.DataFrame
        matches.COLUMNS.
    results : Path
        Folder of the results.
    model : Path
        Folder of the classifier that screened the recordings.
    label : str
        From `check_label`.
    folder : Path
        Receives the files.
    jobs : int
        Processes; -1 is one per core.

    Returns
    -------
    str
        Name of the page in the folder.
    """
    journal, digest = load_journal(results, model)
    classifier = load_classifier(model)
    similarity = matches["similarity"].clip(0, 1)
    events = matches.merge(load_recordings(results), on="recording", how="left", validate="many_to_one").assign(
        label=label, mean_confidence=similarity, peak_confidence=similarity, event=range(1, len(matches) + 1)
    )
    events = events.fillna(
        {"site": "", "recorded_at": "", "duration_s": events["end_s"], "source": events["recording"]}
    )
    events["id"] = [
        hashlib.sha256("\n".join([digest, label, *map(str, row)]).encode()).hexdigest()[:16]
        for row in events[["recording", "start_s", "end_s"]].itertuples(index=False)
    ]
    events = events.assign(sample="", reported=True, probabilities=peak_probabilities(events, journal, classifier))
    events[exchange.MODEL] = exchange.model_name(digest)
    events = add_excerpts(events, journal, model, folder, jobs)
    undecided = events.assign(verdict=exchange.UNDECIDED, reviewed_label="", note="")
    spreadsheets.write_table(undecided[list(exchange.COLUMNS)], folder / exchange.EVENTS)
    files.write_text(render_page(events, classifier, results.resolve().name, searched=True), folder / PAGE)
    silent = events[events["excerpt"] == ""]
    for reason, group in silent.groupby("reason", sort=False):
        logger.warning("%d without sound: %s, for example %s", len(group), reason, group["recording"].iloc[0])
    return PAGE

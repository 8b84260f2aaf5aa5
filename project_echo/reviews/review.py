"""Review page of a screening's events: `project_echo.review`, and the command `project-echo review`."""

import logging
import os
from pathlib import Path

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.progress import OnProgress
from project_echo.core.text import count
from project_echo.reviews import exchange

PAGE = "index.html"
logger = logging.getLogger(__name__)


def review(
    results: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] = "models/classifier",
    output: str | os.PathLike[str] = "review",
    random_windows: int = 0,
    jobs: int = -1,
    on_progress: OnProgress | None = None,
) -> Path:
    """Write a page to check the events of a screening by ear, which opens in a browser from disk.

    Parameters
    ----------
    results : str, path or Results
        Folder of the results of a screening.
    model : str or path
        Folder of the classifier that screened the recordings.
    output : str or path
        Folder for the page, events.csv and media/. An earlier review there is replaced.
    random_windows : int
        Number of windows, drawn at random from all that were screened, to ask about as well. They tell how much of
        each label is missed.
    jobs : int
        Processes that cut excerpts; -1 for one per core.
    on_progress : callable, optional
        Called with a `Progress` after each excerpt, instead of showing a bar.

    Returns
    -------
    Path
        The page. It exports the answers as labels.csv, for `collect_labels`.

    Raises
    ------
    EchoError
        If the results or the model cannot be used, there are no events or too few windows, or `output` contains other
        files.

    Examples
    --------
    >>> import project_echo, webbrowser
    >>> page = project_echo.review("screening/may", output="review")
    >>> webbrowser.open(page.resolve().as_uri())
    """
    # Imported here, as the command line takes its defaults from above, and its --help should not wait for these.
    from project_echo.core import files, spreadsheets  # noqa: PLC0415
    from project_echo.models.classifier import load_classifier  # noqa: PLC0415
    from project_echo.reviews import events as screened  # noqa: PLC0415
    from project_echo.reviews.excerpts import add_excerpts  # noqa: PLC0415
    from project_echo.reviews.page import render_page  # noqa: PLC0415
    from project_echo.reviews.probabilities import peak_probabilities  # noqa: PLC0415
    from project_echo.reviews.random_windows import add_windows  # noqa: PLC0415

    results, model, output = as_path(results, "results"), as_path(model, "model"), as_path(output, "output")
    _check_output(output)
    journal, digest = screened.load_journal(results, model)
    classifier = load_classifier(model)
    events = screened.load_events(results, digest)
    if events.empty:
        raise EchoError(f"{results} contains no events. Screen with a lower minimum confidence.")
    n_events, n_recordings = count(len(events), "event"), count(events["recording"].nunique(), "recording")
    events = events.assign(probabilities=peak_probabilities(events, journal, classifier))
    recordings = screened.load_recordings(results)
    events = add_windows(events, recordings, journal, classifier, digest, random_windows)
    events[exchange.MODEL] = exchange.model_name(digest)
    with files.atomic_folder(output) as temporary:
        events = add_excerpts(events, journal, model, temporary, jobs, on_progress)
        undecided = events.assign(verdict=exchange.UNDECIDED, reviewed_label="", note="")
        spreadsheets.write_table(undecided[list(exchange.COLUMNS)], temporary / exchange.EVENTS)
        files.write_text(render_page(events, classifier, results.resolve().name), temporary / PAGE)
    drawn = f" and {count(random_windows, 'random window')}" if random_windows else ""
    logger.info("%s from %s%s: open %s in a browser", n_events, n_recordings, drawn, output / PAGE)
    silent = events[events["excerpt"] == ""]
    for reason, group in silent.groupby("reason", sort=False):
        logger.warning(
            "%s without sound: %s, for example %s", count(len(group), "event"), reason, group["recording"].iloc[0]
        )
    if len(silent) == len(events):
        logger.warning(
            "Paths of recordings are relative to the folder in which they were screened. Make the review there, too."
        )
    return output / PAGE


def _check_output(output: Path) -> None:
    """Raise EchoError if the output would replace anything but an earlier review."""
    if not output.exists():
        return
    if not output.is_dir():
        raise EchoError(f"{output} is a file. Choose a folder for the review.")
    names = {path.name for path in output.iterdir()}
    expected = {PAGE, exchange.EVENTS, exchange.MEDIA}
    if names and not expected <= names:
        raise EchoError(f"{output} exists and is not a review. Choose another output folder.")
    if names > expected:
        raise EchoError(f"{output} also contains {min(names - expected)}, which would be lost. Move it elsewhere.")

"""Screen recordings: `project_echo.screen`, which is the command `project-echo predict`."""

import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from project_echo.core.command_line import as_path
from project_echo.core.errors import EchoError
from project_echo.core.progress import OnProgress
from project_echo.core.text import count

if TYPE_CHECKING:
    import pandas as pd

    from project_echo.screening.discovery import Recording
    from project_echo.screening.results import Results
    from project_echo.screening.worker import Outcome

MAX_HOP_S = 86_400
Format = Literal["audacity", "kaleidoscope", "raven"]  # a function each in screening.formats
logger = logging.getLogger(__name__)


def screen(
    recordings: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    model: str | os.PathLike[str] = "models/classifier",
    output: str | os.PathLike[str] = "results",
    hop_seconds: float | None = None,
    overlap_seconds: float | None = None,
    thresholds: Mapping[str, float] | None = None,
    min_confidence: float = 0.0,
    merge_gap_s: float = 1.0,
    labels: Sequence[str] | None = None,
    formats: Sequence[Format] = (),
    clips: int = 0,
    embeddings: bool = False,
    time_zone: str | ZoneInfo | timezone | None = None,
    alerts: str | os.PathLike[str] | None = None,
    jobs: int = -1,
    scheduler: str = "",
    resume: bool = True,
    on_progress: OnProgress | None = None,
) -> "Results":
    """Find animals in recordings: windows, events, activity, clips and alerts, written to a folder.

    It can be stopped at any time: the same call continues. So does one with other thresholds, labels or exports, for
    which nothing is screened again. Progress is logged at level INFO, and shown as a line on a terminal or in a
    notebook.

    Parameters
    ----------
    recordings : str, path, or iterable of them
        Audio or video files, or folders containing them. A recording's site is the path from the folder passed here
        to the recording, without folders of days (20240501) and of memory cards (Data, DCIM): see sites.name_sites.
    model : str or path
        Folder of the classifier.
    output : str or path
        Folder of the results; it may contain recordings.
    hop_seconds : float, optional
        Step between windows, s; by default the length of a window, so that windows do not overlap.
    overlap_seconds : float, optional
        Overlap of windows in seconds, instead of `hop_seconds`.
    thresholds : mapping of str to float, optional
        Probabilities of some labels, 0 to 1, from which on they are heard, instead of the classifier's thresholds.
    min_confidence : float
        Lowest probability at which any label is heard, 0 to 1, beside the thresholds.
    merge_gap_s : float
        Longest gap, s, across which a label's events are one.
    labels : sequence of str, optional
        Labels to list in the results; by default all.
    formats : sequence of str
        Formats in which events are exported as well: "audacity", "kaleidoscope", "raven".
    clips : int
        How many events of each label to cut out as sound files: this many of the most confident and this many of the
        least confident.
    embeddings : bool
        Whether to keep embeddings, in which `search` looks for similar sounds. Recordings that were screened without
        are screened again.
    time_zone : str, ZoneInfo or timezone, optional
        Time zone in which times are shown, and that of clocks that do not state theirs, such as "UTC" or
        "Europe/Berlin". By default times are as recorders state them.
    alerts : str or path, optional
        YAML file with alert rules.
    jobs : int
        Cores to use; -1 for all. Several recordings are screened at once, or parts of a long one.
    scheduler : str
        Address of a Dask scheduler (``tcp://host:port``); empty for this machine.
    resume : bool
        Whether to continue from earlier results in `output`; if not, they are replaced.
    on_progress : callable, optional
        Called about once a second with a `Progress`, instead of showing a line.

    Returns
    -------
    Results

    Raises
    ------
    EchoError
        If the classifier, the rules, the output folder or all of the recordings cannot be used, if the classifier has
        no such label, or if the overlap is not shorter than its window.
    ValueError
        If an argument is not valid.

    Examples
    --------
    >>> import project_echo
    >>> results = project_echo.screen("/media/recorders", output="screening/may", hop_seconds=2.5)
    >>> results.events.groupby("label").size()
    """
    # Imported here, as the command line takes its defaults from above, and its --help should not wait for these.
    from project_echo.models.classifier import load_classifier  # noqa: PLC0415
    from project_echo.screening import batch, discovery, previous, writers  # noqa: PLC0415
    from project_echo.screening.alerts import find_alerts, read_rules  # noqa: PLC0415
    from project_echo.screening.embeddings import window_shape  # noqa: PLC0415
    from project_echo.screening.events import event_criteria  # noqa: PLC0415
    from project_echo.screening.journal import open_journal  # noqa: PLC0415
    from project_echo.screening.output import JOURNAL, check_output, open_output  # noqa: PLC0415
    from project_echo.screening.results import Results  # noqa: PLC0415
    from project_echo.screening.tables import collect_tables  # noqa: PLC0415

    started = time.monotonic()
    _check(hop_seconds, overlap_seconds, formats, clips, time_zone, jobs, scheduler)
    zone = find_time_zone(time_zone) if isinstance(time_zone, str) else time_zone
    paths = _paths(recordings)
    model, output = as_path(model, "model"), as_path(output, "output")

    classifier = load_classifier(model)
    hop_s = _hop_s(classifier.features.window_s, hop_seconds, overlap_seconds)
    make_criteria = partial(event_criteria, classifier, thresholds=thresholds, merge_gap_s=merge_gap_s, labels=labels)
    criteria = {min_confidence: make_criteria(min_confidence=min_confidence)}
    kept = list(criteria[min_confidence].minimums)
    rules = [] if alerts is None else read_rules(as_path(alerts, "alerts"), kept)
    criteria |= {rule.min_confidence: make_criteria(min_confidence=rule.min_confidence) for rule in rules}
    check_output(output)
    found, skipped = discovery.find_recordings(paths)
    for name, reason in skipped:
        if Path(name) in paths:  # such as a disk that is not mounted; the rest is screened
            logger.warning("%s: %s", name, reason)
    with open_output(output):
        settings = batch.journal_settings(model, classifier, hop_s)
        journal = open_journal(output.resolve() / JOURNAL, settings, resume)
        shape = window_shape(classifier) if embeddings else None
        outcomes = batch.screen_recordings(
            found, journal, model.resolve(), settings["model"], hop_s, jobs, scheduler, shape, on_progress
        )
        skipped += [(outcome.recording, outcome.reason) for outcome in outcomes if outcome.reason]
        for line in previous.left_out(output, {recording.name for recording in found}) if resume else []:
            logger.info(line)
        writers.write_skipped(skipped, output)
        done = _without(found, {name for name, _ in skipped})
        if not done:
            raise EchoError(f"No recording could be used. {output / 'skipped.csv'} lists the reasons.")

        tables = collect_tables(
            done, journal, classifier, hop_s, criteria, min_confidence, zone, output / "windows.parquet"
        )
        events = tables.events[min_confidence]
        writers.write_tables(events, tables.recordings, kept, output)
        writers.write_exports(events, tables.recordings, journal, formats, classifier.features, output)
        if clips:
            writers.write_clips(events, {recording.name: recording.path for recording in done}, journal, clips, output)
        embedded = [recording.name for recording in done] if embeddings else None
        writers.write_embeddings(embedded, journal, classifier, hop_s, output)
        writers.write_alerts(find_alerts(rules, tables.events, tables.recordings) if rules else None, output)
    _log_results(outcomes, tables.recordings, len(events), len(skipped), time.monotonic() - started, output)
    results = Results(output)
    if rules:
        logger.info("%s (%s)", count(len(results.alerts), "alert"), output / "alerts.csv")
    return results


def _log_results(
    outcomes: "Sequence[Outcome]",
    recordings: "pd.DataFrame",
    n_events: int,
    n_skipped: int,
    elapsed_s: float,
    output: Path,
) -> None:
    from project_echo.screening.progress import format_speed  # noqa: PLC0415

    if n_skipped:
        logger.warning("%s skipped; %s says why", count(n_skipped, "recording"), output / "skipped.csv")
    logger.info(
        "%s, %.1f hours, %s, %d skipped. Screened now: %s. Results: %s",
        count(len(recordings), "recording"),
        recordings["duration_s"].sum() / 3600,
        count(n_events, "event"),
        n_skipped,
        format_speed(sum(outcome.duration_s for outcome in outcomes) / 3600, elapsed_s),
        output,
    )


def _paths(recordings: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    given = [recordings] if isinstance(recordings, str | os.PathLike) else recordings
    return [as_path(path, "a path of recordings") for path in given]


def _without(recordings: "Sequence[Recording]", names: Set[str]) -> "list[Recording]":
    return [recording for recording in recordings if recording.name not in names]


def find_time_zone(name: str) -> ZoneInfo:
    """The time zone with this name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as UTC or Europe/Berlin") from None


def _check(
    hop_seconds: float | None,
    overlap_seconds: float | None,
    formats: Sequence[str],
    clips: int,
    time_zone: object,
    jobs: int,
    scheduler: str,
) -> None:
    """Raise ValueError, naming the argument, if one is not valid by itself."""
    from project_echo.core.cluster import check_address  # noqa: PLC0415

    check_address(scheduler)
    unknown = sorted(set(formats) - set(get_args(Format)))
    for valid, problem in [
        (hop_seconds is None or 0 < hop_seconds <= MAX_HOP_S, f"hop_seconds is {hop_seconds}, not a part of a day"),
        (overlap_seconds is None or overlap_seconds >= 0, f"overlap_seconds is {overlap_seconds}, not 0 or more"),
        (hop_seconds is None or overlap_seconds is None, "pass either hop_seconds or overlap_seconds"),
        (not isinstance(formats, str), f"formats is {formats!r}, not a list such as [{formats!r}]"),
        (not unknown, f"formats has {', '.join(unknown)}, which is none of {', '.join(get_args(Format))}"),
        (clips >= 0, f"clips is {clips}, not 0 or more"),
        # pytz, for one, needs more than a datetime does with the zones of the standard library.
        (
            time_zone is None or isinstance(time_zone, str | ZoneInfo | timezone),
            f"time_zone is a {type(time_zone).__name__}, not a name such as UTC or Europe/Berlin, or a ZoneInfo",
        ),
        (jobs >= 1 or jobs == -1, f"jobs is {jobs}, not above 0, or -1 for all cores"),
    ]:
        if not valid:
            raise ValueError(problem)


def _hop_s(window_s: float, hop_seconds: float | None, overlap_seconds: float | None) -> float:
    """Step between windows, s."""
    if overlap_seconds is None:
        return window_s if hop_seconds is None else hop_seconds
    if overlap_seconds >= window_s:
        raise EchoError(
            f"An overlap of {overlap_seconds:g} s is not shorter than the classifier's window of {window_s:g} s. "
            "Choose a shorter one."
        )
    return window_s - overlap_seconds

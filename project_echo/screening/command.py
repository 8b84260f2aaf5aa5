"""`project-echo predict`: screen recordings and write tables, events, clips and alerts."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import pandas as pd

from project_echo.core.errors import EchoError
from project_echo.core.text import count
from project_echo.models import classifier
from project_echo.screening import alerts, batch, discovery, tables, writers
from project_echo.screening.journal import open_journal
from project_echo.screening.output import JOURNAL, open_output
from project_echo.screening.progress import format_speed


@dataclass(frozen=True)
class Options:
    """Options of the command line.

    Attributes
    ----------
    recordings : sequence of Path
        Files and folders.
    model, output : Path
        Folders of the classifier and of the results.
    hop_s : float or None
        Step between windows, s; None for windows that do not overlap.
    min_confidence : float
        Of events, 0 to 1.
    formats : sequence of str
        Names of exports (formats.FORMATS).
    clips : int
        Events to cut per label: so many most confident, and so many least confident.
    time_zone : tzinfo or None
        Of recorders' clocks.
    alerts : Path or None
        File with alert rules.
    jobs : int
        Recordings in parallel, -1 for one per core.
    scheduler : str
        Address of a Dask scheduler, empty for this machine.
    resume : bool
        Whether to continue from earlier results in `output`.
    """

    recordings: Sequence[Path]
    model: Path
    output: Path
    hop_s: float | None
    min_confidence: float
    formats: Sequence[str]
    clips: int
    time_zone: tzinfo | None
    alerts: Path | None
    jobs: int
    scheduler: str
    resume: bool


def predict(options: Options) -> int:
    """Screen recordings and write the results.

    Parameters
    ----------
    options : Options
        Options of the command line.

    Returns
    -------
    int
        Number of alerts.

    Raises
    ------
    EchoError
        If the classifier, the rules, the output folder or all of the recordings cannot be used.
    """
    started = time.monotonic()
    model = options.model.resolve()
    if not (model / classifier.CARD).is_file():
        raise EchoError(
            f"{options.model} contains no classifier ({classifier.CARD}). Train one (dvc repro), or choose another: "
            "--model FOLDER."
        )
    trained = classifier.load(model)
    hop_s = options.hop_s or trained.features.window_s
    rules = alerts.read_rules(options.alerts, trained.labels) if options.alerts else []
    recordings, skipped = discovery.find_recordings(options.recordings, exclude=options.output)
    for name, reason in skipped:
        if Path(name) in options.recordings:  # such as a disk that is not mounted; the rest is screened
            print(f"warning: {name}: {reason}", file=sys.stderr)
    with open_output(options.output):
        settings = batch.journal_settings(model, trained, hop_s)
        journal = open_journal(options.output.resolve() / JOURNAL, settings, options.resume)
        outcomes = batch.screen_recordings(
            recordings, journal, model, settings["model"], hop_s, options.jobs, options.scheduler
        )
        skipped = sorted([*skipped, *((outcome.recording, outcome.reason) for outcome in outcomes if outcome.reason)])
        writers.write_csv(pd.DataFrame(skipped, columns=["recording", "reason"]), options.output / "skipped.csv")
        skipped_names = {name for name, _ in skipped}
        done = [recording for recording in recordings if recording.name not in skipped_names]
        if not done:
            raise EchoError(f"No recording could be used. {options.output / 'skipped.csv'} lists the reasons.")

        min_confidences = [options.min_confidence, *(rule.min_confidence for rule in rules)]
        parquet = options.output / "windows.parquet"
        results = tables.collect_results(done, journal, trained, hop_s, min_confidences, options.time_zone, parquet)
        events = results.events[options.min_confidence]
        writers.write_csv(results.recordings, options.output / "recordings.csv")
        writers.write_csv(events, options.output / "events.csv")
        writers.write_activity(events, results.recordings, trained.labels, options.output)
        low_hz, high_hz = trained.features.fmin, trained.features.fmax
        writers.write_exports(events, results.recordings, options.formats, low_hz, high_hz, options.output)
        if options.clips:
            paths = {recording.name: recording.path for recording in done}
            writers.write_clips(events, paths, options.clips, options.output)
        alert_table = alerts.find_alerts(rules, results.events, results.recordings)
        if rules:
            writers.write_csv(alert_table, options.output / "alerts.csv")
        else:  # those of an earlier run would look current
            (options.output / "alerts.csv").unlink(missing_ok=True)
    screened_h = sum(outcome.duration_s for outcome in outcomes) / 3600
    print(
        f"{count(len(done), 'recording')}, {results.recordings['duration_s'].sum() / 3600:.1f} hours, "
        f"{count(len(events), 'event')}, "
        f"{len(skipped)} skipped. Screened now: {format_speed(screened_h, time.monotonic() - started)}. "
        f"Results: {options.output}"
    )
    if rules:
        print(f"{count(len(alert_table), 'alert')} ({options.output / 'alerts.csv'})")
    return len(alert_table)

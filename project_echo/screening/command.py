"""`project-echo predict`: from recordings to tables, events, clips and alerts."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files, parallel
from project_echo.core.errors import EchoError
from project_echo.core.labels import animal_labels
from project_echo.core.spreadsheets import escape_formulas
from project_echo.features import melspectrogram
from project_echo.media.decode import UnusableMediaError
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.plots import activity as activity_figures
from project_echo.plots import style
from project_echo.screening import activity, alerts, clips, discovery, formats, tables, worker
from project_echo.screening.discovery import Recording
from project_echo.screening.journal import Journal, open_journal
from project_echo.screening.output import JOURNAL, prepared
from project_echo.screening.progress import shown, speed, watched
from project_echo.screening.tables import Results


@dataclass(frozen=True)
class Options:
    """What the command line asks for; cli.py says what each means."""

    recordings: Sequence[Path]
    model: Path
    output: Path
    hop_seconds: float | None  # None: windows do not overlap
    min_confidence: float
    formats: Sequence[str]
    clips: int
    zone: tzinfo | None
    alerts: Path | None
    jobs: int
    scheduler: str
    resume: bool


def predict(options: Options) -> int:
    """Screen recordings and write the results; the number of alerts. Raises EchoError, with what to do."""
    began = time.monotonic()
    model = options.model.resolve()
    if not (model / classifier.CARD).is_file():
        raise EchoError(f"{options.model} holds no classifier ({classifier.CARD}). Name another: --model FOLDER.")
    trained = classifier.load(model)
    hop_seconds = options.hop_seconds or trained.features.window_s
    rules = alerts.read(options.alerts, animal_labels(trained.labels)) if options.alerts else []
    found, refused = discovery.recordings(options.recordings, without=options.output)
    with prepared(options.output):
        journal, outcomes = screen(found, model, settings(model, trained, hop_seconds), hop_seconds, options)
        refused = sorted([*refused, *((outcome.recording, outcome.reason) for outcome in outcomes if outcome.reason)])
        skipped = options.output / "skipped.csv"
        files.write_table(escape_formulas(pd.DataFrame(refused, columns=["recording", "reason"])), skipped)
        left_out = {name for name, _ in refused}
        done = [recording for recording in found if recording.name not in left_out]
        if not done:
            raise EchoError(f"none of the recordings can be used; {skipped} says why of each.")

        confidences = [options.min_confidence, *(rule.min_confidence for rule in rules)]
        windows = options.output / "windows.parquet"
        told = tables.gather(done, journal, trained, hop_seconds, confidences, options.zone, windows)
        raised = write(told, trained, rules, options)
        if options.clips:
            cut_clips(told.events[options.min_confidence], done, options)
    hours = sum(outcome.duration_s for outcome in outcomes) / 3600
    print(
        f"{len(done)} recordings, {told.recordings['duration_s'].sum() / 3600:.1f} hours, "
        f"{len(told.events[options.min_confidence])} events, {len(refused)} skipped. Screened now: "
        f"{speed(hours, time.monotonic() - began)}. Results: {options.output}"
    )
    if rules:
        print(f"{raised} alert{'' if raised == 1 else 's'} ({options.output / 'alerts.csv'})")
    return raised


def screen(
    found: Sequence[Recording], model: Path, asked: dict[str, object], hop_seconds: float, options: Options
) -> tuple[Journal, list[worker.Outcome]]:
    """Screen what the journal does not have yet; the journal, and what became of each recording that was screened."""
    journal = open_journal(options.output.resolve() / JOURNAL, asked, options.resume)
    died_over = journal.forget_begun()
    todo = [recording for recording in found if not is_done(recording, journal)]
    print(f"{len(found)} recordings, {len(found) - len(todo)} of them done before", flush=True)

    arguments = {
        recording.name: (recording.path.absolute(), recording.name, model, asked["model"], hop_seconds, watched())
        for recording in todo
    }
    with parallel.use_scheduler(options.scheduler):
        sizes = {recording.name: size(recording.path) for recording in todo}
        jobs = processes(options.jobs, found, died_over)
        return journal, list(shown(screened(arguments, journal, jobs), sizes, journal.under_way))


def settings(model: Path, trained: Classifier, hop_seconds: float) -> dict[str, object]:
    """What results depend on: those of other models or hops are not to be mixed."""
    step = melspectrogram.window_step(trained.features, hop_seconds)
    return {
        "model": classifier.sha256(model / classifier.CARD),
        "hop": step * trained.features.hop_length / trained.features.sample_rate,
    }


def is_done(recording: Recording, journal: Journal) -> bool:
    """Whether the file was screened as it is now."""
    about = journal.find(recording.name)
    try:
        return about is not None and worker.stamp(recording.path).items() <= about.items()
    except OSError:
        return False


def processes(jobs: int, found: Sequence[Recording], died_over: set[str]) -> int:
    """How many are to work, 1 for this one alone: what may end the process that reads it is not read in this one.

    Workers take about two seconds to start. A single recording, which costs no other, need not wait for them until one
    process died over it. Whoever asks for one job has it.
    """
    if jobs == 1 or (len(found) == 1 and found[0].name not in died_over):
        return 1
    return max(2, parallel.cores() if jobs == -1 else jobs)


def screened(arguments: dict[str, tuple[Any, ...]], journal: Journal, jobs: int) -> Iterator[worker.Outcome]:
    """What becomes of each recording, as it does. One that ends the process that reads it is left out by itself."""
    while arguments:
        items = [(*values, journal) for values in arguments.values()]
        suspects: list[tuple[Any, ...]] = []
        found = parallel.as_completed(worker.screen, items, min(jobs, max(2, len(items))), suspects.append)
        try:
            with closing(found) as outcomes:
                for outcome in outcomes:
                    del arguments[outcome.recording]
                    yield outcome
        except parallel.WorkerDiedError:  # of this machine: over any of those that were being read
            suspects = [item for item in items if item[1] in arguments and journal.begun(item[1])]
            if not suspects and len(items) == len(arguments):  # it would go on like that for ever
                raise
        for item in suspects:
            del arguments[item[1]]
            yield alone(item)


def alone(item: tuple[Any, ...]) -> worker.Outcome:
    """One of those that were with a process as it died, in a process of its own: neighbours are blamed as well."""
    try:
        with closing(parallel.as_completed(worker.screen, [item], 2)) as outcomes:
            return next(outcomes)
    except parallel.WorkerDiedError:
        return worker.Outcome(item[1], 0.0, "the process that read it was ended, perhaps for want of memory")


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def write(told: Results, trained: Classifier, rules: Sequence[alerts.Rule], options: Options) -> int:
    """Write every table and figure that people read; the number of alerts."""
    output, labels, events = options.output, animal_labels(trained.labels), told.events[options.min_confidence]
    files.write_table(escape_formulas(told.recordings), output / "recordings.csv")
    files.write_table(escape_formulas(events), output / "events.csv")
    table = activity.table(events, told.recordings, labels)
    files.write_table(escape_formulas(table), output / "activity.csv")
    style.save(activity_figures.figure(table), output / "activity.png")
    for name in options.formats:
        low_hz, high_hz = trained.features.fmin, trained.features.fmax
        with files.atomic_folder(output / name) as beside:
            for path, text in formats.FORMATS[name](events, told.recordings, low_hz, high_hz).items():
                files.write_text(text, beside / path)
    found = alerts.find(rules, told.events, told.recordings)
    if rules:
        files.write_table(escape_formulas(found), output / "alerts.csv")
    else:  # not to be taken for today's
        (output / "alerts.csv").unlink(missing_ok=True)
    return len(found)


def cut_clips(events: pd.DataFrame, done: Sequence[Recording], options: Options) -> None:
    """Sounds to listen to: the surest and the least sure events of every label."""
    paths = {recording.name: recording.path for recording in done}
    chosen = clips.choose(events, options.clips)
    with files.atomic_folder(options.output / "clips") as beside:
        reasons = []
        for event in chosen.to_dict("records"):
            target = beside / clips.name(event)
            try:
                clips.cut(paths[event["recording"]], event["start_s"], event["end_s"], target)
                reasons.append("")
            except UnusableMediaError as error:  # it may be gone since it was screened
                reasons.append(str(error))
        names = [clips.name(event) for event in chosen.to_dict("records")]
        files.write_table(escape_formulas(chosen.assign(file=names, reason=reasons)), beside / "clips.csv")

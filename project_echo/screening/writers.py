"""Write the results of a screening that people open: tables, the activity figure, exports and clips."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.spreadsheets import write_table
from project_echo.features.config import Features
from project_echo.media import excerpt
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import from_metadata
from project_echo.models.classifier import Classifier
from project_echo.screening import activity, clips, columns, embeddings_files, formats
from project_echo.screening.advice import add_advice
from project_echo.screening.journal import Journal


def write_skipped(skipped: Sequence[tuple[str, str]], folder: Path) -> None:
    """Write skipped.csv: recordings, each with the reason why it could not be used and what to do, sorted."""
    rows = [(name, add_advice(name, reason)) for name, reason in sorted(skipped)]
    write_table(pd.DataFrame(rows, columns=list(columns.SKIPPED)), folder / "skipped.csv")


def write_tables(events: pd.DataFrame, recordings: pd.DataFrame, labels: Sequence[str], folder: Path) -> None:
    """Write recordings.csv, events.csv, activity.csv, and activity.png if a recording has a known time.

    Parameters
    ----------
    events, recordings, labels
        As for `activity.activity_table`.
    folder : Path
        Receives the files.
    """
    write_table(recordings, folder / "recordings.csv")
    write_table(events, folder / "events.csv")
    table = activity.activity_table(events, recordings, labels)
    write_table(table, folder / "activity.csv")
    _write_figure(table, folder / "activity.png")


def _write_figure(table: pd.DataFrame, path: Path) -> None:
    """Draw the activity; if there is none to show, remove the figure of an earlier run, which would look current."""
    if table.empty:
        path.unlink(missing_ok=True)
        return
    from project_echo.plots import activity as activity_figures  # noqa: PLC0415  (Matplotlib takes long to import)
    from project_echo.plots import style  # noqa: PLC0415

    style.save(activity_figures.by_hour(table), path)


def write_alerts(alerts: pd.DataFrame | None, folder: Path) -> None:
    """Write alerts.csv; if there are no rules (None), remove that of an earlier run, which would look current."""
    if alerts is None:
        (folder / "alerts.csv").unlink(missing_ok=True)
    else:
        write_table(alerts, folder / "alerts.csv")


def write_embeddings(
    names: Sequence[str] | None, journal: Journal, classifier: Classifier, hop_s: float, folder: Path
) -> None:
    """Write embeddings/; if none are asked for (None), remove those of an earlier run, which may lack recordings.

    They stay in the journal. For the arguments see `embeddings_files.write_embeddings`.
    """
    target = folder / embeddings_files.EMBEDDINGS
    if names is None:
        shutil.rmtree(target, ignore_errors=True)
    else:
        embeddings_files.write_embeddings(
            names, journal, classifier.features, classifier.embedder.slices, hop_s, target
        )


def write_exports(
    events: pd.DataFrame,
    recordings: pd.DataFrame,
    journal: Journal,
    names: Sequence[str],
    features: Features,
    folder: Path,
) -> None:
    """Write events in formats of other programs, each into a folder with the name of the format.

    Parameters
    ----------
    events : pd.DataFrame
        As for `formats.raven`.
    recordings : pd.DataFrame
        recording.
    journal : Journal
        The journal of the screening, with the sample rate of each recording.
    names : sequence of str
        Names of formats.FORMATS.
    features : Features
        Of the classifier; its frequency range becomes that of the events, as far as the recordings have it.
    folder : Path
        Receives the folders.
    """
    if names:
        tracks = [(journal.metadata(name) or {}).get("track", {}) for name in recordings["recording"]]
        recordings = recordings.assign(sample_rate=[track.get("sample_rate") for track in tracks])
    for name in sorted(set(names)):
        with files.atomic_folder(folder / name) as temporary:
            for path, text in formats.FORMATS[name](events, recordings, features.fmin, features.fmax).items():
                files.write_text(text, temporary / path)


def write_clips(events: pd.DataFrame, paths: Mapping[str, Path], journal: Journal, n: int, folder: Path) -> None:
    """Cut the `n` most and `n` least confident events of each label out of their recordings, and list them.

    Parameters
    ----------
    events : pd.DataFrame
        recording, label, start_s, end_s (s) and mean_confidence.
    paths : mapping of str to Path
        File of each recording.
    journal : Journal
        The journal of the screening, with the track of each recording.
    n : int
        Events per label and selection; see clips.select_events.
    folder : Path
        Receives clips/ with the WAV files and clips.csv, in which `reason` says why an event could not be cut.
    """
    selected = clips.select_events(events, n)
    names, reasons = [], []
    with files.atomic_folder(folder / "clips") as temporary:
        for event, name in zip(selected.to_dict("records"), clips.clip_names(selected), strict=True):
            reason, recording = "", event["recording"]
            try:
                track = from_metadata(journal.metadata(recording) or {})
                if track is None:  # its journal was removed meanwhile
                    raise UnusableMediaError("no longer in the journal: screen it again")
                excerpt.cut(paths[recording], track, event["start_s"], event["end_s"], temporary / name)
            except UnusableMediaError as error:  # the file may be gone or changed since it was screened
                reason = str(error)
            names.append(name)
            reasons.append(reason)
        write_table(selected.assign(file=names, reason=reasons), temporary / "clips.csv")

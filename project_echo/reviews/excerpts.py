"""Excerpts of events to review: the sound, cut from the recording, and its spectrogram."""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import soundfile

from project_echo.core import files, parallel
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media import decode, excerpt
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, from_metadata
from project_echo.reviews import events, exchange
from project_echo.screening.journal import Journal
from project_echo.web import spectrogram

MAX_EXCERPT_S = 30.0  # of a longer event only the beginning is cut


@dataclass(frozen=True)
class Excerpt:
    """The excerpt of an event: how long it is, or the reason why there is none (otherwise empty)."""

    event: int
    duration_s: float
    reason: str = ""


def add_excerpts(
    events: pd.DataFrame, journal: Journal, mel_spectrogram: MelSpectrogram, folder: Path, jobs: int
) -> pd.DataFrame:
    """Write the excerpt of each event, media/<event>.flac and .png.

    Parameters
    ----------
    events : pd.DataFrame
        From `events.load_events`.
    journal : Journal
        The journal of the screening.
    mel_spectrogram : MelSpectrogram
        Of the classifier that screened the recordings.
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
    (folder / exchange.MEDIA).mkdir()
    digits = max(4, len(str(len(events))))
    stems = {event: f"{exchange.MEDIA}/{event:0{digits}}" for event in events["event"]}
    items = [
        (row.event, row.recording, row.start_s, row.end_s, journal, mel_spectrogram, folder / stems[row.event])
        for row in events.itertuples()
    ]
    with closing(parallel.as_completed(write_excerpt, items, jobs if len(items) > 4 else 1)) as completed:
        written = {excerpt.event: excerpt for excerpt in parallel.progress(completed, "events", len(items))}
    ordered = [written[event] for event in events["event"]]
    return events.assign(
        excerpt_duration_s=[excerpt.duration_s for excerpt in ordered],
        reason=[excerpt.reason for excerpt in ordered],
        media=["" if excerpt.reason else f"{stems[excerpt.event]}.flac" for excerpt in ordered],
    )


def write_excerpt(
    event: int,
    recording: str,
    start_s: float,
    end_s: float,
    journal: Journal,
    mel_spectrogram: MelSpectrogram,
    stem: Path,
) -> Excerpt:
    """Write the sound and the spectrogram of an event.

    Parameters
    ----------
    event : int
        Number of the event.
    recording : str
        The recording's name in the results.
    start_s, end_s : float
        Start and end of the event in the recording, s.
    journal : Journal
        The journal of the screening.
    mel_spectrogram : MelSpectrogram
        Of the classifier that screened the recordings.
    stem : Path
        Path of the two files without suffix: `stem`.flac, mono, 16 bits at the recording's own sample rate, and
        `stem`.png.

    Returns
    -------
    Excerpt
        With a reason, and no files, if the recording is missing, changed or unusable.
    """
    sound = stem.with_name(stem.name + ".flac")
    try:
        path = events.locate_recording(recording, journal)
        last_s = max(0.0, start_s - excerpt.CONTEXT_S) + MAX_EXCERPT_S - excerpt.CONTEXT_S
        track = from_metadata(journal.metadata(recording) or {})
        if track is None:
            raise UnusableMediaError("screened by an earlier version: run `project-echo predict` again")
        duration_s = _write_flac(path, track, start_s, min(end_s, last_s), sound)
        samples = decode.decode(sound, mel_spectrogram.features.sample_rate)
    except (UnusableMediaError, soundfile.SoundFileError) as error:
        sound.unlink(missing_ok=True)
        return Excerpt(event, 0.0, str(error))
    spectrogram.save(spectrogram.decibels(samples, mel_spectrogram), stem.with_name(stem.name + ".png"))
    return Excerpt(event, duration_s)


def _write_flac(path: Path, track: Track, start_s: float, end_s: float, target: Path) -> float:
    """Cut part of a recording with its context; returns the duration of what was cut, s."""
    with tempfile.TemporaryDirectory() as folder, files.atomic_path(target) as temporary:
        wav = Path(folder) / "cut.wav"
        excerpt.cut(path, track, start_s, end_s, wav)
        samples, sample_rate = soundfile.read(wav, dtype="int16")
        soundfile.write(temporary, samples, sample_rate, format="FLAC", subtype="PCM_16")
    return len(samples) / sample_rate

"""Excerpts of events to review: the clip for the corpus, and a longer one for the page, with spectrogram and vector."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from project_echo.core import files, parallel
from project_echo.core.progress import OnProgress, Progress
from project_echo.core.text import count
from project_echo.media import compact, decode, excerpt
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, from_metadata
from project_echo.models.classifier import load_classifier
from project_echo.reviews import clips, events, exchange, ledger, page_sound, vectors
from project_echo.screening.journal import Journal
from project_echo.web import spectrogram

CONTEXT_S = 5.0  # of the page's excerpt, before and after the event


@dataclass(frozen=True)
class Excerpt:
    """The page's excerpt of an event: how long it is, or the reason why there is none (otherwise empty).

    With the vector of the event (`vectors.event_vector`).
    """

    event: int
    duration_s: float
    reason: str = ""
    vector: np.ndarray | None = field(default=None, repr=False, compare=False)


def excerpt_start_s(start_s: float) -> float:
    """Where the page's excerpt of an event starts in its recording, s."""
    return max(0.0, start_s - CONTEXT_S)


def add_excerpts(
    events: pd.DataFrame,
    journal: Journal,
    model: Path,
    folder: Path,
    jobs: int,
    on_progress: OnProgress | None = None,
) -> pd.DataFrame:
    """Write the excerpts of each event, media/<event>.flac, .js and .jpg; random windows have no clip (.flac).

    Parameters
    ----------
    events : pd.DataFrame
        From `random_windows.add_windows`.
    journal : Journal
        The journal of the screening.
    model : Path
        Folder of the classifier that screened the recordings.
    folder : Path
        Folder of the review.
    jobs : int
        Processes; -1 is one per core.
    on_progress : callable, optional
        Called after each excerpt, instead of showing a bar.

    Returns
    -------
    pd.DataFrame
        `events` with `media`, the path of the clip relative to `folder`, empty if there is none; `excerpt` and
        `spectrogram`, the paths of the other files; and `excerpt_start_s` and `excerpt_duration_s` of the page's
        excerpt; and `vector`, from `vectors.encode_vectors`. Where there is no sound, paths and vector are empty, and
        `reason` says why.
    """
    (folder / exchange.MEDIA).mkdir()
    segments = ledger.keys(events, ledger.SEGMENT)
    firsts = events[~segments.duplicated()]  # events of one segment share their files
    digits = max(4, len(str(len(events))))
    stems = {event: f"{exchange.MEDIA}/{event:0{digits}}" for event in firsts["event"]}
    items = [
        (
            row.event,
            row.recording,
            row.start_s,
            row.end_s,
            journal,
            model,
            folder / stems[row.event],
            row.sample == "",  # random windows are not added to a corpus
        )
        for row in firsts.itertuples()
    ]
    with closing(parallel.as_completed(write_excerpt, items, jobs if len(items) > 4 else 1)) as completed:
        written = {excerpt.event: excerpt for excerpt in _with_progress(completed, len(items), on_progress)}
    encoded = dict(
        zip(firsts["event"], vectors.encode_vectors([written[event].vector for event in firsts["event"]]), strict=True)
    )
    first_of = dict(zip(segments[firsts.index], firsts["event"], strict=True))
    ordered = [written[first_of[segment]] for segment in segments]
    paths = pd.Series(["" if excerpt.reason else stems[excerpt.event] for excerpt in ordered], events.index, dtype=str)
    return events.assign(
        excerpt_start_s=[excerpt_start_s(start_s) for start_s in events["start_s"]],
        excerpt_duration_s=[excerpt.duration_s for excerpt in ordered],
        reason=[excerpt.reason for excerpt in ordered],
        media=_with_suffix(paths.where(events["sample"] == "", ""), ".flac"),
        excerpt=_with_suffix(paths, ".js"),
        spectrogram=_with_suffix(paths, ".jpg"),
        vector=[encoded[excerpt.event] for excerpt in ordered],
    )


def _with_progress(excerpts: Iterable[Excerpt], total: int, on_progress: OnProgress | None) -> Iterator[Excerpt]:
    if on_progress is None:
        yield from parallel.progress(excerpts, "excerpts", total)
        return
    for done, excerpt_ in enumerate(excerpts, start=1):
        on_progress(Progress(done / total, f"Cutting the sounds: {done} of {count(total, 'excerpt')}"))
        yield excerpt_


def write_excerpt(
    event: int,
    recording: str,
    start_s: float,
    end_s: float,
    journal: Journal,
    model: Path,
    stem: Path,
    with_clip: bool = True,
) -> Excerpt:
    """Write the clip of an event and its longer excerpt with a spectrogram, and compute its vector.

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
    model : Path
        Folder of the classifier that screened the recordings.
    stem : Path
        Path of the files without suffix: `stem`.flac, the clip (`clips.clip_span`), mono, 16 bits at the recording's
        own sample rate; `stem`.js, with CONTEXT_S of context, as `page_sound.script` writes it; and `stem`.jpg, the
        spectrogram of the latter.
    with_clip : bool
        Whether to write the clip.

    Returns
    -------
    Excerpt
        With a reason, and no files, if the recording is missing, changed or unusable.
    """
    embedder = load_classifier(model).embedder  # loaded once in a process
    mel_spectrogram = embedder.spectrogram
    try:
        path = events.locate_recording(recording, journal)
        track = from_metadata(journal.metadata(recording) or {})
        if track is None:
            raise UnusableMediaError("screened by an earlier version: run `project-echo predict` again")
        first_s, last_s = clips.clip_span(start_s, end_s)
        until_s = min(end_s, last_s) + CONTEXT_S
        with tempfile.TemporaryDirectory() as folder:
            sound, picture = Path(folder) / "excerpt.wav", Path(folder) / "excerpt.png"
            samples, sample_rate = _read(path, track, excerpt_start_s(start_s), until_s)
            soundfile.write(sound, samples, sample_rate, subtype="PCM_16")
            decoded = decode.decode(sound, mel_spectrogram.features.sample_rate)
            script = page_sound.script(stem.name, page_sound.encode(samples, sample_rate))
            spectrogram.save(spectrogram.decibels(decoded, mel_spectrogram), picture)
            compact.write_compact(picture, stem.with_name(stem.name + ".jpg"))
            first, last = (time_s - excerpt_start_s(start_s) for time_s in (start_s, min(end_s, last_s)))
            vector = vectors.event_vector(decoded, first, last, embedder)
    except (UnusableMediaError, soundfile.SoundFileError) as error:
        return Excerpt(event, 0.0, str(error))
    files.write_text(script, stem.with_name(stem.name + ".js"))
    if with_clip:
        begin, end = (round((time_s - excerpt_start_s(start_s)) * sample_rate) for time_s in (first_s, last_s))
        _write_flac(samples[begin:end], sample_rate, stem.with_name(stem.name + ".flac"))
    return Excerpt(event, len(samples) / sample_rate, vector=vector)


def _with_suffix(paths: pd.Series, suffix: str) -> pd.Series:
    return (paths + suffix).where(paths != "", "")


def _read(path: Path, track: Track, start_s: float, end_s: float) -> tuple[np.ndarray, int]:
    """Samples of a part of a recording, int16, and their sample rate, Hz."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "cut.wav"
        # `cut` adds a context of its own.
        first_s = start_s + excerpt.CONTEXT_S if start_s > 0 else 0.0
        excerpt.cut(path, track, first_s, end_s - excerpt.CONTEXT_S, wav)
        samples, sample_rate = soundfile.read(wav, dtype="int16")
    return samples, int(sample_rate)


def _write_flac(samples: np.ndarray, sample_rate: int, target: Path) -> None:
    with files.atomic_path(target) as temporary:
        soundfile.write(temporary, samples, sample_rate, format="FLAC", subtype="PCM_16", compression_level=1.0)

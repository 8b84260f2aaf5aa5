"""The demo corpus: labelled recordings and background in mixed formats, and unseen videos with known truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import seeds
from project_echo.core.labels import NONE, UNSEEN
from project_echo.core.parallel import map_all
from project_echo.corpora.collected import Corpus, recordings_table, skipped_table
from project_echo.corpora.demo import encode
from project_echo.corpora.demo.description import Description, Video
from project_echo.corpora.demo.scenes import Recorder, Scene, record
from project_echo.corpora.demo.sounds import Samples, active_level_db, db_to_amplitude, n_samples
from project_echo.corpora.demo.voices import LABELS, OTHER_SPECIES, call_track, draw_individual, track_with_calls
from project_echo.datasets.stated import ABSENT, PRESENT, STATED

PLACE = "place"  # kind of background without any animal
KINDS = (*LABELS, PLACE, *OTHER_SPECIES)
# Of successive sources; the formats that take longest to encode are the rarest.
FORMATS = ("wav", "mp3", "flac", "m4a", "wav", "mp3", "flac", "ogg", "wav", "mp3", "flac", "mp4")


def make_corpus(description: Description, folder: Path) -> Corpus:
    """Write the demo corpus.

    Parameters
    ----------
    description : Description
        Contents of corpora/demo.yaml.
    folder : Path
        Folder to write to.

    Returns
    -------
    Corpus
        The label of an unseen recording is its truth, and all calls in it are stated.
    """
    sources = [(folder, description, kind, number) for kind, number in _numbers(description)]
    rows = map_all(_write_source, sources, "recordings")
    videos = map_all(_write_video, [(folder, description, video) for video in description.unseen], "videos")
    stated = pd.DataFrame([row for _, of_video in videos for row in of_video], columns=STATED)
    return Corpus(
        recordings_table([*rows, *(row for row, _ in videos)]),
        skipped_table([]),
        stated.sort_values(STATED, ignore_index=True),
    )


def sources_table(description: Description) -> pd.DataFrame:
    """The labelled recordings that `make_corpus` would write, a row each, without writing them."""
    rows = []
    for kind, number in _numbers(description):
        source = _source(kind, number)
        rows.append((source, kind if kind in LABELS else NONE, kind, source, False, source))
    return recordings_table(rows)


def _numbers(description: Description) -> list[tuple[str, int]]:
    """Kind and number of every source, numbers from 1."""
    counts = {
        kind: description.sources_per_class if kind in LABELS else description.background_sources for kind in KINDS
    }
    return [(kind, number) for kind in KINDS for number in range(1, counts[kind] + 1)]


def _source(kind: str, number: int) -> str:
    return f"{kind}-{number:02d}"


def labelled_sound(description: Description, label: str, number: int) -> tuple[Samples, int]:
    """Sound of a labelled source.

    Parameters
    ----------
    description : Description
    label : str
        One of LABELS.
    number : int
        Number of the source, from 1; every source is a different individual in a different scene.

    Returns
    -------
    samples : np.ndarray of shape (n,)
        At `description.sample_rate_hz`.
    stored_rate : int
        Sample rate of the recorder, Hz.
    """
    generator = seeds.generator(description.seed, "demo", label, number)
    sample_rate = description.sample_rate_hz
    n = n_samples(generator.uniform(*description.duration_s), sample_rate)
    return _record_individual(label, n, generator, sample_rate)


def background_sound(description: Description, kind: str, number: int) -> tuple[Samples, int]:
    """Sound of a source of background: a scene without animals, or another species.

    Parameters
    ----------
    description : Description
    kind : str
        PLACE or one of OTHER_SPECIES.
    number : int
        Number of the source, from 1.

    Returns
    -------
    samples : np.ndarray of shape (n,)
        At `description.sample_rate_hz`.
    stored_rate : int
        Sample rate of the recorder, Hz.
    """
    generator = seeds.generator(description.seed, "demo", NONE, kind, number)
    sample_rate = description.sample_rate_hz
    n = n_samples(generator.uniform(*description.background_duration_s), sample_rate)
    if kind in OTHER_SPECIES:
        return _record_individual(kind, n, generator, sample_rate)
    scene, recorder = Scene.draw(generator), Recorder.draw(generator)
    silence = np.zeros(n, dtype=np.float32)
    return record(silence, [], scene, recorder, generator, sample_rate), recorder.sample_rate


def unseen_sound(description: Description, video: Video) -> tuple[Samples, int, list[tuple[str, float, float]]]:
    """Sound of an unseen video.

    Distant animals are of OTHER_SPECIES only, so that no labels are heard except those that the description states.

    Parameters
    ----------
    description : Description
    video : Video
        One of `description.unseen`.

    Returns
    -------
    samples : np.ndarray of shape (n,)
        At `description.sample_rate_hz`.
    stored_rate : int
        Sample rate of the recorder, Hz.
    calls : list of (str, float, float)
        Of LABELS: label, start and end in seconds.
    """
    generator = seeds.generator(description.seed, "demo", "unseen", video.name)
    sample_rate = description.sample_rate_hz
    n = n_samples(video.duration_s, sample_rate)
    mix = np.zeros(n, dtype=np.float32)
    calls: list[tuple[str, float, float]] = []
    for part in video.parts:
        animal = draw_individual(part.voice, generator)
        track, spans_s = track_with_calls(animal, generator, sample_rate, n, part.from_s, part.to_s)
        level_db = active_level_db(track, sample_rate)
        if np.isfinite(level_db):
            mix += track * np.float32(db_to_amplitude(part.level_db - level_db))
            calls += [(part.voice, *span_s) for span_s in spans_s if part.voice in LABELS]
    scene, recorder = Scene.draw(generator, video.snr_db), Recorder.draw(generator)
    distant = _distant_animals(OTHER_SPECIES, n, generator, sample_rate)
    return record(mix, distant, scene, recorder, generator, sample_rate), recorder.sample_rate, calls


def distant_voices(voice: str) -> list[str]:
    """Voices that may be heard at a distance in a recording of `voice`; in background never one of LABELS."""
    voices = OTHER_SPECIES if voice in OTHER_SPECIES else LABELS + OTHER_SPECIES
    return [name for name in voices if name != voice]


def _record_individual(voice: str, n: int, generator: np.random.Generator, sample_rate: int) -> tuple[Samples, int]:
    """A random individual in a random scene, with others of its species nearby and other species at a distance."""
    track = call_track(draw_individual(voice, generator), generator, sample_rate, n)
    scene, recorder = Scene.draw(generator), Recorder.draw(generator)
    background_animals = _distant_animals(distant_voices(voice), n, generator, sample_rate)
    background_animals += _same_species(voice, n, generator, sample_rate)
    return record(track, background_animals, scene, recorder, generator, sample_rate), recorder.sample_rate


def _distant_animals(
    voices: Sequence[str], n: int, generator: np.random.Generator, sample_rate: int
) -> list[tuple[Samples, float]]:
    """Tracks of up to two distant animals, each for a while, with their levels in dB relative to the recorded one."""
    tracks = []
    for voice in generator.choice(list(voices), size=int(generator.integers(0, 3)), replace=False):
        from_s = generator.uniform(0, 0.7) * n / sample_rate
        animal = draw_individual(str(voice), generator)
        track = call_track(animal, generator, sample_rate, n, from_s, from_s + generator.uniform(1, 15))
        tracks.append((track, generator.uniform(-28, -10)))
    return tracks


def _same_species(voice: str, n: int, generator: np.random.Generator, sample_rate: int) -> list[tuple[Samples, float]]:
    """Tracks of up to two more of the species, with levels in dB: a chorus, a sounder, a fox that answers."""
    count = int(generator.integers(0, 3))
    return [
        (call_track(draw_individual(voice, generator), generator, sample_rate, n), generator.uniform(-20, -6))
        for _ in range(count)
    ]


def _write_source(folder: Path, description: Description, kind: str, number: int) -> tuple[Any, ...]:
    # Each kind goes through all formats, so that a format says nothing about the animal.
    suffix = FORMATS[(number + 5 * KINDS.index(kind)) % len(FORMATS)]
    source = _source(kind, number)
    if kind in LABELS:
        label, name = kind, f"{kind}/{source}.{suffix}"
        samples, stored_rate = labelled_sound(description, kind, number)
    else:
        label, name = NONE, f"{NONE}/{kind}/{source}.{suffix}"
        samples, stored_rate = background_sound(description, kind, number)
    encode.write(samples, description.sample_rate_hz, folder / name, stored_rate)
    return name, label, kind, source, False, name


def _write_video(
    folder: Path, description: Description, video: Video
) -> tuple[tuple[Any, ...], list[tuple[str, str, float, float, str]]]:
    """Write a video; its row of the table of recordings, and what is stated of each label in it."""
    name = f"{UNSEEN}/{video.name}.mp4"
    samples, stored_rate, calls = unseen_sound(description, video)
    encode.write(samples, description.sample_rate_hz, folder / name, stored_rate)
    stated = [(name, *call, PRESENT) for call in calls]
    for label in LABELS:
        spans = [(start_s, end_s) for called, start_s, end_s in calls if called == label]
        stated += [(name, label, *span, ABSENT) for span in _silences(spans, video.duration_s)]
    return (name, video.truth, video.truth, f"unseen-{video.name}", True, name), stated


def _silences(calls: list[tuple[float, float]], duration_s: float) -> list[tuple[float, float]]:
    """Spans of a recording without calls, s."""
    silences, heard_until_s = [], 0.0
    for start_s, end_s in [*sorted(calls), (duration_s, duration_s)]:
        if start_s > heard_until_s:
            silences.append((heard_until_s, start_s))
        heard_until_s = max(heard_until_s, end_s)
    return silences

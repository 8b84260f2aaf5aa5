"""The whole demo corpus: labelled recordings and background in mixed formats, and unseen videos with known truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import seeds
from project_echo.core.labels import NONE
from project_echo.core.parallel import map_all
from project_echo.corpora.collected import recordings
from project_echo.corpora.demo import encode
from project_echo.corpora.demo.description import Description, Video
from project_echo.corpora.demo.places import Place, Recorder, record
from project_echo.corpora.demo.sounds import Samples, amplitude, length, loudness_db
from project_echo.corpora.demo.voices import LABELS, NEIGHBOURS, calling, individual

PLACE = "place"  # background without any animal
KINDS = (*LABELS, PLACE, *NEIGHBOURS)


def make(wanted: Description, folder: Path) -> pd.DataFrame:
    """Write the corpus that a description (corpora/demo.yaml) asks for under `folder`.

    Returns the table of recordings (`corpora.collected`); the label of an unseen one is its truth.
    """
    counts = {kind: wanted.sources_per_class if kind in LABELS else wanted.background_sources for kind in KINDS}
    sources = [(folder, wanted, kind, number) for kind in KINDS for number in range(1, counts[kind] + 1)]
    rows = map_all(_write_source, sources, "recordings")
    rows += map_all(_write_unseen, [(folder, wanted, video) for video in wanted.unseen], "videos")
    return recordings(rows)


def labelled_sound(wanted: Description, label: str, number: int) -> tuple[Samples, int]:
    """Sound of one labelled source, shape (n,) at `sample_rate_hz`, and the rate in Hz its recorder stores it at."""
    draw = seeds.generator(wanted.seed, "demo", label, number)
    rate = wanted.sample_rate_hz
    return _individual(label, length(draw.uniform(*wanted.duration_s), rate), draw, rate)


def background_sound(wanted: Description, kind: str, number: int) -> tuple[Samples, int]:
    """Sound of one source of background, as `labelled_sound`: a place without animals, or one of NEIGHBOURS."""
    draw = seeds.generator(wanted.seed, "demo", NONE, kind, number)
    rate = wanted.sample_rate_hz
    n = length(draw.uniform(*wanted.background_duration_s), rate)
    if kind in NEIGHBOURS:
        return _individual(kind, n, draw, rate)
    place, recorder = Place.draw(draw), Recorder.draw(draw)
    return record(np.zeros(n, dtype=np.float32), [], place, recorder, draw, rate), recorder.rate_hz


def _individual(voice: str, n: int, draw: np.random.Generator, rate: int) -> tuple[Samples, int]:
    """An individual in a place of its own, with its like near it and others far off."""
    track = calling(individual(voice, draw), draw, rate, n)
    place, recorder = Place.draw(draw), Recorder.draw(draw)
    strangers = _strangers(far_off(voice), n, draw, rate)
    company = _company(voice, n, draw, rate)
    return record(track, strangers + company, place, recorder, draw, rate), recorder.rate_hz


def far_off(voice: str) -> list[str]:
    """Who may be heard far off in a recording of `voice`: anyone else, but of background none of the four."""
    around = NEIGHBOURS if voice in NEIGHBOURS else LABELS + NEIGHBOURS
    return [other for other in around if other != voice]


def unseen_sound(wanted: Description, video: Video) -> tuple[Samples, int]:
    """Sound of one unseen video, shape (n,) at `sample_rate_hz`, and the rate in Hz its recorder stores it at.

    Far off there are only animals that are none of the four, so that the stated truth is the whole truth.
    """
    draw = seeds.generator(wanted.seed, "demo", "unseen", video.name)
    rate = wanted.sample_rate_hz
    n = length(video.duration_s, rate)
    together = np.zeros(n, dtype=np.float32)
    for part in video.parts:
        track = calling(individual(part.voice, draw), draw, rate, n, part.from_s, part.to_s)
        level_db = loudness_db(track, rate)
        if np.isfinite(level_db):
            together += track * np.float32(amplitude(part.level_db - level_db))
    place, recorder = Place.draw(draw, video.snr_db), Recorder.draw(draw)
    strangers = _strangers(NEIGHBOURS, n, draw, rate)
    return record(together, strangers, place, recorder, draw, rate), recorder.rate_hz


def _strangers(voices: Sequence[str], n: int, draw: np.random.Generator, rate: int) -> list[tuple[Samples, float]]:
    """None, one or two animals far off, each for a while, with its level in dB relative to the animal recorded."""
    heard = []
    for voice in draw.choice(list(voices), size=int(draw.integers(0, 3)), replace=False):
        from_s = draw.uniform(0, 0.7) * n / rate
        track = calling(individual(str(voice), draw), draw, rate, n, from_s, from_s + draw.uniform(1, 15))
        heard.append((track, draw.uniform(-28, -10)))
    return heard


def _company(label: str, n: int, draw: np.random.Generator, rate: int) -> list[tuple[Samples, float]]:
    """None to two more of the same species: a chorus, a sounder, a fox that answers."""
    count = int(draw.integers(0, 3))
    return [(calling(individual(label, draw), draw, rate, n), draw.uniform(-20, -6)) for _ in range(count)]


def _write_source(folder: Path, wanted: Description, kind: str, number: int) -> tuple[Any, ...]:
    # Each kind goes through all formats, so that a format says nothing about the animal.
    formats = list(encode.FORMATS)
    suffix = formats[(number + KINDS.index(kind)) % len(formats)]
    source = f"{kind}-{number:02d}"
    if kind in LABELS:
        label, name = kind, f"{kind}/{source}.{suffix}"
        samples, stored_rate = labelled_sound(wanted, kind, number)
    else:
        label, name = NONE, f"{NONE}/{kind}/{source}.{suffix}"
        samples, stored_rate = background_sound(wanted, kind, number)
    encode.write(samples, wanted.sample_rate_hz, folder / name, stored_rate)
    return name, label, kind, source, False, name


def _write_unseen(folder: Path, wanted: Description, video: Video) -> tuple[Any, ...]:
    name = f"unseen/{video.name}.mp4"
    samples, stored_rate = unseen_sound(wanted, video)
    encode.write(samples, wanted.sample_rate_hz, folder / name, stored_rate)
    return name, video.truth, video.truth, f"unseen-{video.name}", True, name

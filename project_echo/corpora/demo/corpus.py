"""The whole demo corpus: labelled recordings in mixed formats, and unseen videos with known truth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from project_echo import seeds
from project_echo.corpora.demo import videos
from project_echo.corpora.demo.description import Description, Video
from project_echo.corpora.demo.places import Place, Recorder, record
from project_echo.corpora.demo.sounds import Samples, amplitude, length, loudness_db
from project_echo.corpora.demo.voices import LABELS, NEIGHBOURS, calling, individual
from project_echo.parallel import map_all


def make(wanted: Description, folder: Path) -> pd.DataFrame:
    """Write the corpus that a description (corpora/demo.yaml) asks for under `folder`.

    Returns one row per recording: `recording` (path relative to `folder`), `label` (of an unseen one the truth, or
    ``none``), `source`, `unseen` and `original`.
    """
    labelled = [(wanted, label, number) for label in LABELS for number in range(1, wanted.sources_per_class + 1)]
    rows = map_all(_write_labelled, [(folder, *item) for item in labelled], "recordings")
    rows += map_all(_write_unseen, [(folder, wanted, video) for video in wanted.unseen], "videos")
    return pd.DataFrame(rows, columns=["recording", "label", "kind", "source", "unseen", "original"])


def labelled_sound(wanted: Description, label: str, number: int) -> tuple[Samples, int]:
    """Sound of one labelled source, shape (n,) at `sample_rate_hz`, and the rate in Hz its recorder stores it at."""
    draw = seeds.generator(wanted.seed, "demo", label, number)
    rate = wanted.sample_rate_hz
    n = length(draw.uniform(*wanted.duration_s), rate)
    track = calling(individual(label, draw), draw, rate, n)
    place, recorder = Place.draw(draw), Recorder.draw(draw)
    strangers = _strangers([voice for voice in LABELS + NEIGHBOURS if voice != label], n, draw, rate)
    company = _company(label, n, draw, rate)
    return record(track, strangers + company, place, recorder, draw, rate), recorder.rate_hz


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


def _write_labelled(folder: Path, wanted: Description, label: str, number: int) -> tuple[str, str, str, str, bool, str]:
    # Each class goes through all formats, so that a format says nothing about the animal.
    kinds = list(videos.FORMATS)
    kind = kinds[(number + LABELS.index(label)) % len(kinds)]
    source = f"{label}-{number:02d}"
    name = f"{label}/{source}.{kind}"
    samples, stored_rate = labelled_sound(wanted, label, number)
    videos.write(samples, wanted.sample_rate_hz, folder / name, stored_rate)
    return name, label, label, source, False, name


def _write_unseen(folder: Path, wanted: Description, video: Video) -> tuple[str, str, str, str, bool, str]:
    name = f"unseen/{video.name}.mp4"
    samples, stored_rate = unseen_sound(wanted, video)
    videos.write(samples, wanted.sample_rate_hz, folder / name, stored_rate)
    return name, video.truth, video.truth, f"unseen-{video.name}", True, name

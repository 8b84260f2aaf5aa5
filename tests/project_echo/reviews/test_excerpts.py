"""Sound and spectrogram of an event."""

import base64
import re
from dataclasses import asdict
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile

from project_echo.media.decode import decode
from project_echo.media.excerpt import CONTEXT_S
from project_echo.media.track import Track
from project_echo.reviews import excerpts
from project_echo.reviews.clips import MAX_CLIP_S
from project_echo.reviews.excerpts import Excerpt, write_excerpt
from project_echo.screening import identity
from project_echo.screening.journal import Journal
from tests.sounds import hiss, loudest_hz, tone, write_wav

RATE = 44100
MONO = Track(0, None, 1.0, RATE, 1)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    folder = tmp_path / "journal"
    folder.mkdir()
    return Journal(folder)


def add(path: Path, journal: Journal, track: Track | None = MONO) -> str:
    """Add a recording to a journal as screened; without a track, by an earlier version."""
    metadata = {"track": asdict(track)} if track else {}
    journal.add(str(path), np.zeros((1, 2), dtype=np.float32), metadata | identity.identify(path, identity.stamp(path)))
    return str(path)


def excerpt_of(stem: Path) -> tuple[np.ndarray, int]:
    """The samples that the script of an event gives to the page, and their rate."""
    script = stem.with_suffix(".js").read_text(encoding="utf-8")
    match = re.fullmatch(r'receiveExcerpt\("(.+)", (\d+), (\d+), "(.+)"\);\n', script)
    assert match is not None and match[1] == stem.name
    mp3 = stem.with_suffix(".mp3")
    mp3.write_bytes(base64.b64decode(match[4]))
    sample_rate = soundfile.info(mp3).samplerate
    samples = decode(mp3, sample_rate)
    assert (int(match[2]), int(match[3])) == (sample_rate, len(samples))
    return samples, sample_rate


def test_a_clip_and_a_longer_excerpt_have_the_recordings_sample_rate(
    journal: Journal, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    sound = np.concatenate([hiss(7, RATE, 0.01), tone(1000, 2, RATE), hiss(4, RATE, 0.01)])
    recording = add(
        write_wav(tmp_path / "a.wav", np.stack([sound, sound], axis=1), RATE), journal, Track(0, None, 1.0, RATE, 2)
    )
    stem = tmp_path / "media" / "0007"
    excerpt = write_excerpt(7, recording, 7, 9, journal, by_pitch_or_none, stem)
    assert excerpt.vector is not None
    assert excerpt == Excerpt(7, excerpts.CONTEXT_S + 2 + 4)  # the recording ends before the context does
    clip, sample_rate = soundfile.read(stem.with_suffix(".flac"))
    assert (sample_rate, clip.shape) == (RATE, (3 * RATE,))
    assert loudest_hz(clip[RATE // 2 : RATE], RATE) == pytest.approx(1000, abs=2)
    samples, sample_rate = excerpt_of(stem)
    assert sample_rate == 32000 and len(samples) == 11 * sample_rate
    loud = np.flatnonzero(np.abs(samples) > 0.3 * np.abs(samples).max()) / sample_rate
    assert [loud[0], loud[-1]] == pytest.approx([excerpts.CONTEXT_S, excerpts.CONTEXT_S + 2], abs=0.005)
    image = matplotlib.image.imread(stem.with_suffix(".jpg")).astype(float)
    light = image[..., :3].sum(axis=2)
    per_s = light.shape[1] / 11
    during, before = slice(round(5.2 * per_s), round(6.8 * per_s)), slice(0, round(4.5 * per_s))
    row = light[light[:, during].mean(axis=1).argmax()]
    assert row[during].min() > row[before].max()


def test_of_a_long_event_the_beginning_is_cut(journal: Journal, by_pitch_or_none: Path, tmp_path: Path) -> None:
    recording = add(write_wav(tmp_path / "a.wav", hiss(50, 8000), 8000), journal)
    context = excerpts.CONTEXT_S
    for event, start_s, clip_s, excerpt_s in (
        (1, 7, MAX_CLIP_S, context + MAX_CLIP_S - CONTEXT_S + context),
        (2, 0, MAX_CLIP_S, MAX_CLIP_S + context),
        (3, 48, 2 + CONTEXT_S, context + 2),
    ):
        excerpt = write_excerpt(event, recording, start_s, 50, journal, by_pitch_or_none, tmp_path / str(event))
        assert excerpt == Excerpt(event, excerpt_s)
        assert soundfile.info(tmp_path / f"{event}.flac").duration == clip_s


def test_an_unusable_recording_has_a_reason_and_no_files(
    journal: Journal, by_pitch_or_none: Path, tmp_path: Path
) -> None:
    silent = add(write_wav(tmp_path / "silent.wav", np.zeros(8000), 8000), journal)
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    earlier = add(write_wav(tmp_path / "earlier.wav", hiss(2, 8000), 8000), journal, track=None)
    for recording in (silent, earlier, add(text, journal), str(tmp_path / "missing.wav")):
        excerpt = write_excerpt(1, recording, 0, 1, journal, by_pitch_or_none, tmp_path / "media" / "1")
        assert excerpt.duration_s == 0 and excerpt.reason and excerpt.vector is None
    assert not list((tmp_path / "media").glob("*"))

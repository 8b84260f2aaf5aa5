"""Sound and spectrogram of an event."""

from dataclasses import asdict
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile

from project_echo.media.excerpt import CONTEXT_S
from project_echo.media.track import Track
from project_echo.reviews.excerpts import MAX_EXCERPT_S, Excerpt, write_excerpt
from project_echo.screening import identity
from project_echo.screening.journal import Journal
from tests.sounds import hiss, loudest_hz, mel_spectrogram, tone, write_wav

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


def test_an_excerpt_is_the_event_with_context_at_the_recordings_sample_rate(journal: Journal, tmp_path: Path) -> None:
    sound = np.concatenate([hiss(3, RATE, 0.01), tone(1000, 2, RATE), hiss(3, RATE, 0.01)])
    recording = add(
        write_wav(tmp_path / "a.wav", np.stack([sound, sound], axis=1), RATE), journal, Track(0, None, 1.0, RATE, 2)
    )
    excerpt = write_excerpt(7, recording, 3, 5, journal, mel_spectrogram(), tmp_path / "media" / "0007")
    assert excerpt == Excerpt(7, 3.0)
    samples, sample_rate = soundfile.read(tmp_path / "media" / "0007.flac")
    assert (sample_rate, samples.shape) == (RATE, (3 * RATE,))
    assert loudest_hz(samples[RATE // 2 : RATE], RATE) == pytest.approx(1000, abs=2)
    image = matplotlib.image.imread(tmp_path / "media" / "0007.png")
    light = image[..., :3].sum(axis=2)
    middle = slice(light.shape[1] // 4, 3 * light.shape[1] // 4)
    row = light[light[:, middle].mean(axis=1).argmax()]  # of the tone, which begins after the context
    assert row[middle].min() > row[: len(row) // 10].max()


def test_of_a_long_event_the_beginning_is_cut(journal: Journal, tmp_path: Path) -> None:
    recording = add(write_wav(tmp_path / "a.wav", hiss(50, 8000), 8000), journal)
    for event, start_s, duration_s in ((1, 5, MAX_EXCERPT_S), (2, 0, MAX_EXCERPT_S), (3, 48, 2 + CONTEXT_S)):
        excerpt = write_excerpt(event, recording, start_s, 50, journal, mel_spectrogram(), tmp_path / str(event))
        assert excerpt == Excerpt(event, duration_s)


def test_an_unusable_recording_has_a_reason_and_no_files(journal: Journal, tmp_path: Path) -> None:
    silent = add(write_wav(tmp_path / "silent.wav", np.zeros(8000), 8000), journal)
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    earlier = add(write_wav(tmp_path / "earlier.wav", hiss(2, 8000), 8000), journal, track=None)
    for recording in (silent, earlier, add(text, journal), str(tmp_path / "missing.wav")):
        excerpt = write_excerpt(1, recording, 0, 1, journal, mel_spectrogram(), tmp_path / "media" / "1")
        assert excerpt.duration_s == 0 and excerpt.reason
    assert not list((tmp_path / "media").glob("*"))

"""What is cut for people to hear and to see."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile

from project_echo.review import excerpts
from project_echo.screening import worker
from project_echo.screening.journal import Journal
from tests.sounds import FEATURES, hiss, loudest_hz, tone, write_wav

RATE = 44100


@pytest.fixture
def noted(tmp_path: Path) -> Journal:
    folder = tmp_path / "journal"
    folder.mkdir()
    return Journal(folder)


def screened(path: Path, noted: Journal) -> str:
    noted.add(str(path), np.zeros((1, 2), dtype=np.float32), dict(worker.stamp(path)))
    return str(path)


def test_an_event_is_heard_with_context_at_its_own_rate_and_seen_over_the_same_seconds(
    noted: Journal, tmp_path: Path
) -> None:
    sound = np.concatenate([hiss(3, RATE, 0.01), tone(1000, 2, RATE), hiss(3, RATE, 0.01)])
    recording = screened(write_wav(tmp_path / "a.wav", np.stack([sound, sound], axis=1), RATE), noted)
    event, cut_s, reason = excerpts.cut(7, recording, 3, 5, noted, FEATURES, tmp_path / "media" / "0007")
    assert (event, cut_s, reason) == (7, 3.0, "")
    found, rate = soundfile.read(tmp_path / "media" / "0007.flac")
    assert (rate, found.shape) == (RATE, (3 * RATE, 2))
    assert loudest_hz(found[RATE // 2 : RATE, 0], RATE) == pytest.approx(1000, abs=2)
    picture = matplotlib.image.imread(tmp_path / "media" / "0007.png")
    light = picture[..., :3].sum(axis=2)
    middle = slice(light.shape[1] // 4, 3 * light.shape[1] // 4)
    pitch = light[light[:, middle].mean(axis=1).argmax()]  # the row of the tone, where the sound has it
    assert pitch[middle].min() > pitch[: len(pitch) // 10].max()


def test_of_a_long_event_the_first_half_minute_is_cut(noted: Journal, tmp_path: Path) -> None:
    recording = screened(write_wav(tmp_path / "a.wav", hiss(50, 8000), 8000), noted)
    assert excerpts.cut(1, recording, 5, 50, noted, FEATURES, tmp_path / "1")[1:] == (30.0, "")
    assert excerpts.cut(2, recording, 0, 50, noted, FEATURES, tmp_path / "2")[1:] == (30.0, "")
    assert excerpts.cut(3, recording, 48, 50, noted, FEATURES, tmp_path / "3")[1:] == (2.5, "")


def test_what_cannot_be_heard_has_a_reason_and_leaves_nothing(noted: Journal, tmp_path: Path) -> None:
    silent = screened(write_wav(tmp_path / "silent.wav", np.zeros(8000), 8000), noted)
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    gone = str(tmp_path / "gone.wav")
    for recording, reason in (
        (silent, "silent"),
        (screened(text, noted), "not a media file"),
        (gone, "cannot be read"),
    ):
        _, cut_s, told = excerpts.cut(1, recording, 0, 1, noted, FEATURES, tmp_path / "media" / "1")
        assert cut_s == 0 and reason in told
    assert not list((tmp_path / "media").glob("*"))

"""Recordings are converted to formats that browsers play."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.media import browser, excerpt
from project_echo.media.decode import decode
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import Track, choose_track
from tests.sounds import PICTURES, RATE, encode, ffmpeg, loudest_hz, tone, write_wav

MONO = Track(0, None, 1.0, RATE, 1)


def convert(recording: Path, target: Path) -> None:
    """Convert a recording as the report does."""
    track = choose_track(recording)
    browser.write_playable(recording, track, decode(recording, RATE, track), RATE, target)


@pytest.mark.parametrize("name", ["film.avi", "film.mov", "film.webm"])
def test_a_video_becomes_mp4_with_the_same_sound(tmp_path: Path, name: str) -> None:
    samples = np.concatenate([tone(440, 1), tone(1760, 1)])
    video = encode(tmp_path / name, samples, pictures_s=2)
    assert browser.has_video(video)
    convert(video, tmp_path / "out.mp4")
    browser.write_poster(tmp_path / "out.mp4", 1, tmp_path / "out.jpg")
    decoded = decode(tmp_path / "out.mp4", RATE)
    assert len(decoded) == pytest.approx(2 * RATE, rel=0.05)
    assert loudest_hz(decoded[: RATE // 2]) == pytest.approx(440, rel=0.02)
    assert loudest_hz(decoded[-RATE // 2 :]) == pytest.approx(1760, rel=0.02)
    assert b"avc1" in (tmp_path / "out.mp4").read_bytes()
    assert (tmp_path / "out.jpg").read_bytes().startswith(b"\xff\xd8")


def test_a_video_whose_sound_starts_late_starts_with_its_sound(tmp_path: Path) -> None:
    """Windows count from the first sound, and so does the player."""
    wav = write_wav(tmp_path / "sound.wav", tone(440, 2))
    pictures = [part.format(4) for part in PICTURES]
    ffmpeg(*pictures, "-itsoffset", "1.5", "-i", str(wav), "-c:v", "libx264", "-c:a", "aac", str(tmp_path / "late.mp4"))
    convert(tmp_path / "late.mp4", tmp_path / "out.mp4")
    assert excerpt.first_sound_s(tmp_path / "late.mp4") == pytest.approx(1.5, abs=0.05)
    assert excerpt.first_sound_s(tmp_path / "out.mp4") == pytest.approx(0, abs=0.05)
    assert len(decode(tmp_path / "out.mp4", RATE)) == pytest.approx(2 * RATE, rel=0.05)


def test_audio_becomes_m4a_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    sound = encode(tmp_path / "call.ogg", tone(440, 1))
    assert not browser.has_video(sound)
    for name in ("first.m4a", "second.m4a"):
        convert(sound, tmp_path / name)
    assert (tmp_path / "first.m4a").read_bytes() == (tmp_path / "second.m4a").read_bytes()


def test_a_video_whose_pictures_end_early_has_a_poster(tmp_path: Path) -> None:
    video = encode(tmp_path / "video.mp4", tone(440, 4), pictures_s=0.5)
    convert(video, tmp_path / "out.mp4")
    browser.write_poster(tmp_path / "out.mp4", 2, tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").read_bytes().startswith(b"\xff\xd8")


def test_an_unusable_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(UnusableMediaError):
        browser.write_playable(tmp_path / "text.mp4", MONO, tone(440, 1), RATE, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()

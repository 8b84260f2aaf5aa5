"""Recordings for browsers."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.media import browser
from project_echo.media.decode import UnusableMediaError, decode
from project_echo.screening import clips
from tests.sounds import PICTURES, RATE, encode, ffmpeg, loudest_hz, tone, write_wav


@pytest.mark.parametrize("name", ["film.avi", "film.mov", "film.webm"])
def test_a_video_of_any_kind_becomes_mp4_with_the_same_sound(tmp_path: Path, name: str) -> None:
    samples = np.concatenate([tone(440, 1), tone(1760, 1)])
    film = encode(tmp_path / name, samples, pictures_s=2)
    assert browser.has_pictures(film)
    browser.playable(film, tmp_path / "out.mp4")
    browser.poster(tmp_path / "out.mp4", 1, tmp_path / "out.jpg")
    heard = decode(tmp_path / "out.mp4", RATE)
    assert len(heard) == pytest.approx(2 * RATE, rel=0.05)
    assert loudest_hz(heard[: RATE // 2]) == pytest.approx(440, rel=0.02)
    assert loudest_hz(heard[-RATE // 2 :]) == pytest.approx(1760, rel=0.02)
    assert b"avc1" in (tmp_path / "out.mp4").read_bytes()
    assert (tmp_path / "out.jpg").read_bytes().startswith(b"\xff\xd8")


def test_a_video_whose_sound_begins_late_begins_with_its_sound(tmp_path: Path) -> None:
    """Windows are told from the first sound, so the player's time has to be theirs."""
    wav = write_wav(tmp_path / "sound.wav", tone(440, 2))
    pictures = [part.format(4) for part in PICTURES]
    ffmpeg(*pictures, "-itsoffset", "1.5", "-i", str(wav), "-c:v", "libx264", "-c:a", "aac", str(tmp_path / "late.mp4"))
    browser.playable(tmp_path / "late.mp4", tmp_path / "out.mp4")
    assert clips.first_sound_s(tmp_path / "late.mp4") == pytest.approx(1.5, abs=0.05)
    assert clips.first_sound_s(tmp_path / "out.mp4") == pytest.approx(0, abs=0.05)
    assert len(decode(tmp_path / "out.mp4", RATE)) == pytest.approx(2 * RATE, rel=0.05)


def test_sound_alone_becomes_m4a_the_same_bytes_twice(tmp_path: Path) -> None:
    sound = encode(tmp_path / "call.ogg", tone(440, 1))
    assert not browser.has_pictures(sound)
    for name in ("first.m4a", "second.m4a"):
        browser.playable(sound, tmp_path / name)
    assert (tmp_path / "first.m4a").read_bytes() == (tmp_path / "second.m4a").read_bytes()


def test_pictures_that_end_before_the_sound_have_a_poster_too(tmp_path: Path) -> None:
    film = encode(tmp_path / "film.mp4", tone(440, 4), pictures_s=0.5)
    browser.playable(film, tmp_path / "out.mp4")
    browser.poster(tmp_path / "out.mp4", 2, tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").read_bytes().startswith(b"\xff\xd8")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(UnusableMediaError, match="truncated"):
        browser.playable(tmp_path / "text.mp4", tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()

"""Small copies of media."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from project_echo.media import ffmpeg
from project_echo.media.compact import SUFFIXES, write_compact
from project_echo.media.errors import UnusableMediaError
from tests.sounds import encode, tone


def test_a_video_keeps_its_sound_and_has_fewer_lines(tmp_path: Path) -> None:
    encode(tmp_path / "film.mp4", tone(300, 2), pictures_s=2)
    write_compact(tmp_path / "film.mp4", tmp_path / "small.mp4")
    described = ffmpeg.describe(tmp_path / "small.mp4").decode()
    assert "Video: h264" in described
    assert "Audio: aac" in described


@pytest.mark.parametrize("suffix", [".wav", ".m4a"])
def test_sound_becomes_smaller(tmp_path: Path, suffix: str) -> None:
    encode(tmp_path / f"call{suffix}", tone(300, 10))
    write_compact(tmp_path / f"call{suffix}", tmp_path / "small.m4a")
    assert "Audio: aac" in ffmpeg.describe(tmp_path / "small.m4a").decode()
    assert (tmp_path / "small.m4a").stat().st_size < 80_000  # 48 kbit/s


def test_a_picture_keeps_its_size(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).random((40, 60))
    matplotlib.image.imsave(tmp_path / "a.png", picture)
    write_compact(tmp_path / "a.png", tmp_path / "a.jpg")
    assert matplotlib.image.imread(tmp_path / "a.jpg").shape == (40, 60, 3)
    assert SUFFIXES[".png"] == ".jpg"


def test_what_is_no_media_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("text", encoding="utf-8")
    with pytest.raises(UnusableMediaError):
        write_compact(tmp_path / "a.mp4", tmp_path / "small.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]

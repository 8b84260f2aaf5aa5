"""What a file states about itself."""

import subprocess
from pathlib import Path

import pytest

from project_echo.media import ffmpeg, probe
from tests.sounds import RATE, encode, tone, write_wav


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.opus", "a.mp4", "-a b.mkv"])
def test_the_duration_of_a_file(tmp_path: Path, name: str) -> None:
    path = encode(tmp_path / name, tone(500, 3), pictures_s=3 if name == "a.mp4" else 0)
    assert probe.stated_duration_s(path) == pytest.approx(3, abs=0.1)


def test_a_file_without_a_duration_has_zero(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("  Duration: 00:00:03.00\n")
    assert probe.stated_duration_s(tmp_path / "text.wav") == 0
    assert probe.stated_duration_s(tmp_path / "gone.wav") == 0


def test_a_file_at_which_ffmpeg_hangs_has_no_description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits_s = []

    def hang(command: list[str], timeout: float, **_: object) -> None:
        limits_s.append(timeout)
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(ffmpeg.subprocess, "run", hang)
    assert probe.description(write_wav(tmp_path / "a.wav", tone(500, 1), RATE)) == ""
    assert limits_s == [ffmpeg.DESCRIBE_TIME_LIMIT_S]


def test_a_file_is_described_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, program = [], ffmpeg.executable()
    monkeypatch.setattr(ffmpeg, "executable", lambda: calls.append("") or program)
    path = write_wav(tmp_path / "a.wav", tone(500, 1), RATE)
    assert (probe.stated_duration_s(path), "pcm_s16le" in probe.description(path), len(calls)) == (1.0, True, 1)
    write_wav(path, tone(500, 2), RATE)
    assert (probe.stated_duration_s(path), len(calls)) == (2.0, 2)

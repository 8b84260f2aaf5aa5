"""Commands, processes and failures of ffmpeg."""

import platform
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.media import ffmpeg
from project_echo.media.errors import UnusableMediaError
from tests.sounds import RATE, tone, write_wav
from tests.work import processes_left


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


# Commands


def test_a_media_file_is_read_with_the_whitelists_and_its_name_is_no_option(tmp_path: Path) -> None:
    words = ffmpeg.audio_command(Path("-i \udcff"), {"ss": 1.5}, "pipe:", format="wav")
    begin, end = words.index("-ss"), words.index("-i")
    assert words[begin + 1] == "1.5"
    assert words[end + 1] == "file:-i \udcff"
    assert words[words.index("-protocol_whitelist") + 1] == "file,pipe"
    assert words[words.index("-format_whitelist") + 1] == ffmpeg.FORMATS
    assert max(words.index("-protocol_whitelist"), words.index("-format_whitelist"), begin) < end
    assert not {"hls", "concat", "dash", "sdp", "image2", "lavfi"} & set(ffmpeg.FORMATS.split(","))


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="processors of other kinds have no SSE2")
def test_the_code_that_every_processor_has_is_used_for_all_of_a_command() -> None:
    words = ffmpeg.audio_command(Path("a.wav"), {"ss": 1.5}, "pipe:", format="wav")
    assert words[1:3] == ["-cpuflags", "sse2"]  # global, before the first input


def test_no_binary_for_the_platform_is_an_error_that_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg.imageio_ffmpeg, "get_ffmpeg_exe", missing)
    ffmpeg.executable.cache_clear()
    with pytest.raises(EchoError, match="IMAGEIO_FFMPEG_EXE"):
        ffmpeg.executable()


def missing() -> str:
    raise RuntimeError("No ffmpeg exe could be found")


# Processes


def test_a_command_returns_its_output_and_its_log() -> None:
    assert ffmpeg.run(shell("cat; echo odd >&2"), b"sound") == (b"sound", b"odd\n")


def test_a_command_that_fails_is_refused_with_its_last_message() -> None:
    with pytest.raises(UnusableMediaError, match=r"Disk quota exceeded$"):
        ffmpeg.run(shell("echo banner >&2; echo ' Disk quota exceeded ' >&2; echo 'Conversion failed!' >&2; exit 1"))
    with pytest.raises(UnusableMediaError):
        ffmpeg.run(shell("exit 1"))


@pytest.mark.timing  # a real process hangs until the time limit
def test_a_command_that_hangs_is_killed_after_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "TIME_LIMIT_S", 0.2)
    with pytest.raises(UnusableMediaError, match=r"0\.2 s"):
        ffmpeg.run(shell("exec sleep 60"))
    assert not processes_left()


def test_a_pipe_is_read_piece_by_piece_and_has_a_log() -> None:
    with ffmpeg.pipe(shell("echo odd >&2; printf 0123456789; exit 3")) as process:
        assert [process.read(4), process.read(4), process.read(4), process.read(4)] == [b"0123", b"4567", b"89", b""]
        assert not process.succeeded()
        assert process.log() == b"odd\n"


def test_only_the_ends_of_a_long_log_are_read() -> None:
    with ffmpeg.pipe(shell("printf start >&2; head -c 3000000 /dev/zero >&2; printf end >&2")) as process:
        assert process.succeeded()
        log = process.log()
    assert log.startswith(b"start") and log.endswith(b"end")
    assert len(log) < 300_000


@pytest.mark.parametrize("error", [None, ValueError])
def test_a_process_is_killed_when_its_block_ends(error: type[Exception] | None) -> None:
    try:
        with ffmpeg.pipe(shell("echo; exec sleep 60")) as process:
            assert process.read(1) == b"\n"
            if error:
                raise error
    except ValueError:
        assert error
    assert not processes_left()
    assert not process.succeeded()  # it was killed: `sleep` itself would succeed


# What the log says


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (b"Output file does not contain any stream", "audio track"),
        (b"Stream map '0:a:0' matches no streams.", "audio track"),
        (b"[mov] moov atom not found\nx: Invalid data found when processing input", "truncated"),
        (b"[hls] Format not on whitelist 'wav'\nInvalid data found", "not a media file"),
        (b"Protocol 'http' not on the whitelist 'file,pipe'!\nInvalid argument", "not a media file"),
        (b"Error opening input: Invalid data found when processing input", "not a media file"),
        (b"Error opening input files: End of file", "not a media file"),
        (b"warning\nInput/output error\n\n", "Input/output error"),
        (b"caf\xe9: No space left on device", "No space left on device"),
    ],
)
def test_failures_have_a_reason(log: bytes, reason: str) -> None:
    assert reason in ffmpeg.failure_reason(log)


@pytest.mark.parametrize(
    ("log", "seconds"),
    [
        (b"Input #0\n  Duration: 01:02:03.50, start: 0\n", 3723.5),
        (b"  Duration: N/A, bitrate: 5 kb/s", 0),
        (b"    title : Duration: 09:00:00.00", 0),
        (b"", 0),
    ],
)
def test_the_stated_duration_is_read_from_the_log(log: bytes, seconds: float) -> None:
    assert ffmpeg.logged_duration_s(log) == seconds


def test_a_description_has_duration_and_streams(tmp_path: Path) -> None:
    log = ffmpeg.describe(write_wav(tmp_path / "a.wav", tone(500, 1)))
    assert ffmpeg.logged_duration_s(log) == 1
    assert f"{RATE} Hz".encode() in log

"""The bundled ffmpeg: building its commands, running them, and explaining its failures.

Every ffmpeg process of this project starts here.
"""

import os
import platform
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

import ffmpeg
import imageio_ffmpeg

from project_echo.core.errors import EchoError
from project_echo.media.errors import UnusableMediaError

# Containers that hold sound themselves. Playlists and scripts (hls, dash, concat, ...) are left out on purpose: such a
# file can name other files and addresses, and ffmpeg would open them.
FORMATS = (
    "wav,w64,aiff,caf,au,flac,mp3,ogg,aac,ac3,eac3,amr,ape,wv,tta,dsf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,"
    "mpeg,mpegts,mpegvideo,mxf,nut,rm"
)
TIME_LIMIT_S = 600  # of a command that runs to completion
DESCRIBE_TIME_LIMIT_S = 30
# Dates, random stream numbers and the encoders' names would make every file differ from the last run's.
BITEXACT: dict[str, Any] = {"map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact", "flags:v": "+bitexact"}
# ffmpeg chooses its code by the processor. Resampling, float decoders and filters add up in another order with AVX, and
# round once less with FMA, so that their samples differ in the last bits. Every x86-64 processor has SSE2.
_SAME_ON_EVERY_PROCESSOR = ["-cpuflags", "sse2"] if platform.machine() in {"x86_64", "AMD64"} else []
_SANDBOX = {"protocol_whitelist": "file,pipe", "format_whitelist": FORMATS}
_NO_SOUND = ("Output file does not contain any stream", "does not contain any stream", "matches no streams")
_DURATION = re.compile(rb"^  Duration: (\d+):(\d+):(\d+\.\d+)", re.MULTILINE)
_LOG_BYTES = 2**16  # read from each end of a log: the file's description is at its start, the failure at its end


@cache
def executable() -> str:
    """Path of the ffmpeg to run.

    It is the pinned binary of imageio-ffmpeg, so that results are the same whether or not a machine has its own. The
    environment variable IMAGEIO_FFMPEG_EXE names another.

    Raises
    ------
    EchoError
        If there is no binary for this platform.
    """
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise EchoError("No ffmpeg for this platform. Install one and set IMAGEIO_FFMPEG_EXE to its path.") from None


def media_source(**options: object) -> ffmpeg.nodes.FilterableStream:
    """A media file as ffmpeg's input, with options of the input; `command` inserts the file's name.

    ffmpeg reads this file only: never the network, other files or playlists.
    """
    return ffmpeg.input("", **{**_SANDBOX, **options})


def pcm_source(sample_rate: int, sample_format: str = "s16le") -> ffmpeg.nodes.FilterableStream:
    """Mono samples at `sample_rate` Hz, from standard input, as ffmpeg's input; 16-bit integers by default."""
    return ffmpeg.input("pipe:", format=sample_format, ar=sample_rate, ac=1, threads=1)


def command(output: ffmpeg.nodes.OutputStream, path: Path | None = None) -> list[str]:
    """Build the command of an output; its `media_source` is the file `path`. Existing files are overwritten."""
    words = output.global_args("-nostdin", "-hide_banner", "-y").compile(cmd=[executable(), *_SAME_ON_EVERY_PROCESSOR])
    # ffmpeg-python fails at a name that is not UTF-8, so the name is inserted here.
    return [file_url(path) if path and not word else word for word in words]


def audio_command(path: Path, seek: dict[str, Any], target: str, track: int = 0, **options: object) -> list[str]:
    """Build the command that writes an audio track of a file.

    Parameters
    ----------
    path : Path
        The media file.
    seek : dict
        Options of the input, such as ss and t (s).
    target : str
        A URL (`file_url`), or "pipe:" for standard output.
    track : int
        Index among the audio tracks of the file.
    **options
        Options of the output.

    Returns
    -------
    list of str
    """
    return command(media_source(**seek).output(target, map=f"0:a:{track}", **options), path)


def file_url(path: Path) -> str:
    """A path as ffmpeg takes it, whatever its name: not as an option ("-x") or a protocol ("a:b")."""
    return f"file:{path}"


def run(command: list[str], stdin: bytes | None = None, *, partial: bool = False) -> tuple[bytes, bytes]:
    """Run a command to completion.

    Parameters
    ----------
    command : list of str
    stdin : bytes, optional
        What the command reads from its standard input.
    partial : bool
        Whether to accept what a command wrote before it failed.

    Returns
    -------
    output : bytes
        What it wrote to standard output.
    log : bytes
        What it wrote to standard error.

    Raises
    ------
    UnusableMediaError
        If the command fails, with the reason, or takes longer than TIME_LIMIT_S.
    """
    completed = _complete(command, stdin, TIME_LIMIT_S)
    if completed.returncode and not (partial and completed.stdout):
        raise UnusableMediaError(failure_reason(completed.stderr))
    return completed.stdout, completed.stderr


def describe(path: Path) -> bytes:
    """What ffmpeg says about a file (its duration, metadata and streams, a line each); empty if it hangs.

    It reads the start of the file only, which takes a moment however long the recording is.
    """
    sandbox = [word for name, value in _SANDBOX.items() for word in (f"-{name}", value)]
    try:
        words = [executable(), "-nostdin", "-hide_banner", *sandbox, "-i", file_url(path)]
        return _complete(words, None, DESCRIBE_TIME_LIMIT_S).stderr
    except UnusableMediaError:
        return b""


def _complete(command: list[str], stdin: bytes | None, time_limit_s: float) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(command, input=stdin, capture_output=True, timeout=time_limit_s, check=False)
    except subprocess.TimeoutExpired:
        raise UnusableMediaError(f"ffmpeg took more than {time_limit_s:g} s") from None


class Pipe:
    """A running ffmpeg process whose standard output is read piece by piece."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
        self._process, self._log = process, log

    def read(self, n_bytes: int) -> bytes:
        """The next bytes of the output; fewer than `n_bytes` only at its end."""
        assert self._process.stdout
        return self._process.stdout.read(n_bytes)

    def succeeded(self) -> bool:
        """Wait for the end of the process; whether it succeeded."""
        return self._process.wait() == 0

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def log(self) -> bytes:
        """The start and the end of what the process has written to standard error."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(0)
        start = self._log.read(_LOG_BYTES)
        self._log.seek(max(_LOG_BYTES, size - _LOG_BYTES))
        return start + self._log.read()


@contextmanager
def pipe(command: list[str], time_limit_s: float | None = None) -> Iterator[Pipe]:
    """Start a command and read its output while it runs. When the block ends, the process is killed.

    Raises
    ------
    UnusableMediaError
        If the block takes longer than `time_limit_s`; the process is killed then.
    """
    expired = threading.Event()
    with (
        tempfile.TemporaryFile() as log,  # a pipe would fill up, and ffmpeg wait until it is read
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log) as process,
    ):

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(time_limit_s, expire) if time_limit_s is not None else None
        if timer:
            timer.start()
        try:
            yield Pipe(process, log)
        finally:
            if timer:
                timer.cancel()
            process.kill()
            if expired.is_set():
                raise UnusableMediaError(f"ffmpeg took more than {time_limit_s:g} s") from None


def failure_reason(log: bytes) -> str:
    """Translate the log of a failed command into a reason that users understand."""
    text = log.decode(errors="replace")
    if any(phrase in text for phrase in _NO_SOUND):
        return "no audio track"
    if "moov atom not found" in text:
        return "truncated: the index at its end (moov atom) is missing"
    if "Format not on whitelist" in text or "not on the whitelist" in text:
        return "not a media file (playlists and scripts are refused)"
    if "Invalid data found" in text or "opening input files: End of file" in text:  # text taken for a format of sound
        return "not a media file, or damaged at its start"
    lines = [line.strip() for line in text.splitlines()]
    reasons = [line for line in lines if line and line != "Conversion failed!"] or ["it gives no reason"]
    return f"ffmpeg failed: {reasons[-1]}"


def logged_duration_s(log: bytes) -> float:
    """The duration in ffmpeg's log, as the file states it or estimated from its bit rate, s; 0 if there is none."""
    match = _DURATION.search(log)
    if not match:
        return 0.0
    hours, minutes, seconds = (float(part) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds

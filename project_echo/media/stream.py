"""Recordings of any length in blocks: the samples of media.decode, without the whole recording in memory."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np
import soundfile

from project_echo.media import decode
from project_echo.media.decode import UnusableMediaError

# Sample formats of which libsndfile makes the very float32 numbers that ffmpeg makes; test_streams.py compares them.
PLAIN = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")
STALLED_S = 600  # what gives no block for so long hangs: the bytes of one may have to come over a slow network
_LOG_END = 2**16  # bytes of ffmpeg's log to read: what a file states stands at its start, what went wrong at its end


class Stream:
    """The sound of a media file in blocks of mono float32 samples at `rate` Hz, shape (size,), the last one shorter.

    The samples are those of media.decode, bit for bit. Once the last block is read, `note` says what was odd, or is
    empty: where media.decode refuses a file that is truncated, or at which ffmpeg fails midway, a stream gives what
    there is. `samples_read` and `peak` (the largest magnitude) are those of the blocks so far.

    Iterating raises UnusableMediaError, with the reason, as media.decode does: before the first block, or on the way
    (samples that are not finite), or after the last block (too short, silent). So it does when reading takes longer
    than `time_limit_s`, or a single block than STALLED_S; what the caller does between blocks does not count. Then, and
    when the caller stops early, ffmpeg is ended.
    """

    def __init__(self, path: Path, rate: int, size: int, time_limit_s: float) -> None:
        self.path, self.rate, self.size, self.time_limit_s = path, rate, size, time_limit_s
        self._begin()

    def _begin(self) -> None:
        self.note = ""
        self.samples_read = 0
        self.peak = 0.0
        self._left_s = self.time_limit_s

    def __iter__(self) -> Iterator[np.ndarray]:
        self._begin()
        self.note = decode.missing_end(self.path)
        with closing(self._blocks()) as blocks:
            for block in blocks:
                self.peak = max(self.peak, decode.peak(block))
                self.samples_read += len(block)
                yield block
        seconds = self.samples_read / self.rate
        if self.note and seconds < decode.SHORTEST_S:
            raise UnusableMediaError(self.note)
        decode.check_heard(seconds, self.peak)

    def _blocks(self) -> Generator[np.ndarray, None, None]:
        whole = yield from self._plain()
        if not whole:
            yield from self._converted(self.samples_read // self.size)

    def _plain(self) -> Generator[np.ndarray, None, bool]:
        """Without a process to start, as far as libsndfile understands the file; returns whether to its end."""
        with suppress(OSError, soundfile.SoundFileError), self.path.open("rb") as file:
            if not _may_be_plain(file):
                return False
            with soundfile.SoundFile(file) as sound:
                kind = (sound.format in ("WAV", "FLAC"), sound.subtype in PLAIN, sound.channels, sound.samplerate)
                if kind != (True, True, 1, self.rate):
                    return False
                for start in range(0, sound.frames, self.size):
                    with self._timed():
                        block = _read(sound, min(self.size, sound.frames - start))
                    yield block
                return sound.frames > 0
        return False

    def _converted(self, skip: int) -> Iterator[np.ndarray]:
        """What ffmpeg makes of the file, without the first `skip` blocks."""
        words = decode.command(self.path, self.rate)
        with (
            tempfile.TemporaryFile() as log,  # a pipe would fill up, and ffmpeg wait until it is read
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log) as process,
        ):
            assert process.stdout
            try:
                held = self.size
                while held == self.size:
                    with self._timed(process.kill):
                        data = process.stdout.read(4 * self.size)
                    held = len(data) // 4
                    if skip:
                        skip -= 1
                    elif held:
                        yield np.frombuffer(data, dtype="<f4", count=held)
                with self._timed(process.kill):
                    failed = process.wait() != 0
            finally:
                process.kill()
            said = _ends(log)
        if failed and not self.samples_read:
            raise UnusableMediaError(self.note or decode.failure(said))
        self.note = decode.missing_sound(self.samples_read / self.rate, said) or self.note
        if failed and not self.note:
            self.note = "only its start can be read: " + decode.failure(said)

    @contextmanager
    def _timed(self, give_up: Callable[[], None] | None = None) -> Iterator[None]:
        """Count the time that the block takes; call `give_up` when there is none left."""
        begun, most_s = time.monotonic(), min(self._left_s, STALLED_S)
        alarm = threading.Timer(most_s, give_up) if give_up else None
        if alarm:
            alarm.start()
        try:
            yield
        finally:
            if alarm:
                alarm.cancel()
        took_s = time.monotonic() - begun
        self._left_s -= took_s
        if self._left_s <= 0:
            raise UnusableMediaError(f"took more than {self.time_limit_s:g} s to read")
        if took_s >= most_s:
            raise UnusableMediaError(f"gave nothing for {STALLED_S:g} s")


def _may_be_plain(file: IO[bytes]) -> bool:
    """Whether a file is FLAC, or a WAV whose size is what it states; in others ffmpeg and libsndfile may differ."""
    head = file.read(12)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    wav = head[:4] == b"RIFF" and head[8:] == b"WAVE"
    return head[:4] == b"fLaC" or (wav and int.from_bytes(head[4:8], "little") + 8 == size)


def _read(sound: soundfile.SoundFile, count: int) -> np.ndarray:
    """The next `count` samples as float32; raises SoundFileError if there are fewer."""
    if sound.subtype == "PCM_16":  # three times as fast as libsndfile's own conversion, and the same
        block = sound.read(count, dtype="int16") * np.float32(2.0**-15)
    else:
        block = sound.read(count, dtype="float32")
    if len(block) < count:
        raise soundfile.SoundFileError("damaged or cut short")
    return block


def _ends(log: IO[bytes]) -> bytes:
    """The start and the end of a log of any length."""
    size = log.seek(0, os.SEEK_END)
    log.seek(0)
    start = log.read(_LOG_END)
    log.seek(max(_LOG_END, size - _LOG_END))
    return start + log.read()

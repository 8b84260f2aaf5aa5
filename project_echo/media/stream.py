"""Stream a recording of any length in blocks: the samples of media.decode, without all of it in memory."""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np
import soundfile

from project_echo.media import decode, ffmpeg, riff
from project_echo.media.errors import UnusableMediaError

# Sample formats for which libsndfile gives exactly ffmpeg's float32 samples, as test_stream.py verifies.
PLAIN_SUBTYPES = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")
STALL_LIMIT_S = 600  # of one block, whose bytes may come over a slow network


class Stream:
    """Blocks of a media file's sound, as an iterable of mono float32 arrays.

    The samples are those of media.decode, bit for bit. media.decode refuses a file that is truncated, or at which
    ffmpeg fails midway; a stream gives the samples that there are, and a note. It can be iterated again.

    Parameters
    ----------
    path : Path
        Any audio or video file.
    sample_rate : int
        Of the samples, Hz.
    block_samples : int
        Samples per block, shape (block_samples,); the last block may be shorter.
    time_limit_s : float
        Longest time for reading all blocks, s. What the caller does between blocks does not count.

    Attributes
    ----------
    samples_read : int
        Samples of the blocks so far.
    peak : float
        Their largest magnitude.
    note : str
        After the last block: what is wrong with the file although it can be used, or empty.

    Raises
    ------
    UnusableMediaError
        While iterating, with the reason, for the files that media.decode refuses (truncated ones excepted): before the
        first block, at a block (samples that are not finite) or after the last one (too short, silent). Also if
        reading takes longer than `time_limit_s`, or a block longer than STALL_LIMIT_S. ffmpeg is killed then, and when
        the caller stops early.
    """

    def __init__(self, path: Path, sample_rate: int, block_samples: int, time_limit_s: float) -> None:
        self.path, self.sample_rate, self.block_samples = path, sample_rate, block_samples
        self.time_limit_s = time_limit_s
        self._reset()

    def _reset(self) -> None:
        self.note = ""
        self.samples_read = 0
        self.peak = 0.0
        self._remaining_s = self.time_limit_s

    def __iter__(self) -> Iterator[np.ndarray]:
        self._reset()
        self.note = decode.file_truncation(self.path)
        with closing(self._blocks()) as blocks:
            for block in blocks:
                self.peak = max(self.peak, decode.measure_peak(block))
                self.samples_read += len(block)
                yield block
        duration_s = self.samples_read / self.sample_rate
        if self.note and duration_s < decode.MIN_DURATION_S:
            raise UnusableMediaError(self.note)
        decode.check_audible(duration_s, self.peak)

    def _blocks(self) -> Generator[np.ndarray, None, None]:
        complete = yield from self._plain_blocks()
        if not complete:
            yield from self._decoded_blocks(self.samples_read // self.block_samples)

    def _plain_blocks(self) -> Generator[np.ndarray, None, bool]:
        """Blocks without starting a process, as far as libsndfile can read the file; returns whether to its end."""
        with suppress(OSError, soundfile.SoundFileError), self.path.open("rb") as file:
            if not _may_be_plain(file):
                return False
            with soundfile.SoundFile(file) as sound:
                plain = sound.format in {"WAV", "FLAC"} and sound.subtype in PLAIN_SUBTYPES
                if not plain or (sound.channels, sound.samplerate) != (1, self.sample_rate):
                    return False
                for start in range(0, sound.frames, self.block_samples):
                    with self._timed():
                        block = _read(sound, min(self.block_samples, sound.frames - start))
                    yield block
                return sound.frames > 0
        return False

    def _decoded_blocks(self, skip: int) -> Iterator[np.ndarray]:
        """Blocks decoded by ffmpeg, without the first `skip`."""
        with ffmpeg.pipe(decode.pcm_command(self.path, self.sample_rate)) as process:
            n_samples = self.block_samples
            while n_samples == self.block_samples:
                with self._timed(process.kill):
                    data = process.read(4 * self.block_samples)
                n_samples = len(data) // 4
                if skip:
                    skip -= 1
                elif n_samples:
                    yield np.frombuffer(data, dtype="<f4", count=n_samples)
            with self._timed(process.kill):
                succeeded = process.succeeded()
            log = process.log()
        if not succeeded and not self.samples_read:
            raise UnusableMediaError(self.note or ffmpeg.failure_reason(log))
        self.note = decode.sound_truncation(self.samples_read / self.sample_rate, log) or self.note
        if not succeeded and not self.note:
            self.note = f"only its beginning can be read: {ffmpeg.failure_reason(log)}"

    @contextmanager
    def _timed(self, kill: Callable[[], None] | None = None) -> Iterator[None]:
        """Count the time that reading takes in this block, and call `kill` when there is none left."""
        started, limit_s = time.monotonic(), min(self._remaining_s, STALL_LIMIT_S)
        timer = threading.Timer(limit_s, kill) if kill else None
        if timer:
            timer.start()
        try:
            yield
        finally:
            if timer:
                timer.cancel()
        elapsed_s = time.monotonic() - started
        self._remaining_s -= elapsed_s
        if self._remaining_s <= 0:
            raise UnusableMediaError(f"reading took more than {self.time_limit_s:g} s")
        if elapsed_s >= limit_s:
            raise UnusableMediaError(f"read stalled for {STALL_LIMIT_S:g} s")


def _may_be_plain(file: IO[bytes]) -> bool:
    """Whether a file is FLAC or a complete WAV; reading others, ffmpeg and libsndfile may differ."""
    head = file.read(riff.HEAD_BYTES)
    file_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    return head.startswith(b"fLaC") or riff.is_complete_wav(head, file_bytes)


def _read(sound: soundfile.SoundFile, n_samples: int) -> np.ndarray:
    """The next samples as float32, shape (n_samples,); raises SoundFileError if there are fewer."""
    if sound.subtype == "PCM_16":  # three times as fast as libsndfile's own conversion, and the same
        block = sound.read(n_samples, dtype="int16") * np.float32(2.0**-15)
    else:
        block = sound.read(n_samples, dtype="float32")
    if len(block) < n_samples:
        raise soundfile.SoundFileError("damaged or truncated")
    return block

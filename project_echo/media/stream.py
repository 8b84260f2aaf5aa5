"""Stream a recording of any length in blocks, without all of it in memory."""

import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import soundfile

from project_echo.media import completeness, ffmpeg, levels, plain, probe, riff
from project_echo.media.errors import UnusableMediaError
from project_echo.media.resample import resample_blocks
from project_echo.media.track import Track

STALL_LIMIT_S = 600  # of one block, whose bytes may come over a slow network
MAX_BLOCK_SAMPLES = 1 << 21  # of all channels, read at a time
MAX_PIECE_SAMPLES = 1 << 17  # if they are resampled; the rate of a file may be a hundred times that of its blocks


class Stream:
    """Blocks of a media file's sound, as an iterable of mono float32 arrays.

    It gives all samples that can be decoded of a file that is truncated, or at which ffmpeg fails midway, with a note.
    Samples that are not finite, or larger than any sound, become 0. Sound of another rate is resampled after its
    channels are mixed. It can be iterated again.

    Parameters
    ----------
    path : Path
        Any audio or video file.
    track : Track
        Which sound of it is used, and how.
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
        Their largest magnitude; full scale is 1, and float files may exceed it.
    note : str
        After the last block: what is wrong or unusual about the file although it can be used, or empty.

    Raises
    ------
    UnusableMediaError
        While iterating, with the reason: before the first block if the file is missing, unreadable, empty, not a media
        file, damaged at its start or without such a track; after the last one if there is hardly any sound, it is
        silent, or much of it is no sound. Also if reading takes longer than `time_limit_s`, or a block longer than
        STALL_LIMIT_S. ffmpeg is killed then, and when the caller stops early. Streams (MPEG-TS, ADTS, AMR, ...) state
        neither length nor end, and ffmpeg does not notice that a CAF or W64 file ends early: they have no note.
    """

    def __init__(self, path: Path, track: Track, sample_rate: int, block_samples: int, time_limit_s: float) -> None:
        self.path, self.track = path, track
        self.sample_rate, self.block_samples, self.time_limit_s = sample_rate, block_samples, time_limit_s
        self._reset()

    def _reset(self) -> None:
        self.note = ""
        self.samples_read = 0
        self.peak = 0.0
        self._source_samples = 0  # read so far, at the rate of the file
        self._remaining_s = self.time_limit_s
        self._process: ffmpeg.Pipe | None = None
        self._expired = False
        self._min_peak = levels.MIN_PEAK
        self._unusable, self._first_unusable_s = 0, 0.0

    def __iter__(self) -> Iterator[np.ndarray]:
        self._reset()
        incomplete = completeness.file_truncation(self.path)
        self.note = incomplete or completeness.understatement(self.path)
        with closing(self._pieces()) as source:
            pieces: Iterable[np.ndarray] = map(self._checked, source)
            if self.track.sample_rate != self.sample_rate:
                pieces = resample_blocks(pieces, self.track.sample_rate, self.sample_rate)
            blocks = _reblocked(pieces, self.block_samples)
            while (block := self._next(blocks)) is not None:
                self.peak = max(self.peak, levels.magnitude(block))
                self.samples_read += len(block)
                yield block
        duration_s = self.samples_read / self.sample_rate
        if incomplete and duration_s < levels.MIN_DURATION_S:
            raise UnusableMediaError(incomplete)
        if self._unusable > levels.MAX_UNUSABLE_SHARE * self._source_samples:
            raise UnusableMediaError(
                f"{self._unusable / self._source_samples:.0%} of its samples are not finite, or larger than "
                f"{levels.MAX_MAGNITUDE:.0e}, more than any sound"
            )
        levels.check_audible(duration_s, self.peak, self._min_peak)
        unusable = f"contains samples that are not finite, first at {self._first_unusable_s:.1f} s; they are set to 0"
        self.note = "; ".join(filter(None, [self.note, self.track.note, unusable if self._unusable else ""]))

    def _checked(self, piece: np.ndarray) -> np.ndarray:
        """Scale samples of the file, replace those that are no sound, and count."""
        if self.track.gain != 1:
            piece = piece * np.float32(self.track.gain)
        piece, _, unusable = levels.replace_unusable(piece)
        if len(unusable) and not self._unusable:
            self._first_unusable_s = (self._source_samples + unusable[0]) / self.track.sample_rate
        self._unusable += len(unusable)
        self._source_samples += len(piece)
        return piece

    def _pieces(self) -> Generator[np.ndarray, None, None]:
        """Mono samples of the file at its own rate."""
        with suppress(OSError):
            sound = riff.find_sound(self.path)
            if sound is not None and not sound.held:
                return  # ffmpeg would take what follows for sound
        if self.track.sample_rate == self.sample_rate:  # whole blocks of one channel, which need not be put together
            n_samples = min(self.block_samples, MAX_BLOCK_SAMPLES // self.track.channels)
        else:  # no more than make a block: one sample of a low rate becomes many
            n_samples = min(self.block_samples * self.track.sample_rate // self.sample_rate, MAX_PIECE_SAMPLES)
        n_samples = max(1, n_samples)
        complete = yield from self._plain_pieces(n_samples)
        if not complete:
            yield from self._decoded_pieces(n_samples, self._source_samples // n_samples)

    def _plain_pieces(self, size: int) -> Generator[np.ndarray, None, bool]:
        """Pieces without starting a process, as far as libsndfile can read the file; returns whether to its end."""
        with suppress(OSError, soundfile.SoundFileError), plain.open_plain(self.path) as sound:
            if sound is None or (sound.channels, sound.samplerate) != (self.track.channels, self.track.sample_rate):
                return False
            for start in range(0, sound.frames, size):
                yield self.track.mono(plain.read(sound, min(size, sound.frames - start)))
            return True
        return False

    def _decoded_pieces(self, size: int, skip: int) -> Iterator[np.ndarray]:
        """Pieces decoded by ffmpeg, without the first `skip`."""
        with ffmpeg.pipe(self._command()) as process:
            self._process = process
            if self._expired:
                process.kill()
            n_samples = size
            while n_samples == size:
                data = process.read(4 * size)
                n_samples = len(data) // 4
                if skip:
                    skip -= 1
                elif n_samples:
                    yield np.frombuffer(data, dtype="<f4", count=n_samples)
            succeeded = process.succeeded()
            log = process.log()
        if not succeeded and not self._source_samples:
            raise UnusableMediaError(self.note or ffmpeg.failure_reason(log))
        tracks = probe.audio_tracks(log)
        self._min_peak = tracks[self.track.index].min_peak if self.track.index < len(tracks) else levels.MIN_PEAK_LOSSY
        # What the header of an understated file says is no news.
        duration_s = self._source_samples / self.track.sample_rate
        self.note = self.note or completeness.sound_truncation(duration_s, log)
        if not succeeded and not self.note:
            self.note = f"only its beginning can be read: {ffmpeg.failure_reason(log)}"

    def _command(self) -> list[str]:
        """Ffmpeg's command that writes the sound to standard output.

        It is at the rate of the track, so that ffmpeg resamples only where a file changes its rate midway.
        """
        rate = self.track.sample_rate
        options = {"format": "f32le", "acodec": "pcm_f32le", "ac": 1, "ar": rate, "af": self.track.mix}
        seek = completeness.input_options(self.path)
        return ffmpeg.audio_command(self.path, seek, "pipe:", self.track.index, **options)

    def _next(self, blocks: Iterator[np.ndarray]) -> np.ndarray | None:
        """The next block, or None after the last; ffmpeg is killed when there is no time left."""
        started, limit_s = time.monotonic(), min(self._remaining_s, STALL_LIMIT_S)
        timer = threading.Timer(limit_s, self._expire)
        timer.start()
        try:
            return next(blocks, None)
        finally:
            timer.cancel()
            elapsed_s = time.monotonic() - started
            self._remaining_s -= elapsed_s
            if self._expired or elapsed_s >= limit_s:  # the timer may fire before a coarse clock has reached the limit
                stalled = limit_s == STALL_LIMIT_S
                raise UnusableMediaError(
                    f"read stalled for {limit_s:g} s" if stalled else f"reading took more than {self.time_limit_s:g} s"
                ) from None

    def _expire(self) -> None:
        """Kill ffmpeg, or have it killed as soon as it has started."""
        self._expired = True
        if self._process:
            self._process.kill()


def _reblocked(pieces: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Samples in blocks of `size`; only the last one may be shorter, and none is empty."""
    waiting: list[np.ndarray] = []
    n_waiting = 0
    for piece in pieces:
        waiting.append(piece)
        n_waiting += len(piece)
        if n_waiting < size:
            continue
        samples = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
        n_whole = n_waiting // size * size
        for start in range(0, n_whole, size):
            yield samples[start : start + size]
        n_waiting -= n_whole
        waiting = [samples[n_whole:]] if n_waiting else []
    if n_waiting:
        yield np.concatenate(waiting)

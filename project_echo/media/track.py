"""Which sound of a recording is used, and how: decided once, in a first pass over the beginning of its sound.

Training, screening, review and report all use the same decision.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from project_echo.media import completeness, ffmpeg, levels, plain, probe
from project_echo.media.errors import UnusableMediaError

FIRST_PASS_S = 20  # tells channels and scale; it takes a third of the time that decoding a minute takes
SEARCH_S = 60  # of each of several tracks, which differ in what they hold
MAX_SILENCE_S = 600  # digital silence at the start, such as of a recorder that waits for its microphones; passed over
MAX_TRACKS = 8  # of a file with more audio tracks, the others are never looked at
BLOCK_SAMPLES = 1 << 17  # of all channels together, in memory at once
# Power of the mean of all channels, relative to what uncorrelated channels of the same powers have. It is 1 for those
# and for one channel with sound, N for N identical ones, and 0 if they cancel; half of the power is lost at 0.5.
MIN_MEAN_POWER = 0.25
# Power of a track relative to the loudest one: 40 dB. An unplugged microphone leaves the noise of its preamplifier, at
# -80 dBFS or below; microphones of one scene differ less, whatever their gains.
MIN_TRACK_POWER = 1e-4
ABOUT_AS_LOUD = 0.9  # of the power of the loudest channel: the first one of these is used
ROUNDING = 1e-5  # relative error of powers added up in float32
# Full scale of integers that were stored as floats without scaling them: 16, 24 and 32 bits.
INTEGER_SCALES = (2.0**15, 2.0**23, 2.0**31)
# Floats that are not whole numbers are taken for scaled integers from 24 dB above full scale on. Recorders with 32-bit
# floats write some dB more than full scale at most; should one write more, it becomes quieter and loses nothing.
MAX_FLOAT_PEAK = 16.0
# A recording filtered after it was scaled may exceed the range of its integers a little.
HEADROOM = 2.0
_AU_HEADER = struct.Struct(">4sIIIII")  # mark, offset of the samples, their bytes, encoding, sample rate, channels
MAX_OUTLIER_SHARE = 1e-3  # of samples that may be larger: a few wrong numbers say nothing about the scale


@dataclass(frozen=True)
class Track:
    """Which sound of a file is used, and how.

    Attributes
    ----------
    index : int
        Among the audio tracks of the file, from 0.
    channel : int or None
        Among the channels of the track, from 0; None is the mean of all.
    gain : float
        By which samples are multiplied: 1, or a power of two for floats of the scale of integers.
    sample_rate : int
        Of the track itself, Hz.
    channels : int
        How many the track has.
    """

    index: int
    channel: int | None
    gain: float
    sample_rate: int
    channels: int

    @property
    def note(self) -> str:
        """What is unusual about it, for people; empty if nothing is."""
        parts = []
        if self.index:
            parts.append(
                f"audio track {self.index + 1} is used: those before it are silent, or 40 dB quieter than another"
            )
        if self.channel is not None:
            parts.append(f"channel {self.channel + 1} is used: the channels cancel each other")
        if self.gain != 1:
            parts.append(f"its samples are of the scale of integers: divided by {1 / self.gain:.0f}")
        return "; ".join(parts)

    @property
    def mix(self) -> str:
        """Ffmpeg's filters that reduce the channels to one, on floats.

        ffmpeg's own mix of a stereo file to floats (-ac 1) is not normalized: it is 3 dB too hot. MP3 and ADTS may
        change between mono and stereo midway: "<" makes it the mean of the channels that there are.
        """
        if self.channel is not None:
            return f"aformat=sample_fmts=fltp,pan=mono|c0=c{self.channel}"
        terms = "+".join(f"c{channel}" for channel in range(max(2, self.channels)))
        return f"aformat=sample_fmts=fltp,pan=mono|c0<{terms}"

    def mono(self, block: np.ndarray) -> np.ndarray:
        """The used channel, or the mean, of samples of shape (n, channels); shape (n,), float32."""
        if self.channels == 1:
            return block[:, 0]
        if self.channel is not None:
            return np.ascontiguousarray(block[:, self.channel])
        return np.add.reduce(block, axis=1, dtype=np.float32) * np.float32(1 / self.channels)


def to_row(track: Track) -> dict[str, Any]:
    """The columns of a track in a table."""
    return {
        "track": track.index,
        "channel": "mean" if track.channel is None else str(track.channel),
        "gain": repr(track.gain),  # a table would round it
        "sample_rate": track.sample_rate,
        "channels": track.channels,
    }


def from_row(row: Mapping[str, Any]) -> Track:
    """A track from the columns of a table, as read back."""
    channel = None if row["channel"] == "mean" else int(row["channel"])
    return Track(int(row["track"]), channel, float(row["gain"]), int(row["sample_rate"]), int(row["channels"]))


def from_metadata(metadata: Mapping[str, Any]) -> Track | None:
    """The track in a recording's metadata of a screening; None if an earlier version, without one, wrote them."""
    try:
        return Track(**metadata["track"])
    except (KeyError, TypeError):
        return None


def choose_track(path: Path) -> Track:
    """Choose the sound of a recording.

    The track is the first one that is not much quieter than the loudest (MIN_TRACK_POWER) in its first SEARCH_S, or the
    first one if all are silent. Of more than MAX_TRACKS, the first ones count. Its channels are averaged, unless
    they cancel each other (MIN_MEAN_POWER); then the loudest is used. Floats of the scale of integers are scaled.
    Digital silence at the start, up to MAX_SILENCE_S of it, is passed over.

    What comes after the first pass is not looked at: channels that cancel, or floats of another scale, only later in a
    recording are used as its beginning was decided.

    Where there is nothing to choose, one channel of integers in a WAV or FLAC file, no sample is read, and ffmpeg is
    not started.

    Parameters
    ----------
    path : Path
        Any audio or video file; its name does not matter.

    Returns
    -------
    Track

    Raises
    ------
    UnusableMediaError
        If the file is missing, unreadable, empty, not a media file, damaged at its start or without an audio track.
    """
    incomplete = completeness.file_truncation(path)  # also refuses what is not a file at all
    with suppress(OSError, soundfile.SoundFileError), plain.open_plain(path) as sound:
        if sound is not None:
            return _track_of_plain(sound)
    header = completeness.understated_sound(path)
    if header is not None and header.codec:
        tracks = [probe.AudioTrack(f"pcm_{header.codec}", header.sample_rate, "mono" if header.channels == 1 else "")]
        log = b""
    else:
        log = probe.log(path)
        tracks = probe.audio_tracks(log)
    if not tracks:
        raise UnusableMediaError(incomplete or ("no audio track" if b"Input #0" in log else ffmpeg.failure_reason(log)))
    if len(tracks) == 1 and tracks[0].layout == "mono" and tracks[0].sample_rate and not tracks[0].may_be_float:
        return Track(0, None, 1.0, tracks[0].sample_rate, 1)
    return _first_audible(path, tracks[:MAX_TRACKS])


def _track_of_plain(sound: soundfile.SoundFile) -> Track:
    if sound.channels == 1 and sound.subtype != "FLOAT":
        return Track(0, None, 1.0, sound.samplerate, 1)
    block_frames = _block_frames(sound.channels)
    n_frames = FIRST_PASS_S * sound.samplerate
    longest = MAX_SILENCE_S * sound.samplerate + n_frames
    blocks = sound.blocks(block_frames, frames=longest, dtype="float32", always_2d=True)
    return _survey(blocks, sound.channels, n_frames, levels.MIN_PEAK).track(0, sound.samplerate)


def _first_audible(path: Path, tracks: list[probe.AudioTrack]) -> Track:
    candidates, error = [], UnusableMediaError("no audio track")
    for index, track in enumerate(tracks):
        try:
            seconds = SEARCH_S if len(tracks) > 1 else FIRST_PASS_S
            survey, sample_rate = _decode_beginning(path, index, seconds, track.min_peak)
        except UnusableMediaError as reason:  # such as a codec that ffmpeg does not know
            error = error if index else reason
            continue
        candidate = survey.track(index, sample_rate)
        is_silent = survey.peak * candidate.gain < track.min_peak
        candidates.append((candidate, 0.0 if is_silent else survey.power * candidate.gain**2))
    if not candidates:
        raise error
    loudest = max(power for _, power in candidates)
    return next(candidate for candidate, power in candidates if power >= MIN_TRACK_POWER * loudest)


def _decode_beginning(path: Path, index: int, seconds: float, min_peak: float) -> tuple["Survey", int]:
    """Survey the beginning of a track with all its channels; also its sample rate, Hz."""
    options = completeness.input_options(path)
    longest_s = MAX_SILENCE_S + seconds
    options["t"] = min(longest_s, options.get("t", longest_s))
    # The header of AU (Sun audio) is the simplest one that states sample rate and channels.
    command = ffmpeg.audio_command(path, options, "pipe:", index, format="au", acodec="pcm_f32be", fflags="+bitexact")
    with ffmpeg.pipe(command, ffmpeg.TIME_LIMIT_S) as process:
        header = process.read(_AU_HEADER.size)
        if len(header) < _AU_HEADER.size:
            process.succeeded()
            raise UnusableMediaError(ffmpeg.failure_reason(process.log()))
        _, start, _, _, sample_rate, channels = _AU_HEADER.unpack(header)
        process.read(start - _AU_HEADER.size)
        blocks = _float_blocks(process, channels)
        return _survey(blocks, channels, round(seconds * sample_rate), min_peak), sample_rate


def _float_blocks(process: ffmpeg.Pipe, channels: int) -> Iterator[np.ndarray]:
    """Blocks of shape (n, channels), float32, of big-endian floats; without an incomplete last frame."""
    frame_bytes = 4 * channels
    while len(data := process.read(_block_frames(channels) * frame_bytes)) >= frame_bytes:
        samples = np.frombuffer(data, ">f4", count=len(data) // frame_bytes * channels)
        yield samples.astype(np.float32).reshape(-1, channels)


def _block_frames(channels: int) -> int:
    return max(1, BLOCK_SAMPLES // channels)


def _survey(blocks: Iterable[np.ndarray], channels: int, n_frames: int, min_peak: float) -> "Survey":
    """Survey `n_frames` from the first sample on that is not silent."""
    survey = Survey(channels)
    for block in blocks:
        start = 0
        if not survey.frames:
            heard = (np.abs(block) >= min_peak).any(axis=1)
            start = int(np.argmax(heard)) if heard.any() else len(block)
        survey.add(block[start : start + n_frames - survey.frames])
        if survey.frames >= n_frames:
            break
    return survey


class Survey:
    """What the beginning of a track tells about its channels and its scale.

    Attributes
    ----------
    peak : float
        Largest magnitude of any channel.
    frames : int
        How many were added.
    """

    def __init__(self, channels: int) -> None:
        self.peak = 0.0
        self.frames, self._usable_frames = 0, 0
        self._sum = np.zeros(channels)
        self._products = np.zeros((channels, channels))  # sums of the products of each two channels
        self._is_whole = True
        self._larger = dict.fromkeys((MAX_FLOAT_PEAK, *(HEADROOM * scale for scale in INTEGER_SCALES)), 0)

    def add(self, block: np.ndarray) -> None:
        """Add samples of shape (n, channels), float32; those that are not finite count as zeros."""
        self.frames += len(block)
        usable = len(block)
        peak = float(max(block.max(initial=0), -block.min(initial=0)))
        if not peak <= levels.MAX_MAGNITUDE:
            bad = ~(np.abs(block) <= levels.MAX_MAGNITUDE)
            usable -= int(bad.any(axis=1).sum())
            block = np.where(bad, np.float32(0), block)
            peak = float(np.abs(block).max(initial=0))
        self._usable_frames += usable
        self.peak = max(self.peak, peak)
        if peak > 1:
            for limit in self._larger:
                self._larger[limit] += int(np.count_nonzero(np.abs(block) > limit)) if peak > limit else 0
        self._is_whole = self._is_whole and bool((block == np.round(block)).all())
        self._sum += np.ones(len(block), np.float32) @ block
        self._products += block.T @ block

    def track(self, index: int, sample_rate: int) -> Track:
        """The decision, for the track with this index and sample rate (Hz)."""
        return Track(index, self._channel(), self._gain(), sample_rate, len(self._sum))

    @property
    def power(self) -> float:
        """Mean power of the loudest channel, without its constant offset; full scale is 1."""
        return max(0.0, float(np.diag(self._covariance).max())) / max(1, self.frames)

    @property
    def _covariance(self) -> np.ndarray:
        """Sums over frames, without the mean of each channel: a constant offset is no sound."""
        return self._products - np.outer(self._sum, self._sum) / max(1, self.frames)

    def _channel(self) -> int | None:
        """The channel to use; None for the mean of all."""
        if len(self._sum) == 1:
            return None
        covariance = self._covariance
        powers = np.diag(covariance)
        if powers.sum() <= ROUNDING * np.trace(self._products):  # silence, or constant
            return None
        # The mean of all has the power covariance.sum() / N^2, that of uncorrelated channels powers.sum() / N^2.
        cancels = covariance.sum() < MIN_MEAN_POWER * powers.sum()
        # Where one channel has no number, neither has the mean.
        broken = self._usable_frames < (1 - levels.MAX_UNUSABLE_SHARE) * self.frames
        return int(np.argmax(powers >= ABOUT_AS_LOUD * powers.max())) if cancels or broken else None

    def _gain(self) -> float:
        """1, or what brings integers into -1 to 1."""
        if self.peak <= 1:
            return 1.0
        allowed = MAX_OUTLIER_SHARE * self.frames * len(self._sum)
        if not self._is_whole and self._larger[MAX_FLOAT_PEAK] <= allowed:
            return 1.0
        return next((1 / scale for scale in INTEGER_SCALES if self._larger[HEADROOM * scale] <= allowed), 1.0)

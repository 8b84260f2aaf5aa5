"""What a file states about itself, without reading all of it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from project_echo.media import completeness, ffmpeg, levels

_AUDIO = re.compile(rb"^  Stream #0:.*?: Audio: (\w+)(.*)$", re.MULTILINE)
_RATE = re.compile(rb", (\d+) Hz, ([^,]+)")
_FLOAT = ("pcm_f", "wavpack", "tta")  # codecs whose samples may be floats of any scale
_LOSSLESS = ("pcm_", "flac", "alac", "ape", "tta", "wavpack", "truehd", "mlp", "dsd", "shorten", "wmalossless")
_LOSSY_PCM = ("pcm_alaw", "pcm_mulaw", "pcm_vidc")


@dataclass(frozen=True)
class AudioTrack:
    """An audio track, as ffmpeg describes it."""

    codec: str
    sample_rate: int  # Hz; 0 if it is not known
    layout: str  # of the channels: mono, stereo, 5.1, ...

    @property
    def min_peak(self) -> float:
        """The largest magnitude of a sample below which it is silent."""
        lossless = self.codec.startswith(_LOSSLESS) and not self.codec.startswith(_LOSSY_PCM)
        return levels.MIN_PEAK if lossless else levels.MIN_PEAK_LOSSY

    @property
    def may_be_float(self) -> bool:
        """Whether its samples may have another scale than -1 to 1."""
        return self.codec.startswith(_FLOAT)


def description(path: Path) -> str:
    """Ffmpeg's description of a file (duration, metadata and streams, a line each); empty if there is none."""
    return log(path).decode(errors="replace")


def stated_duration_s(path: Path) -> float:
    """The duration of a file, as it states it or estimated from its size, s; 0 if there is none."""
    sound = completeness.understated_sound(path)
    return sound.held / sound.bytes_per_s if sound else ffmpeg.logged_duration_s(log(path))


def audio_tracks(log: bytes) -> list[AudioTrack]:
    """The audio tracks of a file, from ffmpeg's log of describing or decoding it."""
    description, _, _ = log.partition(b"\nOutput #0")
    tracks = []
    for codec, details in _AUDIO.findall(description):
        rate = _RATE.search(details)
        tracks.append(AudioTrack(codec.decode(), int(rate[1]) if rate else 0, rate[2].decode() if rate else ""))
    return tracks


def log(path: Path) -> bytes:
    """Ffmpeg's log of describing a file, as it is written."""
    try:
        status = path.stat()
    except OSError:
        return b""
    return _describe(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)  # a screening needs tracks, duration and time of recording of one file after the other
def _describe(path: Path, size: int, modified_ns: int) -> bytes:
    """Describe a file, once for its size and time of modification."""
    return ffmpeg.describe(path)

"""Parts of recordings as sound and as picture."""

import tempfile
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import soundfile

from project_echo.core.errors import EchoError
from project_echo.core.names import printable
from project_echo.features.config import Features
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.media import excerpt
from project_echo.media.errors import UnusableMediaError
from project_echo.media.resample import resample
from project_echo.media.track import Track, choose_track
from project_echo.studies.settings import read_params
from project_echo.studies.template import template
from project_echo.web import spectrogram

MAX_RATE = 48_000  # Hz, of what is played: not all browsers play the rates of bat detectors, and nobody hears them


@dataclass(frozen=True)
class Part:
    """A part of a file as it was at a time."""

    path: Path
    size: int  # bytes
    modified_ns: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Excerpt:
    """The sound of a part: a WAV file, mono, 16 bits."""

    wav: bytes
    duration_s: float  # less than was asked for if the recording ends before


def cut_excerpt(part: Part) -> Excerpt:
    """Cut a part of a recording, as it is screened, with a level to listen to.

    Parameters
    ----------
    part : Part

    Returns
    -------
    Excerpt

    Raises
    ------
    EchoError
        If the file cannot be read, or contains no sound there.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="project-echo-") as folder:
            wav = Path(folder) / "cut.wav"
            # `cut` adds a context of its own.
            first_s = part.start_s + excerpt.CONTEXT_S if part.start_s > 0 else 0.0
            track = _track(part.path, part.size, part.modified_ns)
            excerpt.cut(part.path, track, first_s, part.end_s - excerpt.CONTEXT_S, wav)
            samples, rate = soundfile.read(wav, dtype="int16")
            if rate > MAX_RATE:
                floats = resample(samples.astype(np.float32), rate, MAX_RATE)
                samples, rate = np.clip(np.rint(floats), -(2**15), 2**15 - 1).astype(np.int16), MAX_RATE
                soundfile.write(wav, samples, rate, subtype="PCM_16")
            return Excerpt(wav.read_bytes(), len(samples) / rate)
    except (UnusableMediaError, soundfile.SoundFileError) as error:
        raise EchoError(f"{printable(part.path.name)} cannot be played: {error}.") from None


@lru_cache(maxsize=64)  # it may listen to the first minute
def _track(path: Path, size: int, modified_ns: int) -> Track:
    return choose_track(path)


def draw_spectrogram(sound: Excerpt) -> bytes:
    """The spectrogram of an excerpt, as a PNG without axes."""
    mel = _mel_spectrogram()
    with tempfile.TemporaryDirectory(prefix="project-echo-") as folder:
        wav, picture = Path(folder) / "cut.wav", Path(folder) / "picture.png"
        wav.write_bytes(sound.wav)
        samples, rate = soundfile.read(wav, dtype="float32")
        image = spectrogram.decibels(resample(samples, rate, mel.features.sample_rate), mel)
        spectrogram.save(image, picture)
        return picture.read_bytes()


@cache
def features() -> Features:
    """Those with which classifiers are trained by default; spectrograms show them."""
    return Features(**read_params(template())["features"])


def prepare() -> None:
    """Get ready to draw, which takes seconds the first time, while a person is still reading."""
    threading.Thread(target=_mel_spectrogram, daemon=True).start()


@cache
def _mel_spectrogram() -> MelSpectrogram:
    from project_echo.features.librosa_filters import compute_mel_filters  # noqa: PLC0415  (librosa takes seconds)

    return MelSpectrogram(features(), compute_mel_filters(features()))

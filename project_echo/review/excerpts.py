"""An event as people judge it: its sound, cut from the recording, and a spectrogram of the same seconds."""

import tempfile
from pathlib import Path

import soundfile

from project_echo.core import files
from project_echo.features.config import Features
from project_echo.media import decode
from project_echo.media.decode import UnusableMediaError
from project_echo.review import events
from project_echo.screening import clips
from project_echo.screening.journal import Journal
from project_echo.web import spectrogram

LONGEST_S = 30.0  # of sound that is cut; longer events are heard from their start


def cut(
    event: int, recording: str, start_s: float, end_s: float, noted: Journal, features: Features, stem: Path
) -> tuple[int, float, str]:
    """Write an event's sound (`stem`.flac, at the recording's own rate, in 16 bits) and its spectrogram (.png).

    The number of the event, the seconds that were cut, and the reason if there is nothing to hear.
    """
    sound = stem.with_name(stem.name + ".flac")
    try:
        path = events.located(recording, noted)
        last_s = max(0.0, start_s - clips.CONTEXT_S) + LONGEST_S - clips.CONTEXT_S
        duration_s = _flac(path, start_s, min(end_s, last_s), sound)
        samples = decode.decode(sound, features.sample_rate)
    except (UnusableMediaError, soundfile.SoundFileError) as error:
        sound.unlink(missing_ok=True)
        return event, 0.0, str(error)
    spectrogram.save(spectrogram.decibels(samples, features), stem.with_name(stem.name + ".png"))
    return event, duration_s, ""


def _flac(path: Path, start_s: float, end_s: float, target: Path) -> float:
    """Cut a stretch with its context, and how long it became, s."""
    with tempfile.TemporaryDirectory() as folder, files.atomic_path(target) as beside:
        wav = Path(folder) / "cut.wav"
        clips.cut(path, start_s, end_s, wav)
        samples, rate = soundfile.read(wav, dtype="int16", always_2d=True)
        soundfile.write(beside, samples, rate, format="FLAC", subtype="PCM_16")
    return len(samples) / rate

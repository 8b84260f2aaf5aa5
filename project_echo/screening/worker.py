"""One recording from file to journal: what workers do."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.media import probe, recording_time
from project_echo.media.decode import UnusableMediaError
from project_echo.media.stream import Stream
from project_echo.models import classifier
from project_echo.models.classifier import Classifier
from project_echo.screening import windows
from project_echo.screening.journal import Journal

WINDOWS = 16  # at most that many new windows are decoded at once, if they do not overlap
PATIENCE_S = 120  # for any file, and as much more as its bytes take at
SLOWEST = 2e4  # bytes per second
# A file that takes longer never ends; what stalls, streams.py ends much sooner. A day of Opus at 6 kbit/s is 52 MB
# (15 MB if silence is left out), of AMR 56 MB; ffmpeg reads either in 3 minutes, at a quarter of the pace in 12.
LONGEST_S = 86_400  # whatever the size, which in a file with holes may be anything
NOTED_S = 2  # from one note of how far it is to the next


@dataclass(frozen=True)
class Outcome:
    """What became of a recording; it was left out if there is a `reason`."""

    recording: str
    duration_s: float
    reason: str = ""


def screen(
    path: Path, recording: str, model: Path, digest: str, hop_seconds: float, watched: bool, journal: Journal
) -> Outcome:
    """Screen one recording and note it in the journal. What cannot be used is an Outcome with its reason.

    `digest` is the SHA-256 of the classifier's card. If it is `watched`, how far it is goes to the journal, too.
    Raises EchoError if another card lies there by now, and OSError where not the recording but the machine is to blame.
    """
    trained = _load(model, digest)
    try:
        before = stamp(path)
    except OSError as error:
        return Outcome(recording, 0.0, f"cannot be read ({error.strerror})")
    journal.begin(recording)
    try:
        features = trained.features
        sound = Stream(path, features.sample_rate, WINDOWS * features.window_samples, patience_s(before["bytes"]))
        blocks = _noted(sound, recording, journal) if watched else sound
        probabilities = windows.screen(blocks, trained, hop_seconds)
        recorded_at = recording_time.recorded_at(path, None)
    except UnusableMediaError as error:
        return Outcome(recording, 0.0, str(error))
    except OSError:
        raise
    except Exception as error:  # nothing that one file holds may cost the others
        return Outcome(recording, 0.0, f"cannot be screened ({type(error).__name__}: {error})")
    finally:
        journal.end(recording)
    duration_s = sound.samples_read / trained.features.sample_rate
    began = recorded_at.isoformat() if recorded_at else ""
    journal.add(
        recording, probabilities, {"duration_s": duration_s, "recorded_at": began, "note": sound.note, **before}
    )
    return Outcome(recording, duration_s)


def _noted(sound: Stream, recording: str, journal: Journal) -> Iterator[np.ndarray]:
    """The blocks of a sound; how far it is read is noted every few seconds, for others to see."""
    stated_s, due = None, time.monotonic() + NOTED_S
    for block in sound:
        yield block
        if time.monotonic() >= due:
            stated_s = probe.stated_s(sound.path) if stated_s is None else stated_s  # short files need not be asked
            heard_s = sound.samples_read / sound.rate
            with suppress(OSError):  # a recording is not given up for this
                journal.begin(recording, heard_s, min(1.0, heard_s / stated_s) if stated_s else 0.0)
            due = time.monotonic() + NOTED_S


def patience_s(size: int) -> float:
    """The longest that reading a file of `size` bytes may take."""
    return min(LONGEST_S, PATIENCE_S + size / SLOWEST)


def stamp(path: Path) -> dict[str, int]:
    """By what a file is known to be the one that was screened: size in bytes, and time of its last change in ns."""
    state = path.stat()
    return {"bytes": state.st_size, "changed_ns": state.st_mtime_ns}


@cache
def _load(model: Path, digest: str) -> Classifier:
    if classifier.sha256(model / classifier.CARD) != digest:
        raise EchoError(f"{model} was changed while it was at work. Run again.")
    return classifier.load(model)

"""One recording from file to journal: what workers do."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from project_echo import classifier, screening
from project_echo.classifier import Classifier
from project_echo.media import UnusableMediaError
from project_echo.predict import recorders
from project_echo.predict.journal import Journal
from project_echo.streams import Stream

WINDOWS = 16  # at most that many new windows are decoded at once, if they do not overlap
PATIENCE_S = 120  # for any file, and
SLOWEST = 1e6  # bytes per second: a file that takes longer than to be read at this pace hangs


@dataclass(frozen=True)
class Outcome:
    """What became of a recording; it was left out if there is a `reason`."""

    recording: str
    duration_s: float
    reason: str = ""


def screen(path: Path, recording: str, model: Path, engine: str, hop_seconds: float, journal: Journal) -> Outcome:
    """Screen one recording and note it in the journal. What cannot be used is an Outcome with its reason."""
    trained = _load(model, engine)
    image = trained.features
    try:
        before = stamp(path)
        sound = Stream(path, image.sample_rate, WINDOWS * image.samples, PATIENCE_S + before["bytes"] / SLOWEST)
        probabilities = screening.screen(sound, trained, hop_seconds)
        recorded_at = recorders.recorded_at(path, None)
    except UnusableMediaError as error:
        return Outcome(recording, 0.0, str(error))
    except OSError as error:
        return Outcome(recording, 0.0, f"cannot be read ({error.strerror})")
    duration_s = sound.samples_read / image.sample_rate
    about = {
        "duration_s": duration_s,
        "recorded_at": recorded_at.isoformat() if recorded_at else "",
        "note": sound.note,
    }
    journal.add(recording, probabilities, about | before)
    return Outcome(recording, duration_s)


def stamp(path: Path) -> dict[str, int]:
    """By what a file is known to be the one that was screened: size in bytes, and time of its last change in ns."""
    state = path.stat()
    return {"bytes": state.st_size, "changed_ns": state.st_mtime_ns}


@cache
def _load(model: Path, engine: str) -> Classifier:
    return classifier.load(model, engine)

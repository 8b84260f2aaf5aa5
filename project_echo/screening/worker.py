"""Screen one recording and write the probabilities of its slices to the journal: what worker processes do."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError, file_reason
from project_echo.media import probe, recording_time
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from project_echo.models import classifier
from project_echo.models.card import card_digest
from project_echo.models.classifier import Classifier
from project_echo.models.windows import WINDOWS_PER_BLOCK, predict_windows
from project_echo.screening import embeddings, identity
from project_echo.screening.journal import Journal

# Reading a file may take MIN_TIMEOUT_S, and more for its bytes at MIN_BYTES_PER_S; media.stream stops a stalled read
# much sooner. A day of Opus at 6 kbit/s is 52 MB (15 MB with silence left out), of AMR 56 MB; ffmpeg reads either in
# 3 minutes, on a machine of a quarter of the speed in 12.
MIN_TIMEOUT_S = 120
MIN_BYTES_PER_S = 2e4
MAX_TIMEOUT_S = 86_400  # a sparse file may state any size
PROGRESS_INTERVAL_S = 2  # between two notes of how much of a recording is processed


@dataclass(frozen=True)
class Outcome:
    """Result of screening a recording; `reason` says why it was skipped, and is empty if it was screened."""

    recording: str
    duration_s: float
    reason: str = ""


def screen_file(
    path: Path,
    recording: str,
    model: Path,
    digest: str,
    hop_s: float,
    threads: int,
    track_progress: bool,
    keep_embeddings: bool,
    journal: Journal,
) -> Outcome:
    """Screen one recording and add the probabilities of its windows' slices to the journal.

    Parameters
    ----------
    path : Path
        The audio or video file.
    recording : str
        Its name in the results.
    model : Path
        Folder of the classifier.
    digest : str
        SHA-256 of the classifier's card when the run began.
    hop_s : float
        Step between windows, s.
    threads : int
        Threads that compute windows; the result does not depend on their number.
    track_progress : bool
        Whether to note in the journal, every few seconds, how much of the recording is processed.
    keep_embeddings : bool
        Whether to add embeddings of its windows' slices, too.
    journal : Journal
        Receives the result.

    Returns
    -------
    Outcome
        With a reason if the recording cannot be used.

    Raises
    ------
    EchoError
        If the classifier was changed since the run began.
    OSError
        If the machine is at fault, not the recording: a full disk, for example.
    """
    trained = _load(model, digest)
    try:
        stamp = identity.stamp(path)
    except OSError as error:
        return Outcome(recording, 0.0, file_reason(error))
    journal.mark_active(recording)
    try:
        features = trained.features
        block_samples = WINDOWS_PER_BLOCK * features.window_samples
        track = choose_track(path)
        stream = Stream(path, track, features.sample_rate, block_samples, timeout_s(int(stamp["bytes"])))
        blocks = _tracked(stream, recording, journal) if track_progress else stream
        predict = partial(embeddings.predict_and_embed, trained) if keep_embeddings else trained.predict_windows
        predicted = predict_windows(blocks, features, predict, hop_s, threads)
        recorded_at = recording_time.recorded_at(path, None)
    except EchoError as error:  # unusable media, or a network that gives NaN
        return Outcome(recording, 0.0, str(error))
    except OSError:
        raise
    except Exception as error:  # one odd file must not stop the others
        return Outcome(recording, 0.0, f"cannot be screened ({type(error).__name__}: {error})")
    finally:
        journal.unmark_active(recording)
    try:
        identified = identity.identify(path, stamp)
    except OSError as error:
        return Outcome(recording, 0.0, file_reason(error))
    duration_s = stream.samples_read / features.sample_rate
    time_text = recorded_at.isoformat() if recorded_at else ""
    metadata = {
        "duration_s": duration_s,
        "recorded_at": time_text,
        "note": stream.note,
        "track": asdict(track),
        **identified,
    }
    if keep_embeddings:
        journal.add(recording, predicted["probabilities"], metadata, predicted["embeddings"])
    else:
        journal.add(recording, predicted, metadata)
    return Outcome(recording, duration_s)


def _tracked(stream: Stream, recording: str, journal: Journal) -> Iterator[np.ndarray]:
    """The blocks of a stream; how much of it was read is noted in the journal every few seconds."""
    stated_s, due = None, time.monotonic() + PROGRESS_INTERVAL_S
    for block in stream:
        yield block
        if time.monotonic() >= due:
            if stated_s is None:  # short files need not be probed
                stated_s = probe.stated_duration_s(stream.path)
            processed_s = stream.samples_read / stream.sample_rate
            with suppress(OSError):  # progress is not worth losing the recording
                journal.mark_active(recording, processed_s, min(1.0, processed_s / stated_s) if stated_s else 0.0)
            due = time.monotonic() + PROGRESS_INTERVAL_S


def timeout_s(n_bytes: int) -> float:
    """Longest time that reading a file of `n_bytes` may take, s."""
    return min(MAX_TIMEOUT_S, MIN_TIMEOUT_S + n_bytes / MIN_BYTES_PER_S)


def _load(model: Path, digest: str) -> Classifier:
    if card_digest(model) != digest:
        raise EchoError(f"{model} was changed during the run. Run the command again.")
    return classifier.load_classifier(model)

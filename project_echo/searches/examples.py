"""Examples of a search: files, stretches of files and events, and their embeddings."""

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.core.text import count
from project_echo.features.melspectrogram import window_starts
from project_echo.features.mixing import find_active
from project_echo.media import levels
from project_echo.media.errors import UnusableMediaError
from project_echo.media.stream import Stream
from project_echo.media.track import choose_track
from project_echo.models.classifier import Classifier
from project_echo.models.projection import project
from project_echo.reviews.events import locate_recording
from project_echo.screening.journal import Journal
from project_echo.screening.results import Results
from project_echo.screening.worker import timeout_s

MAX_S = 60.0  # of an example: a longer one is hardly one sound
MIN_OVERLAP_S = 0.3  # of a slice and the example, or half of the example
BLOCK_S = 10
FORMS = "a file, a stretch of it in seconds (FILE@12.5-15), or an event of events.csv (event:3, the third)"
_STRETCH = re.compile(r"(.+)@(\d+(?:\.\d*)?)-(\d+(?:\.\d*)?)", re.DOTALL)
_EVENT = re.compile(r"event:(\d+)")


@dataclass(frozen=True)
class Example:
    """An example of a search.

    Attributes
    ----------
    text : str
        As it was given.
    path : Path
        The file.
    stretch : (float, float) or None
        Start and end in the file, s; None for all of it.
    recording : str
        Name of the file in the results, if it is an event.
    """

    text: str
    path: Path
    stretch: tuple[float, float] | None = None
    recording: str = ""


def find_example(given: str | os.PathLike[str], results: Results, journal: Journal) -> Example:
    """Find what an example names: an existing file, else a stretch of one, or an event.

    Parameters
    ----------
    given : str or path
        ``FILE``, ``FILE@START-END`` with the last ``@``, or ``event:N`` with the Nth event of events.csv.
    results : Results
        Of the screening.
    journal : Journal
        Of the screening.

    Returns
    -------
    Example

    Raises
    ------
    EchoError
        If it is none of these, or there is no such event.
    """
    text = os.fspath(given)
    if Path(text).is_dir():
        raise EchoError(f"The example {text} is a folder. Pass {FORMS}.")
    if Path(text).exists():
        return Example(text, Path(text))
    if event := _EVENT.fullmatch(text):
        return _event_example(text, int(event[1]), results, journal)
    if stretch := _STRETCH.fullmatch(text):
        path, start_s, end_s = Path(stretch[1]), float(stretch[2]), float(stretch[3])
        if not path.is_file():
            raise EchoError(f"The example {text}: there is no file {path}.")
        if end_s - start_s < levels.MIN_DURATION_S:
            raise EchoError(f"The example {text} is too short. Pass its start and its end in seconds.")
        return Example(text, path, (start_s, end_s))
    raise EchoError(f"The example {text} does not exist. Pass {FORMS}.")


def _event_example(text: str, number: int, results: Results, journal: Journal) -> Example:
    events = results.events
    if not 1 <= number <= len(events):
        raise EchoError(f"There is no {text}: {results.folder / 'events.csv'} has {count(len(events), 'event')}.")
    event = events.iloc[number - 1]
    try:
        path = locate_recording(str(event["recording"]), journal)
    except UnusableMediaError as error:
        raise EchoError(f"The example {text} ({event['recording']}): {error}.") from None
    return Example(text, path, (float(event["start_s"]), float(event["end_s"])), str(event["recording"]))


def embed_examples(examples: Sequence[Example], classifier: Classifier) -> np.ndarray:
    """The mean embedding of examples, each of which counts the same.

    Parameters
    ----------
    examples : sequence of Example
    classifier : Classifier
        The one that screened the recordings.

    Returns
    -------
    np.ndarray of shape (dimensions,), float32

    Raises
    ------
    EchoError
        If an example cannot be read, or is silent, too short or too long.
    """
    mean: np.ndarray = np.mean([_embed(example, classifier) for example in examples], axis=0)
    return mean


def _embed(example: Example, classifier: Classifier) -> np.ndarray:
    """The mean embedding of the slices of an example that hold its sound, shape (dimensions,), float32."""
    features = classifier.features
    rate, window_s = features.sample_rate, features.window_s
    try:
        samples, offset_s = _read(example, rate, window_s)
        spans = _spans(example, samples, rate, offset_s)
    except UnusableMediaError as error:
        raise EchoError(f"The example {example.text}: {error}.") from None
    first_s, last_s = spans[0][0], spans[-1][1]
    n_windows = max(1, math.ceil((last_s - first_s) / window_s - 1e-9))
    middle_s = (first_s + last_s) / 2
    starts_s = np.linspace(middle_s - n_windows * window_s / 2, middle_s + (n_windows / 2 - 1) * window_s, n_windows)
    frames = np.rint(starts_s * rate / features.hop_length).astype(int)
    frames = np.clip(frames, 0, window_starts(len(samples), features, features.hop_length / rate)[-1])
    embeddings = classifier.embedder.embed(classifier.embedder.windows(samples, frames))
    bounds = (frames * features.hop_length / rate)[:, np.newaxis, np.newaxis] + classifier.slice_times
    starts, ends = bounds.reshape(-1, 2).T
    overlap_s = sum(np.maximum(0, np.minimum(ends, last) - np.maximum(starts, first)) for first, last in spans)
    needed_s = min(MIN_OVERLAP_S, sum(last - first for first, last in spans) / 2, float(np.max(overlap_s)))
    holding = overlap_s >= needed_s - 1e-6
    vectors = project(embeddings.reshape(-1, embeddings.shape[-1])[holding]).astype(np.float32)
    mean: np.ndarray = vectors.mean(axis=0)
    return mean


def _spans(example: Example, samples: np.ndarray, rate: int, offset_s: float) -> list[tuple[float, float]]:
    """Where the sound of an example is among samples, s: the parts of a whole file that are not quiet."""
    if example.stretch is None:
        levels.check_audible(len(samples) / rate, levels.measure_peak(samples))
        return [(start / rate, end / rate) for start, end in find_active(samples, rate).spans]
    start_s, end_s = (time_s - offset_s for time_s in example.stretch)
    levels.check_audible(end_s - start_s, levels.measure_peak(samples[round(start_s * rate) : round(end_s * rate)]))
    return [(start_s, end_s)]


def _read(example: Example, rate: int, window_s: float) -> tuple[np.ndarray, float]:
    """The samples of an example, with a window of sound before and after a stretch, and where they start, s.

    A file is read from its start, as the screening read it: seeking would give other samples of some files.
    """
    start_s, end_s = example.stretch or (0.0, MAX_S)
    if end_s - start_s > MAX_S:
        raise UnusableMediaError(f"longer than {MAX_S:g} s. Pass a stretch of it: {example.path}@12.5-15")
    first = max(0, round((start_s - window_s) * rate))
    last = round((end_s + window_s) * rate)
    stream = Stream(
        example.path, choose_track(example.path), rate, BLOCK_S * rate, timeout_s(example.path.stat().st_size)
    )
    pieces: list[np.ndarray] = [np.zeros(0, np.float32)]
    position = 0
    for block in stream:
        pieces.append(block[max(0, first - position) : max(0, last - position)])
        position += len(block)
        if position >= last:
            break
    if example.stretch is None and position > MAX_S * rate:
        raise UnusableMediaError(f"longer than {MAX_S:g} s. Pass a stretch of it: {example.path}@12.5-15")
    if example.stretch is not None and position < round(end_s * rate) - rate * levels.MIN_DURATION_S:
        raise UnusableMediaError(f"the recording ends at {position / rate:.1f} s")
    return np.concatenate(pieces), first / rate

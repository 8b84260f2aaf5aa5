"""Screen many recordings with worker processes: skip those done before, survive those that kill their worker."""

import logging
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing
from pathlib import Path
from typing import Any

from project_echo.core import parallel
from project_echo.core.errors import WorkerDiedError
from project_echo.core.progress import OnProgress
from project_echo.core.text import count
from project_echo.features import melspectrogram
from project_echo.media.track import from_metadata
from project_echo.models.card import card_digest
from project_echo.models.classifier import Classifier
from project_echo.screening import worker
from project_echo.screening.discovery import Recording
from project_echo.screening.embeddings_size import stated_size
from project_echo.screening.identity import is_unchanged
from project_echo.screening.journal import Journal
from project_echo.screening.progress import with_progress
from project_echo.screening.worker import Outcome

LITTLE_BYTES = 16e6  # in all; screened before workers have started: six minutes of 16 bit at 22 050 Hz
logger = logging.getLogger(__name__)


def journal_settings(model: Path, trained: Classifier, hop_s: float) -> dict[str, Any]:
    """Settings that results depend on, which the journal does not mix.

    Parameters
    ----------
    model : Path
        Folder of the classifier.
    trained : Classifier
        The classifier itself.
    hop_s : float
        Step between windows, s.

    Returns
    -------
    dict
        model, the SHA-256 of the classifier's card, and hop, the step in s as rounded to whole frames.
    """
    step = melspectrogram.window_step(trained.features, hop_s)
    return {
        "model": card_digest(model),
        "hop": step * trained.features.hop_length / trained.features.sample_rate,
    }


def screen_recordings(
    recordings: Sequence[Recording],
    journal: Journal,
    model: Path,
    digest: str,
    hop_s: float,
    jobs: int,
    scheduler: str,
    kept: tuple[int, int] | None = None,
    on_progress: OnProgress | None = None,
) -> list[Outcome]:
    """Screen the recordings that the journal does not have, or that were changed since.

    Parameters
    ----------
    recordings : sequence of Recording
        All recordings of the run.
    journal : Journal
        Receives the results.
    model : Path
        Folder of the classifier; absolute, as workers may have another working folder.
    digest : str
        SHA-256 of the classifier's card.
    hop_s : float
        Step between windows, s.
    jobs : int
        Cores to use, -1 for all: a process each, or threads of fewer processes if there are fewer recordings.
    scheduler : str
        Address of a Dask scheduler; empty for processes of this machine.
    kept : (int, int), optional
        Keep embeddings: slices of a window that are kept, and dimensions of each.
    on_progress : callable, optional
        Called about once a second, instead of showing a line on a terminal.

    Returns
    -------
    list of Outcome
        Of the recordings screened now, in the order in which they were done. One that killed its worker has a reason.

    Raises
    ------
    EchoError
        If all workers die before they start, or the cluster fails.
    """
    interrupted = journal.pop_interrupted()
    screened = [recording for recording in recordings if is_done(recording, journal)]
    done = {recording for recording in screened if kept is None or _has_embeddings(recording, journal, kept)}
    todo = [recording for recording in recordings if recording not in done]
    logger.info("%s, %d of them done before", count(len(recordings), "recording"), len(done))
    if len(done) < len(screened):
        again = count(len(screened) - len(done), "recording")
        logger.info("%s to screen again: the embeddings were not kept", again)
    if kept is not None and todo:
        logger.info(stated_size([recording.path for recording in todo], kept, hop_s))
    # The longest first, so that no core is left alone with one at the end.
    todo_bytes = {recording: _file_size(recording.path) for recording in todo}
    todo.sort(key=lambda recording: -todo_bytes[recording])
    sizes = {recording.name: todo_bytes[recording] for recording in todo}
    threads = dict.fromkeys(sizes, 1) if scheduler else share_cores(jobs, sizes)
    arguments = {
        recording.name: (
            recording.path.absolute(),
            recording.name,
            model,
            digest,
            hop_s,
            threads[recording.name],
            on_progress is not None or parallel.shows_progress(),
            kept is not None,
        )
        for recording in todo
    }
    processes = process_count(jobs, sizes, interrupted)
    with parallel.use_scheduler(scheduler):
        return list(with_progress(_outcomes(arguments, journal, processes), sizes, journal.active, on_progress))


def is_done(recording: Recording, journal: Journal) -> bool:
    """Whether the journal has the recording, with the track that was used, and the file is unchanged since.

    A new time of modification of the same content is noted in the journal, so that the next run need not read the file.
    """
    metadata = journal.metadata(recording.name)
    if metadata is None or from_metadata(metadata) is None:
        return False
    try:
        if not is_unchanged(recording.path, metadata):
            return False
        changed_ns = recording.path.stat().st_mtime_ns
    except OSError:
        return False
    if changed_ns != metadata.get("changed_ns"):
        journal.set_metadata(recording.name, metadata | {"changed_ns": changed_ns})
    return True


def _has_embeddings(recording: Recording, journal: Journal, kept: tuple[int, int]) -> bool:
    embeddings = journal.embeddings(recording.name)
    return embeddings is not None and embeddings.shape[1:] == kept


def share_cores(jobs: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Choose the number of threads for each recording: cores in proportion to its bytes.

    A single recording has all cores, and one that is much longer than the others has most of them. Short ones are done
    before threads would help.

    Parameters
    ----------
    jobs : int
        Cores to use, -1 for all.
    sizes : mapping of str to int
        Bytes of each recording.

    Returns
    -------
    dict of str to int
        At least one each.
    """
    if _is_little(sizes):
        return dict.fromkeys(sizes, 1)
    cores, total = _cores(jobs), sum(sizes.values())
    return {name: max(1, round(cores * size / total)) for name, size in sizes.items()}


def process_count(jobs: int, sizes: Mapping[str, int], interrupted: Set[str]) -> int:
    """Choose the number of processes.

    A recording may kill the process that reads it, which must not be the main one, as that would cost the others.
    A single recording costs no others, and a few short ones cost little: they are read in the main process, without
    the second or two in which workers start, unless a process of an earlier run died on one of them.

    Parameters
    ----------
    jobs : int
        Cores that the user asked for, -1 for all. 1 always uses the main process, and other numbers use it for a single
        recording only.
    sizes : mapping of str to int
        Bytes of each recording to screen.
    interrupted : set of str
        Recordings that a process of an earlier run died on.

    Returns
    -------
    int
        Number of processes; 1 means the main process.
    """
    is_harmless = len(sizes) <= 1 or (jobs == -1 and _is_little(sizes))
    if jobs == 1 or (is_harmless and not sizes.keys() & interrupted):
        return 1
    return max(2, _cores(jobs))


def _is_little(sizes: Mapping[str, int]) -> bool:
    return sum(sizes.values()) <= LITTLE_BYTES


def _cores(jobs: int) -> int:
    return parallel.cores() if jobs == -1 else jobs


def _outcomes(arguments: dict[str, tuple[Any, ...]], journal: Journal, processes: int) -> Iterator[Outcome]:
    """Outcomes as they are done; a recording that kills its worker is skipped, and the others go on."""
    while arguments:
        items = [(*values, journal) for values in arguments.values()]
        suspects: list[tuple[Any, ...]] = []
        n_processes = min(processes, max(2, len(items)))
        results = parallel.as_completed(worker.screen_file, items, n_processes, suspects.append)
        try:
            with closing(results) as outcomes:
                for outcome in outcomes:
                    del arguments[outcome.recording]
                    yield outcome
        except WorkerDiedError:  # of this machine: any of the active recordings may be the cause
            suspects = [item for item in items if item[1] in arguments and journal.is_active(item[1])]
            if not suspects and len(items) == len(arguments):  # no progress: workers die before they start
                raise
        for item in suspects:
            del arguments[item[1]]
            yield _screen_alone(item)


def _screen_alone(item: tuple[Any, ...]) -> Outcome:
    """Screen a suspect in a process of its own, as recordings next to the cause are suspects too."""
    try:
        with closing(parallel.as_completed(worker.screen_file, [item], 2)) as outcomes:
            return next(outcomes)
    except WorkerDiedError:
        return Outcome(item[1], 0.0, "the process that read it was killed, possibly out of memory")


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

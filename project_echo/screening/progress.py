"""Progress of a screening: files done, hours of sound, speed as a multiple of real time, and time left."""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from project_echo.core.parallel import shows_progress
from project_echo.core.progress import OnProgress, Progress
from project_echo.screening.worker import Outcome

FORMAT = "{percentage:3.0f}% |{bar:20}| {desc}, {remaining} left"
INTERVAL_S = 1  # between two updates of the line
Active = dict[str, tuple[float, float]]  # seconds processed, and fraction of the whole, by recording


def with_progress(
    outcomes: Iterable[Outcome],
    sizes: dict[str, int],
    active: Callable[[], Active],
    on_progress: OnProgress | None = None,
) -> Iterator[Outcome]:
    """Pass on outcomes, and show a progress line on standard error if that is a terminal or a notebook.

    Parameters
    ----------
    outcomes : iterable of Outcome
        As recordings are done.
    sizes : dict of str to int
        Bytes by recording. Time left is estimated from them, as the duration of a file is not known before it is read.
    active : callable
        Returns the recordings that are being processed. A thread calls it, as this one waits for outcomes.
    on_progress : callable, optional
        Called instead of showing a line.

    Yields
    ------
    Outcome
    """
    if on_progress is None and not shows_progress():
        yield from outcomes
        return
    tally, started = Tally(sizes), time.monotonic()
    total = sum(sizes.values()) or 1
    if on_progress is not None:

        def tell() -> None:
            n_files, seconds, n_bytes = tally.totals(active())
            elapsed_s, fraction = time.monotonic() - started, n_bytes / total
            left_s = elapsed_s * (1 - fraction) / fraction if fraction else None
            text = f"{n_files} of {len(sizes)} files, {format_speed(seconds / 3600, elapsed_s)}"
            on_progress(Progress(fraction, text, left_s))

        yield from _counted(outcomes, tally, tell)
        return
    from tqdm import tqdm  # noqa: PLC0415  (a tenth of the time to start)

    with tqdm(total=total, desc="starting", bar_format=FORMAT, leave=False, file=sys.stderr) as bar:

        def update() -> None:
            n_files, seconds, bar.n = tally.totals(active())
            progress = format_speed(seconds / 3600, time.monotonic() - started)
            bar.set_description_str(f"{n_files} of {len(sizes)} files, {progress}")

        yield from _counted(outcomes, tally, update)


def _counted(outcomes: Iterable[Outcome], tally: "Tally", update: Callable[[], None]) -> Iterator[Outcome]:
    """Pass on outcomes and count them, while `update` is called every INTERVAL_S seconds."""
    with _repeated(update):
        for outcome in outcomes:
            tally.add(outcome)
            yield outcome


class Tally:
    """Totals of the recordings that are done and those being processed; `sizes` are bytes by recording."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes
        self._done: set[str] = set()
        self._seconds, self._bytes = 0.0, 0
        self._active: Active = {}
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        """Count a recording as done."""
        with self._lock:
            self._done.add(outcome.recording)
            self._seconds += outcome.duration_s
            self._bytes += self._sizes[outcome.recording]

    def totals(self, active: Active) -> tuple[int, float, int]:
        """Files done, and seconds and bytes processed, including those of `active` recordings.

        A recording that is no longer active but not yet added counts as before, so that totals do not fall in between.
        """
        with self._lock:
            self._active = {
                name: progress
                for name, progress in (self._active | active).items()
                if name in self._sizes and name not in self._done
            }
            seconds = self._seconds + sum(processed_s for processed_s, _ in self._active.values())
            n_bytes = self._bytes + sum(fraction * self._sizes[name] for name, (_, fraction) in self._active.items())
            return len(self._done), seconds, round(n_bytes)


@contextmanager
def _repeated(update: Callable[[], None]) -> Iterator[None]:
    """While the block runs, call `update` every INTERVAL_S seconds in a thread."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(INTERVAL_S):
            with suppress(OSError):  # a shared folder may be unavailable for a moment
                update()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def format_speed(hours: float, elapsed_s: float) -> str:
    """Hours of sound and speed as text: "12.5 h, 1,040 times real time"."""
    return f"{hours:.1f} h, {hours * 3600 / max(elapsed_s, 1e-6):,.0f} times real time"

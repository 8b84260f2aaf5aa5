"""How far a screening is: files, hours of sound, speed as a multiple of real time, and the time that is left."""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from tqdm import tqdm

from project_echo.screening.worker import Outcome

FORMAT = "{percentage:3.0f} % |{bar:20}| {desc}, {remaining} left"
DRAWN_S = 1  # from one line to the next
UnderWay = dict[str, tuple[float, float]]  # seconds heard, and share of the whole, by recording


def watched() -> bool:
    """Whether standard error is a terminal: somebody may look at it."""
    return bool(sys.stderr and sys.stderr.isatty())


def shown(outcomes: Iterable[Outcome], sizes: dict[str, int], under_way: Callable[[], UnderWay]) -> Iterator[Outcome]:
    """The same outcomes, with a line on a terminal's standard error, renewed every second, and none elsewhere.

    `sizes` are bytes by recording, by which the time that is left is told: how many hours a file holds is not known
    before it was read. `under_way` says how far those are that are being read; a thread of its own asks it, as this one
    waits for outcomes.
    """
    tally, began = Tally(sizes), time.monotonic()
    total = sum(sizes.values()) or 1
    never = not watched()
    with tqdm(total=total, desc="starting", bar_format=FORMAT, disable=never, leave=False, file=sys.stderr) as bar:

        def draw() -> None:
            files, seconds, bar.n = tally.so_far(under_way())
            told = speed(seconds / 3600, time.monotonic() - began)
            bar.set_description_str(f"{files} of {len(sizes)} files, {told}")

        with _now_and_then(draw, never):
            for outcome in outcomes:
                tally.add(outcome)
                yield outcome


class Tally:
    """What is done, and what is under way."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes
        self._done: set[str] = set()
        self._seconds, self._bytes = 0.0, 0
        self._under_way: UnderWay = {}
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        with self._lock:
            self._done.add(outcome.recording)
            self._seconds += outcome.duration_s
            self._bytes += self._sizes[outcome.recording]

    def so_far(self, under_way: UnderWay) -> tuple[int, float, int]:
        """Files that are done, and seconds and bytes heard, with those `under_way`.

        What is under way no more but has not come to `add` yet counts as it did last: nothing goes back in between.
        """
        with self._lock:
            known = self._under_way | under_way
            self._under_way = {
                name: how for name, how in known.items() if name in self._sizes and name not in self._done
            }
            seconds = self._seconds + sum(heard_s for heard_s, _ in self._under_way.values())
            size = self._bytes + sum(share * self._sizes[name] for name, (_, share) in self._under_way.items())
            return len(self._done), seconds, round(size)


@contextmanager
def _now_and_then(do: Callable[[], None], never: bool) -> Iterator[None]:
    """While the block runs, call `do` every DRAWN_S seconds."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(DRAWN_S):
            with suppress(OSError):  # a shared folder that is away for a moment: the next line comes in a second
                do()

    if never:
        yield
        return
    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def speed(hours: float, seconds: float) -> str:
    """How it is told: 12.5 h, 1,040 times real time."""
    return f"{hours:.1f} h, {hours * 3600 / max(seconds, 1e-6):,.0f} times real time"

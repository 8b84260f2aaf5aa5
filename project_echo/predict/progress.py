"""How far a screening is: files, hours of sound, speed as a multiple of real time, and the time that is left."""

import sys
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

from project_echo.predict.work import Outcome

FORMAT = "{percentage:3.0f} % |{bar:20}| {desc}, {remaining} left"


def shown(outcomes: Iterable[Outcome], sizes: dict[str, int]) -> Iterator[Outcome]:
    """The same outcomes, with a line on a terminal's standard error, and none elsewhere; `sizes` in bytes by recording.

    The time that is left is told by bytes: how many hours a file holds is not known before it was read. A recording
    counts when it is done, so a single long one shows nothing before its end.
    """
    hours, began = 0.0, time.monotonic()
    total = sum(sizes.values()) or 1
    with tqdm(total=total, desc="starting", bar_format=FORMAT, disable=None, leave=False, file=sys.stderr) as bar:
        for count, outcome in enumerate(outcomes, 1):
            hours += outcome.duration_s / 3600
            told = speed(hours, time.monotonic() - began)
            bar.set_description_str(f"{count} of {len(sizes)} files, {told}", refresh=False)
            bar.update(sizes[outcome.recording])
            yield outcome


def speed(hours: float, seconds: float) -> str:
    """How it is told: 12.5 h, 1,040 times real time."""
    return f"{hours:.1f} h, {hours * 3600 / max(seconds, 1e-6):,.0f} times real time"

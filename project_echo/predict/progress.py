"""How far a screening is: files, hours of sound, speed as a multiple of real time, and the time that is left."""

import sys
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

from project_echo.predict.work import Outcome

FORMAT = "{percentage:3.0f}% |{bar:20}| {postfix[0]}, {remaining} left"


def shown(outcomes: Iterable[Outcome], sizes: dict[str, int]) -> Iterator[Outcome]:
    """The same outcomes, with a line on a terminal's standard error, and none elsewhere; `sizes` in bytes by recording.

    The time that is left is told by bytes: how many hours a file holds is not known before it was read.
    """
    postfix, hours, began = [""], 0.0, time.monotonic()
    with tqdm(
        total=sum(sizes.values()) or 1, bar_format=FORMAT, postfix=postfix, disable=None, leave=False, file=sys.stderr
    ) as bar:
        for count, outcome in enumerate(outcomes, 1):
            hours += outcome.duration_s / 3600
            postfix[0] = f"{count} of {len(sizes)} files, {speed(hours, time.monotonic() - began)}"
            bar.update(sizes[outcome.recording])
            yield outcome


def speed(hours: float, seconds: float) -> str:
    """How it is told: 12.5 h, 1,040 times real time."""
    return f"{hours:.1f} h, {hours * 3600 / max(seconds, 1e-6):,.0f} times real time"

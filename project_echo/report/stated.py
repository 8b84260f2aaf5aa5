"""How many of the calls that labels.csv states of an unseen recording are found."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from project_echo.core.text import count


@dataclass(frozen=True)
class StatedCalls:
    """Calls that are stated of a recording, those found, and events where a label is stated not to call."""

    calls: int
    found: int
    false_events: int

    @property
    def text(self) -> str:
        """In short: "3 of 8 found, 3 false reports"."""
        found = f"{self.found} of {self.calls} found" if self.calls else "none"
        return f"{found}, {count(self.false_events, 'false report') if self.false_events else 'no false report'}"


def stated_calls(summary: Mapping[str, Any]) -> StatedCalls | None:
    """Read what is stated of a recording.

    Parameters
    ----------
    summary : mapping
        Its row of data/predictions/recordings.csv: calls, calls_found, false_events.

    Returns
    -------
    StatedCalls or None
        None if nothing is stated of it.
    """
    numbers = [_number(summary.get(column)) for column in ("calls", "calls_found", "false_events")]
    if any(number is None for number in numbers):
        return None
    return StatedCalls(*(int(number) for number in numbers if number is not None))


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None

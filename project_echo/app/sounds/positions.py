"""Positions in recordings as people read them."""

from project_echo.web.timeline import time_ticks

MAX_TICKS = 12


def position(seconds: float) -> str:
    """A position in a recording: "0:05", "1:02:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def length(seconds: float) -> str:
    """The length of a recording: "5.0 s", "12 min 30 s", "1 h 2 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def position_ticks(start_s: float, duration_s: float) -> list[tuple[str, float]]:
    """Ticks of the time axis of a part: seconds, or positions if it does not begin at the start of the recording.

    Parameters
    ----------
    start_s, duration_s : float
        Start and length of the part, s.

    Returns
    -------
    list of (str, float)
        Text, and position in % from the left.
    """
    ticks = time_ticks(duration_s)
    if start_s == 0:
        return ticks
    return [(position(start_s + share / 100 * duration_s + 0.01), share) for _, share in ticks]

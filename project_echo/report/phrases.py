"""Numbers as people say them: shares, their intervals, lengths of time."""

from collections.abc import Mapping

from project_echo.core.text import percent

UNITS = (("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400))  # and how many seconds each has


def share(value: float) -> str:
    """A share in whole percent: 0.849 is "85%"; only 0 and 1 themselves are "0%" and "100%"."""
    if 0 < value < 0.005:
        return "less than 1%"
    if 0.995 <= value < 1:
        return "more than 99%"
    return percent(value, 0)


def share_range(bounds: Mapping[str, float]) -> str:
    """The interval of a share, `low` to `high`, in whole percent: "78 to 91%", or "<1 to >99%" as `share`."""
    low, high = (_whole(bounds[name]) for name in ("low", "high"))
    return f"{low}%" if low == high else f"{low} to {high}%"


def share_between(bounds: Mapping[str, float]) -> str:
    """The interval of a share after a verb: "between 78 and 91%", or "at about 95%" if both ends read the same."""
    low, high = (_whole(bounds[name]) for name in ("low", "high"))
    return f"at about {low}%" if low == high else f"between {low} and {high}%"


def _whole(value: float) -> str:
    if 0 < value < 0.005:
        return "<1"
    return ">99" if 0.995 <= value < 1 else f"{100 * value:.0f}"


def points(value: float, digits: int = 0, *, sign: bool = False) -> str:
    """A difference of shares in percentage points, without a minus before 0: "12", or "+12" with a sign."""
    rounded = round(100 * value, digits) + 0.0  # which makes -0.0 a 0
    return f"{rounded:{'+' if sign and rounded else ''}.{digits}f}"


def number(value: float) -> str:
    """A number of things with the digits that matter: "141", "3.4", "0.3"."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def number_range(bounds: Mapping[str, float]) -> str:
    """The interval of a number, `low` to `high`: "79 to 213"."""
    return f"{number(bounds['low'])} to {number(bounds['high'])}"


def start(text: str) -> str:
    """A text at the start of a sentence, its other letters as they are."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """A length of time in its largest unit, s: "48 seconds", "3.5 minutes", "36 hours", "12 days"."""
    noun, length = next((unit for unit in reversed(UNITS) if seconds >= 1.5 * unit[1]), UNITS[0])
    amount = number(seconds / length)
    return f"{amount} {noun}{'' if amount == '1' else 's'}"

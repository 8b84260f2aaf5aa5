"""Types of the command line's arguments, for argparse: numbers, thresholds, addresses and time zones."""

import argparse
import math
from collections.abc import Callable
from datetime import tzinfo
from typing import TypeVar

from project_echo.screening.screen import MAX_HOP_S, find_time_zone

Number = TypeVar("Number", int, float)


def _number(
    kind: Callable[[str], Number], is_valid: Callable[[Number], bool], expected: str
) -> Callable[[str], Number]:
    """An argparse type: a number that `is_valid`; the error says what was `expected`."""

    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not is_valid(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return read


positive = _number(
    float, lambda value: 0 < value <= MAX_HOP_S, f"a number of seconds above 0, at most a day ({MAX_HOP_S})"
)
seconds = _number(float, lambda value: 0 <= value < math.inf, "a number of seconds, 0 or more")
probability = _number(float, lambda value: 0 <= value <= 1, "a number from 0 to 1")
share = _number(float, lambda value: 0 < value < 1, "a number above 0 and below 1")
count = _number(int, lambda value: value >= 0, "a whole number, 0 or more")
above_0 = _number(int, lambda value: value >= 1, "a whole number above 0")
jobs = _number(int, lambda value: value >= 1 or value == -1, "a whole number above 0, or -1 for all cores")


def threshold(text: str) -> tuple[str, float]:
    """A label and its threshold, `LABEL=P`."""
    label, separator, value = text.rpartition("=")
    if not label or not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not a label and its threshold, such as fox=0.8")
    return label, probability(value)


def address(text: str) -> str:
    """The address of a Dask scheduler."""
    from project_echo.core.cluster import check_address  # noqa: PLC0415

    try:
        return check_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def zone(text: str) -> tzinfo:
    """A time zone by its name."""
    try:
        return find_time_zone(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None

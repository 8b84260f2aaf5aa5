"""Floors: the least value that a metric may have."""

import difflib
import math
from typing import Any

from project_echo.compare import revisions
from project_echo.compare.markdown import code
from project_echo.compare.metrics import leaves
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError

FLOORS = "project_echo/compare/floors.yaml"


def read(revision: Revision) -> dict[str, dict[str, float]]:
    """The floors of every file of metrics. Raises EchoError naming the key that is wrong."""
    values = revisions.read_yaml(revision, FLOORS)
    if values is None:
        raise EchoError(f"{FLOORS} is not there. Commit it; without floors it holds {{}}.")
    return {str(path): _floors(str(path), of_file) for path, of_file in values.items()}


def _floors(path: str, values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        raise EchoError(f"{FLOORS}: {path} should hold metrics and their floors (accuracy.mean: 0.85).")
    found = leaves(values)
    for name, floor in found.items():
        if isinstance(floor, bool) or not isinstance(floor, int | float) or not math.isfinite(floor):
            raise EchoError(
                f"{FLOORS}: {path}: {name} = {floor!r} is no number. Write the least value that it may have."
            )
    return found


def below(floors: dict[str, dict[str, float]], metrics: dict[str, dict[str, Any]]) -> list[str]:
    """A line of Markdown for every metric below its floor, with how far, and for every floor of what is not there."""
    said = []
    for path, of_file in floors.items():
        if path not in metrics:
            said.append(f"{FLOORS}: {code(path)} is no file of metrics. {_meant(path, metrics)}")
            continue
        values = leaves(metrics[path])
        for name, floor in of_file.items():
            value = values.get(name)
            if name not in values:
                said.append(f"{FLOORS}: {code(path)} has no metric {code(name)}. {_meant(name, values)}")
            elif isinstance(value, bool) or not isinstance(value, int | float):
                said.append(f"{FLOORS}: {code(name)} of {code(path)} is {code(str(value))}, which no floor is for.")
            elif not value >= floor:  # NaN is below every floor
                said.append(
                    f"{code(name)} of {code(path)} is {value:.4f}, {floor - value:.4f} below its floor of {floor}."
                )
    return said


def gone(before: Revision, after: Revision) -> list[str]:
    """A line of Markdown for every floor that `before` has and `after` has not, whatever its value.

    Floors that could not be read before hold nobody back: a branch may be the one that mends them.
    """
    kept = read(after)
    try:
        had = read(before)
    except EchoError:
        return []
    return [
        f"{FLOORS}: the floor of {code(name)} of {code(path)}, {floor}, is gone. Put it back; it may be a lower one."
        for path, of_file in had.items()
        for name, floor in of_file.items()
        if name not in kept.get(path, {})
    ]


def _meant(name: str, known: dict[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Is {code(close[0])} meant?" if close else "Correct its name, or remove its floor."

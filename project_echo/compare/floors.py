"""Floors: the lowest allowed values of metrics."""

import difflib
import math
from collections.abc import Iterable
from typing import Any

from project_echo.compare import revisions
from project_echo.compare.markdown import code
from project_echo.compare.metrics import flatten, flatten_metrics, is_number
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError

FLOORS = "project_echo/compare/floors.yaml"


def read_floors(revision: Revision) -> dict[str, dict[str, float]]:
    """Read the floors of a revision.

    Parameters
    ----------
    revision : Revision
        A commit.

    Returns
    -------
    dict
        For each file of metrics, the floor of each metric by its dotted name.

    Raises
    ------
    EchoError
        If the file of floors is missing, or a floor in it is not a finite number.
    """
    values = revisions.read_yaml(revision, FLOORS)
    if values is None:
        raise EchoError(f"{FLOORS} of {revision.name} is missing. Commit it; without floors it contains {{}}.")
    return {str(path): _checked_floors(str(path), floors) for path, floors in values.items()}


def _checked_floors(path: str, values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        raise EchoError(f"{FLOORS}: {path} must contain metrics and their floors (accuracy: 0.85).")
    floors = flatten(values)
    for name, floor in floors.items():
        if not is_number(floor) or not math.isfinite(floor):
            raise EchoError(f"{FLOORS}: {path}: {name} = {floor!r} is not a number. Write the lowest allowed value.")
    return floors


def metrics_below(floors: dict[str, dict[str, float]], metrics: dict[str, dict[str, Any]]) -> list[str]:
    """Check metrics against their floors.

    Parameters
    ----------
    floors : dict
        What `read_floors` returns. The floor of a metric with an interval is that of its value; `accuracy.low` names
        the lower bound.
    metrics : dict
        What `metrics.read_metrics` returns.

    Returns
    -------
    list of str
        A line of Markdown for every metric below its floor, with the distance, and for every floor without a metric.
    """
    problems = []
    for path, floors_of_file in floors.items():
        if path not in metrics:
            problems.append(f"{FLOORS}: there is no file of metrics {code(path)}. {_suggestion(path, metrics)}")
            continue
        single = {name: metric.value for name, metric in flatten_metrics(metrics[path]).items()}
        values = flatten(metrics[path]) | single
        for name, floor in floors_of_file.items():
            value = values.get(name)
            if null := _null_section(name, values):
                problems.append(
                    f"{FLOORS}: {code(null)} in {code(path)} is null, so there is no {code(name)}. Remove its floor, "
                    "or use parameters with which it is measured."
                )
            elif name not in values:
                problems.append(f"{FLOORS}: {code(path)} has no metric {code(name)}. {_suggestion(name, single)}")
            elif not is_number(value):
                problems.append(
                    f"{FLOORS}: {code(name)} in {code(path)} is {code(str(value))}, not a number. Remove its floor."
                )
            elif not value >= floor:  # NaN is below every floor
                problems.append(
                    f"{code(name)} in {code(path)} is {value:.4f}, {floor - value:.4f} below its floor of {floor}."
                )
    return problems


def _null_section(name: str, values: dict[str, Any]) -> str:
    """The section of a dotted name that is null in flat metrics, such as `decided` of `decided.accuracy`; or empty."""
    parts = name.split(".")
    sections = [".".join(parts[:length]) for length in range(1, len(parts))]
    return next((section for section in sections if section in values and values[section] is None), "")


def removed_floors(before: Revision, after: Revision) -> list[str]:
    """Name every floor of `before` that `after` lacks.

    Floors that were not readable before are ignored: a branch may be the one that fixes them.

    Parameters
    ----------
    before, after : Revision
        Two commits.

    Returns
    -------
    list of str
        A line of Markdown for each floor.

    Raises
    ------
    EchoError
        If the floors of `after` are not readable.
    """
    new = read_floors(after)
    try:
        old = read_floors(before)
    except EchoError:
        return []
    return [
        f"{FLOORS}: the floor of {code(name)} in {code(path)}, {floor}, was removed. Put it back; it may be lower."
        for path, floors_of_file in old.items()
        for name, floor in floors_of_file.items()
        if name not in new.get(path, {})
    ]


def _suggestion(name: str, existing_names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, existing_names, n=1)
    return f"Did you mean {code(close[0])}?" if close else "Correct its name, or remove its floor."

"""Metrics and parameters of two revisions, side by side."""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from project_echo.compare import revisions, words
from project_echo.compare.markdown import code
from project_echo.compare.revisions import Revision

FOLDER = "metrics"
BY_SNR = "events.recall_by_snr."
INTERVAL_KEYS = {"value", "low", "high"}  # of a metric with a confidence interval


@dataclass(frozen=True)
class Metric:
    """A metric, and the bounds of its confidence interval if it has one."""

    value: Any
    bounds: tuple[float, float] | None = None


Pairs = dict[tuple[str, str], tuple[Metric | None, Metric | None]]


def read_metrics(revision: Revision) -> dict[str, dict[str, Any]]:
    """Read all JSON files in metrics/.

    Parameters
    ----------
    revision : Revision
        A commit.

    Returns
    -------
    dict
        The content of each file by its path.

    Raises
    ------
    EchoError
        If a file is not readable JSON.
    """
    paths = [path for path in revisions.list_files(revision, FOLDER) if path.endswith(".json")]
    return {path: revisions.read_json(revision, path) or {} for path in paths}


def flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested keys to dotted names: {"a": {"b": 1}} becomes {"a.b": 1}. Lists stay values."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def flatten_metrics(values: dict[str, Any], prefix: str = "") -> dict[str, Metric]:
    """Flatten nested metrics to dotted names.

    Parameters
    ----------
    values : dict
        Metrics by name, which may be nested. A dict with exactly the keys value, low and high is one metric.
    prefix : str
        Comes before each name.

    Returns
    -------
    dict of str to Metric
    """
    flat: dict[str, Metric] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value.keys() == INTERVAL_KEYS and all(map(is_number, value.values())):
            flat[f"{prefix}{name}"] = Metric(value["value"], (value["low"], value["high"]))
        elif isinstance(value, dict) and value:
            flat |= flatten_metrics(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = Metric(value)
    return flat


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is an int or a float; a bool is neither here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def pair_metrics(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Pairs:
    """Pair the metrics of two revisions.

    Parameters
    ----------
    before, after : dict
        What `read_metrics` returns.

    Returns
    -------
    dict
        Metrics before and after, None if absent, by file and dotted name, in the order of a comment.
    """
    sides = [
        {(path, name): metric for path, values in files.items() for name, metric in _flat(values).items()}
        for files in (before, after)
    ]
    keys = sorted({*sides[0], *sides[1]}, key=lambda key: (words.term(key).rank, *_in_order(key[1]), key))
    return {key: (sides[0].get(key), sides[1].get(key)) for key in keys}


def _in_order(name: str) -> tuple[float, str]:
    """The key by which names are sorted: by the number in them (-5 dB, 0 dB, 10 dB), if any, then as text."""
    number = re.search(r"(?<=\.)-?\d+(\.\d+)?(?=\.)", name)
    return (float(number[0]) if number else 0.0, name)


def _flat(values: dict[str, Any]) -> dict[str, Metric]:
    """Flat metrics, where `decided` that is null is an accuracy that is null, and recall by SNR has its bounds."""
    section, _, name = words.DECIDED[1].partition(".")
    flat = flatten_metrics(values | {section: {name: None}} if values.get(section, "") is None else values)
    for key in [key for key in flat if key.startswith(BY_SNR) and key.endswith(".value")]:
        bounds = [flat.get(f"{key.removesuffix('.value')}.{bound}") for bound in ("low", "high")]
        if all(bound and is_number(bound.value) for bound in bounds):
            low, high = (flat.pop(f"{key.removesuffix('.value')}.{bound}").value for bound in ("low", "high"))
            flat[key] = Metric(flat[key].value, (low, high))
    return flat


def changed_values(before: dict[str, Any], after: dict[str, Any]) -> list[list[str]]:
    """Table rows of the values that differ.

    Parameters
    ----------
    before, after : dict
        Keys and values, which may be nested.

    Returns
    -------
    list of list of str
        Cells in Markdown, sorted: dotted name, before, after; empty if absent.
    """
    sides = [flatten(before), flatten(after)]
    names = sorted({*sides[0], *sides[1]})
    rows = [[code(name), *(_json_cell(side, name) for side in sides)] for name in names]
    return [row for row in rows if row[1] != row[2]]


def _json_cell(values: dict[str, Any], name: str) -> str:
    return code(json.dumps(values[name], ensure_ascii=False, default=str)) if name in values else ""

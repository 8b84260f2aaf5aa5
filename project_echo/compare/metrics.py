"""Metrics and parameters of two revisions, side by side."""

import json
from dataclasses import dataclass
from typing import Any, TypeGuard

from project_echo.compare import revisions
from project_echo.compare.markdown import code
from project_echo.compare.revisions import Revision
from project_echo.core.text import join_words

FOLDER = "metrics"
DECIDED = "decided.accuracy"  # of decisions by thresholds; `decided` is null where nothing is rejected
HEADLINES = [("metrics/crossval.json", name) for name in (DECIDED, "accuracy", "macro_f1")]
INTERVAL_KEYS = {"value", "low", "high"}  # of a metric with a confidence interval


@dataclass(frozen=True)
class Metric:
    """A metric, and the bounds of its confidence interval if it has one."""

    value: Any
    bounds: tuple[float, float] | None = None

    def __str__(self) -> str:
        if self.bounds is None:
            return _text(self.value)
        return f"{_text(self.value)} ({_text(self.bounds[0])} to {_text(self.bounds[1])})"


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
        Metrics before and after, None if absent, by file and dotted name; the headlines first. The accuracy of
        decisions is left out where both lack it, as all did before labels had thresholds.
    """
    sides = [
        {(path, name): metric for path, values in files.items() for name, metric in _with_decided(values).items()}
        for files in (before, after)
    ]
    present = sides[0].keys() | sides[1].keys()
    headlines = [key for key in HEADLINES if key in present or key[1] != DECIDED]
    return {key: (sides[0].get(key), sides[1].get(key)) for key in [*headlines, *sorted(present - set(HEADLINES))]}


def _with_decided(values: dict[str, Any]) -> dict[str, Metric]:
    """Flat metrics, where `decided` that is null is an accuracy that is null."""
    section, _, name = DECIDED.partition(".")
    return flatten_metrics(values | {section: {name: None}} if values.get(section, "") is None else values)


def metric_rows(pairs: Pairs, intervals: dict[str, str]) -> list[list[str]]:
    """Table rows of the headlines, and of all metrics that differ in the digits shown.

    Parameters
    ----------
    pairs : dict
        What `pair_metrics` returns.
    intervals : dict
        Confidence intervals of the change, as text, by the name of a headline.

    Returns
    -------
    list of list of str
        Cells in Markdown: metric, before, after, change, interval of the change.
    """
    rows = []
    for key, (before, after) in pairs.items():
        cells = [_cell(before), _cell(after)]
        if key in HEADLINES or cells[0] != cells[1]:
            path, name = key
            title = code(f"{path.removeprefix(f'{FOLDER}/').removesuffix('.json')}: {name}")
            change = _change(before, after)
            rows.append([title, *cells, change, intervals.get(name, "") if key in HEADLINES and change else ""])
    return rows


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


def _cell(metric: Metric | None) -> str:
    if metric is None:
        return ""
    return str(metric) if is_number(metric.value) else code(str(metric))


def _change(before: Metric | None, after: Metric | None) -> str:
    if not (before and after and is_number(before.value) and is_number(after.value)):
        return ""
    change = after.value - before.value
    text = f"{change:+d}" if isinstance(change, int) else f"{change:+.4f}"
    return "0" if not float(text) else text


def _text(value: Any) -> str:
    if value is None:
        return "none"  # as of a pair of labels when nothing was confused, or of decisions when nothing is rejected
    if isinstance(value, list):
        return join_words([str(part) for part in value])
    return f"{value:.4f}" if isinstance(value, float) else str(value)

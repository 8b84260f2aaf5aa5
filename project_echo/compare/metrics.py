"""Metrics and parameters of two revisions, side by side."""

import json
import re
from dataclasses import dataclass
from typing import Any

from project_echo.compare import revisions
from project_echo.compare.markdown import code
from project_echo.compare.revisions import Revision

FOLDER = "metrics"
HEADLINES = {
    ("metrics/crossval.json", "accuracy.mean"): "accuracy",
    ("metrics/crossval.json", "macro_f1.pooled"): "macro_f1",
}


@dataclass(frozen=True)
class Metric:
    """A value (None for an interval that has none) and its bounds, if it has any."""

    value: Any
    bounds: tuple[float, float] | None = None

    def __str__(self) -> str:
        around = f"{_number(self.bounds[0])} to {_number(self.bounds[1])}" if self.bounds else ""
        if self.value is None:
            return around
        return f"{_number(self.value)} ({around})" if around else _number(self.value)


Pairs = dict[tuple[str, str], tuple[Metric | None, Metric | None]]


def read(revision: Revision) -> dict[str, dict[str, Any]]:
    """What every file of metrics holds, by path."""
    paths = [path for path in revisions.listed(revision, FOLDER) if path.endswith(".json")]
    return {path: revisions.read_json(revision, path) or {} for path in paths}


def leaves(values: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Nested keys as dotted names: {"a": {"b": 1}} is {"a.b": 1}. A list is one value."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            found |= leaves(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def with_bounds(values: dict[str, Any]) -> dict[str, Metric]:
    """Metrics by dotted name, with their bounds.

    Those of `accuracy.mean` and `macro_f1.pooled` are `accuracy.low` and the like, those of `false_alarms` are in
    `false_alarms_95`, and those of `accuracy` in `wilson_95`. Another interval (`draws_90`) is a metric of its own.
    """
    found = leaves(values)
    bounds: dict[str, tuple[Any, Any]] = {}
    for stem in [name.removesuffix(".low") for name in found if name.endswith(".low")]:
        pair = (found[f"{stem}.low"], found.get(f"{stem}.high"))
        owner = _owner(stem, found)
        if owner and all(map(_is_number, pair)):
            bounds[owner] = pair
            del found[f"{stem}.low"], found[f"{stem}.high"]
    alone = dict.fromkeys(bounds.keys() - found.keys())
    return {name: Metric(value, bounds.get(name)) for name, value in {**found, **alone}.items()}


def _owner(stem: str, found: dict[str, Any]) -> str | None:
    """The metric that `stem`.low and `stem`.high are bounds of; None where they are values of things so called."""
    owners = [f"{stem}.mean", f"{stem}.pooled"]
    if stem.endswith("_95"):
        owners += [stem.removesuffix("_95"), re.sub("wilson_95$", "accuracy", stem)]
    alone = stem if re.search(r"_\d+$", stem) else None
    return next((name for name in owners if _is_number(found.get(name))), alone)


def pairs(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Pairs:
    """Every metric by its file and name, before and after, None where it is not; the headlines first."""
    sides = [
        {(path, name): metric for path, values in files.items() for name, metric in with_bounds(values).items()}
        for files in (before, after)
    ]
    others = sorted((sides[0].keys() | sides[1].keys()) - HEADLINES.keys())
    return {key: (sides[0].get(key), sides[1].get(key)) for key in [*HEADLINES, *others]}


def rows(found: Pairs, intervals: dict[str, str]) -> list[list[str]]:
    """Rows of Markdown cells: metric, before, after, change, interval of the change.

    The headlines, and what reads differently with the digits shown. `intervals` has those of the headlines.
    """
    shown = []
    for key, (before, after) in found.items():
        cells = [_cell(before), _cell(after)]
        if key in HEADLINES or cells[0] != cells[1]:
            name = f"{key[0].removeprefix(f'{FOLDER}/').removesuffix('.json')}: {key[1]}"
            shown.append([code(name), *cells, _change(before, after), intervals.get(HEADLINES.get(key, ""), "")])
    return shown


def changed_values(before: dict[str, Any], after: dict[str, Any]) -> list[list[str]]:
    """Rows of Markdown cells: name, before, after, of the values that differ; empty where there is none."""
    sides = [leaves(before), leaves(after)]
    names = sorted({*sides[0], *sides[1]})
    cells = [[code(name), *(_json(side, name) for side in sides)] for name in names]
    return [row for row in cells if row[1] != row[2]]


def _json(values: dict[str, Any], name: str) -> str:
    return code(json.dumps(values[name], ensure_ascii=False, default=str)) if name in values else ""


def _cell(metric: Metric | None) -> str:
    if metric is None:
        return ""
    return str(metric) if _is_number(metric.value) or metric.bounds else code(str(metric.value))


def _change(before: Metric | None, after: Metric | None) -> str:
    if not (before and after and _is_number(before.value) and _is_number(after.value)):
        return ""
    change = after.value - before.value
    text = f"{change:+d}" if isinstance(change, int) else f"{change:+.4f}"
    return "0" if not float(text) else text


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

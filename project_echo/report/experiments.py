"""Experiments side by side: parameters that differ, and the paired difference of their scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.evaluation import crossval, metrics
from project_echo.report import charts, findings
from project_echo.report.charts import Chart

BEFORE, AFTER = "baseline", "rerun"
PARTS = ("params.yaml", "metrics/crossval.json", "plots/crossval/answers.csv", "plots/history.csv")


@dataclass(frozen=True)
class Experiment:
    """What `make compare` keeps of an experiment."""

    name: str
    params: dict[str, Any]
    crossval: dict[str, Any]
    answers: pd.DataFrame  # draw, clip, source, truth, prediction
    history: pd.DataFrame

    @property
    def labels(self) -> list[str]:
        """The animals."""
        return sorted({*self.answers["truth"], *self.answers["prediction"]})

    @property
    def per_class(self) -> pd.DataFrame:
        """Scores of each label over the answers of all draws."""
        return metrics.per_class(self.answers["truth"].to_numpy(), self.answers["prediction"].to_numpy(), self.labels)

    @property
    def confusion(self) -> np.ndarray:
        """Counts of all draws, shape (labels, labels)."""
        return metrics.confusion(self.answers["truth"].to_numpy(), self.answers["prediction"].to_numpy(), self.labels)


@dataclass(frozen=True)
class Comparison:
    """Two experiments, and what is to be said of them."""

    before: Experiment
    after: Experiment
    params: list[tuple[str, str, str]]  # those that differ: name, before, after
    difference: dict[str, Any]  # crossval.difference
    charts: list[tuple[Chart, Chart]]  # side by side

    @property
    def improvement(self) -> str:
        """Whether the later one is better, in words."""
        return findings.improvement(self.before.name, self.after.name, self.difference)


def read(folder: Path, name: str) -> Experiment:
    """An experiment that `make compare` kept under its name. Raises EchoError if a part of it is missing."""
    place = folder / name
    missing = [path for path in PARTS if not (place / path).is_file()]
    if missing:
        raise EchoError(f"{place} lacks {', '.join(missing)}. Keep the experiments anew: make compare.")
    return Experiment(
        name,
        files.read_yaml(place / PARTS[0]),
        files.read_json(place / PARTS[1]),
        files.read_table(place / PARTS[2]),
        files.read_table(place / PARTS[3]),
    )


def compare(folder: Path, corpus: str) -> Comparison | None:
    """Baseline and rerun, or None where not both are in `folder`, or they had no draw of sources in common.

    None too where they are of another `corpus` (params.yaml's collect.corpus): the report speaks of one.
    """
    if not all((folder / name).is_dir() for name in (BEFORE, AFTER)):
        return None
    before, after = read(folder, BEFORE), read(folder, AFTER)
    if any(one.params["collect"]["corpus"] != corpus for one in (before, after)):
        return None
    if before.labels != after.labels:  # draws of other animals are other draws
        return None
    difference = crossval.difference(before.answers, after.answers, before.labels, seed=1)
    if not difference["draws"]:
        return None
    return Comparison(before, after, list(differing(before.params, after.params)), difference, _charts(before, after))


def differing(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Parameters, section by section, whose values differ: `section.key` and both values."""
    for section in sorted(before.keys() | after.keys()):
        first, second = before.get(section, {}), after.get(section, {})
        for key in sorted(first.keys() | second.keys()):
            if first.get(key) != second.get(key):
                yield f"{section}.{key}", _value(first.get(key)), _value(second.get(key))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _charts(before: Experiment, after: Experiment) -> list[tuple[Chart, Chart]]:
    both = (before, after)
    curves = [charts.history(one.history, f"Loss, {one.name}") for one in both]
    tables = [
        charts.confusion(one.confusion, one.labels, f"Confusion over {one.crossval['draws']} draws, {one.name}")
        for one in both
    ]
    bars = [charts.f1(one.per_class, f"F1 of each label, {one.name}") for one in both]
    return [(curves[0], curves[1]), (tables[0], tables[1]), (bars[0], bars[1])]

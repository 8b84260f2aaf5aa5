"""Two experiments side by side: parameters that differ, and the paired difference of their scores."""

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
PARAMS, CROSSVAL, PREDICTIONS, HISTORY = FILES = (
    "params.yaml",
    "metrics/crossval.json",
    "plots/crossval/predictions.csv",
    "plots/history.csv",
)


@dataclass(frozen=True)
class Experiment:
    """The results of an experiment that `make compare` wrote."""

    name: str
    params: dict[str, Any]
    crossval: dict[str, Any]  # metrics/crossval.json
    predictions: pd.DataFrame  # draw, clip, source, truth, prediction
    history: pd.DataFrame

    @property
    def labels(self) -> list[str]:
        """The animals, sorted."""
        return sorted({*self.predictions["truth"], *self.predictions["prediction"]})

    @property
    def per_class(self) -> pd.DataFrame:
        """Scores of each label over the predictions of all draws."""
        return metrics.per_class(*self._truth_and_prediction(), self.labels)

    @property
    def confusion(self) -> np.ndarray:
        """Confusion counts of all draws, shape (labels, labels)."""
        return metrics.confusion(*self._truth_and_prediction(), self.labels)

    def _truth_and_prediction(self) -> tuple[np.ndarray, np.ndarray]:
        return self.predictions["truth"].to_numpy(), self.predictions["prediction"].to_numpy()


@dataclass(frozen=True)
class Comparison:
    """Two experiments and how they differ."""

    before: Experiment
    after: Experiment
    params: list[tuple[str, str, str]]  # parameters that differ: name, before, after
    difference: dict[str, Any]  # of crossval.paired_difference
    charts: list[tuple[Chart, Chart]]  # side by side

    @property
    def improvement(self) -> str:
        """A sentence on whether the later experiment is better."""
        return findings.improvement(self.before.name, self.after.name, self.difference)


def read_experiment(folder: Path) -> Experiment:
    """Read the results that `make compare` wrote into a folder named after the experiment.

    Raises
    ------
    EchoError
        If a file is missing.
    """
    if missing := [path for path in FILES if not (folder / path).is_file()]:
        raise EchoError(f"{folder} lacks {', '.join(missing)}. Write the experiments again: make compare.")
    return Experiment(
        folder.name,
        files.read_yaml(folder / PARAMS),
        files.read_json(folder / CROSSVAL),
        files.read_table(folder / PREDICTIONS),
        files.read_table(folder / HISTORY),
    )


def compare_experiments(folder: Path, corpus: str) -> Comparison | None:
    """Compare baseline and rerun.

    Parameters
    ----------
    folder : Path
        Contains a folder per experiment.
    corpus : str
        The corpus of the report (`collect.corpus` in params.yaml).

    Returns
    -------
    Comparison or None
        None if one of the two is missing, if one is of another corpus or has other labels, or if they have no draw of
        sources in common.

    Raises
    ------
    EchoError
        If an experiment lacks a file.
    """
    if not all((folder / name).is_dir() for name in (BEFORE, AFTER)):
        return None
    before, after = (read_experiment(folder / name) for name in (BEFORE, AFTER))
    if any(experiment.params["collect"]["corpus"] != corpus for experiment in (before, after)):
        return None
    if before.labels != after.labels:  # draws of other animals are not the same draws
        return None
    difference = crossval.paired_difference(before.predictions, after.predictions, before.labels, seed=1)
    if not difference["draws"]:
        return None
    params = list(differing_params(before.params, after.params))
    return Comparison(before, after, params, difference, _charts(before, after))


def differing_params(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Parameters whose values differ, sorted: `section.key` and both values as text."""
    for section in sorted(before.keys() | after.keys()):
        first, second = before.get(section, {}), after.get(section, {})
        for key in sorted(first.keys() | second.keys()):
            if first.get(key) != second.get(key):
                yield f"{section}.{key}", _text(first.get(key)), _text(second.get(key))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _charts(before: Experiment, after: Experiment) -> list[tuple[Chart, Chart]]:
    first, second = (
        [
            charts.training_history(experiment.history, f"Loss, {experiment.name}"),
            charts.confusion(
                experiment.confusion,
                experiment.labels,
                f"Confusion over {findings.count(experiment.crossval['draws'], 'draw')}, {experiment.name}",
            ),
            charts.f1_scores(experiment.per_class, f"F1 of each label, {experiment.name}"),
        ]
        for experiment in (before, after)
    )
    return list(zip(first, second, strict=True))

"""Results of an experiment, as `make compare` keeps them in a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import sorted_labels
from project_echo.evaluation import metrics

PARAMS, CROSSVAL, PREDICTIONS, HISTORY = FILES = (
    "params.yaml",
    "metrics/crossval.json",
    "plots/crossval/predictions.csv",
    "plots/history.csv",
)
REMEDY = "Write the experiments again: make compare."


@dataclass(frozen=True)
class Experiment:
    """The results of an experiment."""

    name: str
    params: dict[str, Any]
    crossval: dict[str, Any]  # metrics/crossval.json
    predictions: pd.DataFrame  # evaluation.predictions.POOLED_COLUMNS
    history: pd.DataFrame

    @property
    def labels(self) -> list[str]:
        """The labels that are scored, sorted."""
        return sorted_labels([*{*self.predictions["truth"], *self.predictions["prediction"]}])

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


def read_corpus(folder: Path) -> str | None:
    """Read which corpus an experiment was run with.

    Parameters
    ----------
    folder : Path
        Folder of the experiment.

    Returns
    -------
    str or None
        `collect.corpus` of its params.yaml; None if the experiment or the parameter is missing.

    Raises
    ------
    EchoError
        If params.yaml is not readable.
    """
    if not (folder / PARAMS).is_file():
        return None
    section = files.read_yaml(folder / PARAMS).get("collect")
    return section.get("corpus") if isinstance(section, dict) else None


def read_experiment(folder: Path) -> Experiment:
    """Read the results of an experiment.

    Parameters
    ----------
    folder : Path
        Folder of the experiment, which has its name.

    Returns
    -------
    Experiment

    Raises
    ------
    EchoError
        If a file is missing or not readable.
    """
    if missing := [path for path in FILES if not (folder / path).is_file()]:
        raise EchoError(f"{folder} lacks {', '.join(missing)}. {REMEDY}")
    return Experiment(
        folder.name,
        files.read_yaml(folder / PARAMS),
        files.read_json(folder / CROSSVAL, REMEDY),
        files.read_table(folder / PREDICTIONS, REMEDY),
        files.read_table(folder / HISTORY, REMEDY),
    )

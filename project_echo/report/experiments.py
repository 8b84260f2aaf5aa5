"""Results of an experiment, as `make compare` keeps them in a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import sorted_labels
from project_echo.core.tables import read_table

PARAMS, CROSSVAL, PREDICTIONS, DECIDED, CURVE, HISTORY = FILES = (
    "params.yaml",
    "metrics/crossval.json",
    "plots/crossval/predictions.csv",
    "plots/crossval/decided.csv",
    "plots/crossval/curve.csv",
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
    decided: pd.DataFrame  # the same columns and `kind`, with `none`: decisions by thresholds, of background as well
    curve: pd.DataFrame  # learning curve: train, accuracy, low, high
    history: pd.DataFrame

    @property
    def labels(self) -> list[str]:
        """The labels that are scored, sorted."""
        return sorted_labels([*{*self.predictions["truth"], *self.predictions["prediction"]}])

    @property
    def has_thresholds(self) -> bool:
        """Whether its classifier may answer `none`, and has an accuracy of decisions by thresholds."""
        return bool(self.crossval.get("decided"))


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
        *(read_table(folder / path, REMEDY) for path in (PREDICTIONS, DECIDED, CURVE, HISTORY)),
    )

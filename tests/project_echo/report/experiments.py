"""Experiments as `make compare` keeps them, with predictions whose scores are known."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from project_echo.core import files
from project_echo.core.tables import write_table
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report import experiments

CORPUS = "corpora/demo.yaml"


def write_experiment(
    folder: Path, params: dict[str, Any], n_errors: int, draws: int = 4, epochs: int = 2, thresholds: bool = False
) -> None:
    """An experiment with ten sources of fox and of toad; `n_errors` foxes are predicted as toads in every draw.

    With thresholds, those foxes are none, and there are ten sources of background, of which one is taken for a fox.
    """
    rows = [
        (draw, f"{label}-{n}", f"{label}-{n}", label, "toad" if label == "fox" and n < n_errors else label)
        for draw in range(draws)
        for label in ("fox", "toad")
        for n in range(10)
    ]
    pooled = pd.DataFrame(rows, columns=POOLED_COLUMNS)
    decided = pooled.assign(kind=pooled["truth"])
    crossval: dict[str, Any] = {"draws": draws, "accuracy": {"value": 1 - n_errors / 20, "low": 0.0, "high": 1.0}}
    if thresholds:
        decided.loc[decided["truth"] != decided["prediction"], "prediction"] = "none"
        background = [
            (d, f"rain-{n}", f"rain-{n}", "none", "none" if n else "fox") for d in range(draws) for n in range(10)
        ]
        decided = pd.concat([decided, pd.DataFrame(background, columns=POOLED_COLUMNS).assign(kind="rain")])
        crossval["decided"] = {"accuracy": crossval["accuracy"]}
    history = pd.DataFrame(
        {
            "epoch": range(1, epochs + 1),
            "loss": 1.0,
            "val_loss": [1 - 0.3 * epoch for epoch in range(epochs)],
            "accuracy": 1.0,
            "val_accuracy": 0.75,
        }
    )
    curve = pd.DataFrame({"train": [1, 9], "accuracy": [0.5, 0.75], "low": [0.4, 0.7], "high": [0.6, 0.8]})
    files.write_text(yaml.safe_dump({"collect": {"corpus": CORPUS}, **params}), folder / experiments.PARAMS)
    files.write_json(crossval, folder / experiments.CROSSVAL)
    write_table(pooled, folder / experiments.PREDICTIONS)
    write_table(decided, folder / experiments.DECIDED)
    write_table(curve, folder / experiments.CURVE)
    write_table(history, folder / experiments.HISTORY)

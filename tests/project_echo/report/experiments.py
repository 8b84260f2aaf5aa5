"""Experiments as `make compare` keeps them, with predictions whose scores are known."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from project_echo.core import files
from project_echo.evaluation.predictions import POOLED_COLUMNS
from project_echo.report import experiments

CORPUS = "corpora/demo.yaml"


def write_experiment(folder: Path, params: dict[str, Any], n_errors: int, draws: int = 4) -> None:
    """An experiment with ten sources of fox and of toad; `n_errors` foxes are predicted as toads in every draw."""
    rows = [
        (draw, f"{label}-{n}", f"{label}-{n}", label, "toad" if label == "fox" and n < n_errors else label)
        for draw in range(draws)
        for label in ("fox", "toad")
        for n in range(10)
    ]
    history = pd.DataFrame(
        {"epoch": [1, 2], "loss": [1.0, 0.5], "val_loss": [1.0, 0.7], "accuracy": 1, "val_accuracy": 1}
    )
    files.write_text(yaml.safe_dump({"collect": {"corpus": CORPUS}, **params}), folder / experiments.PARAMS)
    files.write_json({"draws": draws}, folder / experiments.CROSSVAL)
    files.write_table(pd.DataFrame(rows, columns=POOLED_COLUMNS), folder / experiments.PREDICTIONS)
    files.write_table(history, folder / experiments.HISTORY)

"""Two experiments side by side."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.report import experiments

CORPUS = "corpora/demo.yaml"


def write_experiment(folder: Path, params: dict[str, Any], wrong: int, draws: int = 4) -> None:
    """An experiment with ten sources of fox and of toad; so many foxes are predicted as toads in every draw."""
    rows = [
        (draw, f"{label}-{n}", f"{label}-{n}", label, "toad" if label == "fox" and n < wrong else label)
        for draw in range(draws)
        for label in ("fox", "toad")
        for n in range(10)
    ]
    predictions = pd.DataFrame(rows, columns=["draw", "clip", "source", "truth", "prediction"])
    history = pd.DataFrame(
        {"epoch": [1, 2], "loss": [1.0, 0.5], "val_loss": [1.0, 0.7], "accuracy": 1, "val_accuracy": 1}
    )
    files.write_text(yaml.safe_dump({"collect": {"corpus": CORPUS}, **params}), folder / experiments.PARAMS)
    files.write_json({"draws": draws}, folder / experiments.CROSSVAL)
    files.write_table(predictions, folder / experiments.PREDICTIONS)
    files.write_table(history, folder / experiments.HISTORY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, params, wrong in (
        ("baseline", {"train": {"head": "dense", "C": 1}, "embed": {"blocks": ["last"]}}, 5),
        ("rerun", {"train": {"head": "logistic", "C": 1}, "embed": {"blocks": [6, "last"]}}, 1),
    ):
        write_experiment(tmp_path / name, params, wrong)
    return tmp_path


def test_parameters_that_differ_and_the_paired_difference(folder: Path) -> None:
    comparison = experiments.compare_experiments(folder, CORPUS)
    assert comparison
    assert comparison.params == [("embed.blocks", "last", "6, last"), ("train.head", "dense", "logistic")]
    accuracy = comparison.difference["accuracy"]
    assert (accuracy["before"], accuracy["after"]) == (0.75, 0.95)
    assert accuracy["value"] == pytest.approx(0.2)
    assert accuracy["low"] > 0
    assert comparison.before.confusion.tolist() == [[20, 20], [0, 40]]
    assert [[chart.title.rsplit(", ", 1)[1] for chart in pair] for pair in comparison.charts] == [
        ["baseline", "rerun"]
    ] * 3


def test_without_both_experiments_or_a_draw_in_common_there_is_no_comparison(folder: Path) -> None:
    path = folder / "rerun" / experiments.PREDICTIONS
    files.write_table(files.read_table(path).assign(draw=99), path)
    assert experiments.compare_experiments(folder, CORPUS) is None
    files.write_table(files.read_table(path).assign(draw=0, truth="owl", prediction="owl"), path)
    assert experiments.compare_experiments(folder, CORPUS) is None
    (folder / "baseline").rename(folder / "another")
    assert experiments.compare_experiments(folder, CORPUS) is None


def test_a_missing_file_of_an_experiment_is_named(folder: Path) -> None:
    (folder / "rerun" / experiments.HISTORY).unlink()
    with pytest.raises(EchoError, match=rf"rerun.*{experiments.HISTORY}"):
        experiments.compare_experiments(folder, CORPUS)


def test_experiments_with_another_corpus_are_not_compared(folder: Path) -> None:
    assert experiments.compare_experiments(folder, CORPUS)
    assert experiments.compare_experiments(folder, "my/recordings") is None

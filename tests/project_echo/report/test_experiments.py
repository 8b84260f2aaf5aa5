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


def keep(folder: Path, params: dict[str, Any], wrong: int, draws: int = 4) -> None:
    """An experiment of fox and toad, ten sources each, of which so many foxes are taken for toads in every draw."""
    rows = [
        (draw, f"{label}-{n}", f"{label}-{n}", label, "toad" if label == "fox" and n < wrong else label)
        for draw in range(draws)
        for label in ("fox", "toad")
        for n in range(10)
    ]
    answers = pd.DataFrame(rows, columns=["draw", "clip", "source", "truth", "prediction"])
    history = pd.DataFrame(
        {"epoch": [1, 2], "loss": [1.0, 0.5], "val_loss": [1.0, 0.7], "accuracy": 1, "val_accuracy": 1}
    )
    files.write_text(yaml.safe_dump({"collect": {"corpus": CORPUS}, **params}), folder / "params.yaml")
    files.write_json({"draws": draws}, folder / "metrics" / "crossval.json")
    files.write_table(answers, folder / "plots" / "crossval" / "answers.csv")
    files.write_table(history, folder / "plots" / "history.csv")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    keep(tmp_path / "baseline", {"train": {"head": "dense", "C": 1}, "embed": {"blocks": ["last"]}}, wrong=5)
    keep(tmp_path / "rerun", {"train": {"head": "logistic", "C": 1}, "embed": {"blocks": [6, "last"]}}, wrong=1)
    return tmp_path


def test_what_differs_is_told_and_nothing_else(kept: Path) -> None:
    comparison = experiments.compare(kept, CORPUS)
    assert comparison
    assert comparison.params == [("embed.blocks", "last", "6, last"), ("train.head", "dense", "logistic")]
    accuracy = comparison.difference["accuracy"]
    assert (accuracy["before"], accuracy["after"]) == (0.75, 0.95)
    assert accuracy["low"] > 0
    assert comparison.before.confusion.tolist() == [[20, 20], [0, 40]]
    assert "Of 2 epochs number 2" in comparison.charts[0][0].says


def test_both_are_needed_and_a_draw_in_common(kept: Path) -> None:
    answers = kept / "rerun" / "plots" / "crossval" / "answers.csv"
    files.write_table(files.read_table(answers).assign(draw=99), answers)
    assert experiments.compare(kept, CORPUS) is None
    files.write_table(files.read_table(answers).assign(draw=0, truth="owl", prediction="owl"), answers)
    assert experiments.compare(kept, CORPUS) is None
    (kept / "baseline").rename(kept / "another")
    assert experiments.compare(kept, CORPUS) is None


def test_half_an_experiment_says_what_to_do(kept: Path) -> None:
    (kept / "rerun" / "plots" / "history.csv").unlink()
    with pytest.raises(EchoError, match=r"rerun lacks plots/history\.csv.*make compare"):
        experiments.compare(kept, CORPUS)


def test_experiments_of_another_corpus_are_not_shown(kept: Path) -> None:
    assert experiments.compare(kept, CORPUS)
    assert experiments.compare(kept, "my/recordings") is None

"""Baseline and rerun side by side."""

from pathlib import Path

import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.report import experiments
from project_echo.report.comparison import compare_experiments
from tests.project_echo.report.experiments import CORPUS, write_experiment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, params, n_errors in (
        ("baseline", {"train": {"head": "dense", "C": 1}, "embed": {"blocks": ["last"]}}, 5),
        ("rerun", {"train": {"head": "logistic", "C": 1}, "embed": {"blocks": [6, "last"]}}, 1),
    ):
        write_experiment(tmp_path / name, params, n_errors)
    return tmp_path


def test_parameters_that_differ_and_the_paired_difference(folder: Path) -> None:
    comparison = compare_experiments(folder, CORPUS)
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
    assert compare_experiments(folder, CORPUS) is None
    files.write_table(files.read_table(path).assign(draw=0, truth="owl", prediction="owl"), path)
    assert compare_experiments(folder, CORPUS) is None
    (folder / "baseline").rename(folder / "another")
    assert compare_experiments(folder, CORPUS) is None


def test_a_missing_file_of_an_experiment_is_named(folder: Path) -> None:
    (folder / "rerun" / experiments.HISTORY).unlink()
    with pytest.raises(EchoError, match=rf"rerun.*{experiments.HISTORY}"):
        compare_experiments(folder, CORPUS)


def test_experiments_with_another_corpus_are_not_compared_whatever_files_they_have(folder: Path) -> None:
    assert compare_experiments(folder, CORPUS)
    for path in experiments.FILES[1:]:
        (folder / "rerun" / path).unlink()
    for params in ("collect: {corpus: my/recordings}", "collect: demo", "train: {}"):
        files.write_text(params, folder / "rerun" / experiments.PARAMS)
        assert compare_experiments(folder, CORPUS) is None

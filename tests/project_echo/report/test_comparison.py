"""First run and rerun side by side."""

from pathlib import Path
from typing import Any

import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table, write_table
from project_echo.report import experiments
from project_echo.report.comparison import NOT_SET, compare_experiments, differing_params
from tests.project_echo.report.experiments import CORPUS, write_experiment
from tests.project_echo.report.figures import hovers, texts

FIRST: dict[str, Any] = {"train": {"head": "dense", "C": 1}, "embed": {"blocks": ["last"]}}
SECOND: dict[str, Any] = {"train": {"head": "logistic", "C": 1}, "embed": {"blocks": [6, "last"]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_experiment(tmp_path / "baseline", FIRST, 5)
    write_experiment(tmp_path / "rerun", SECOND, 1, draws=6, epochs=1, thresholds=True)
    return tmp_path


def test_parameters_that_differ_and_the_paired_difference_on_the_draws_of_both(folder: Path) -> None:
    comparison = compare_experiments(folder, CORPUS)
    assert comparison
    assert comparison.params == [("embed.blocks", "last", "6, last"), ("train.head", "dense", "logistic")]
    change = comparison.difference
    assert (change.before, change.after) == (0.75, 0.95)
    assert change.value == pytest.approx(0.2)
    assert change.low > 0
    assert change.differing == 4
    assert comparison.draws == 4


def test_a_section_may_be_empty_missing_or_a_value_by_itself() -> None:
    first = {"embed": None, "seed": 1, "train": {"C": 1, "head": None}, "split": {"train": 9}}
    second = {"embed": {"slices": 7}, "seed": {"split": 2}, "train": {"C": 1}, "split": 5}
    assert list(differing_params(first, second)) == [
        ("embed.slices", NOT_SET, "7"),
        ("seed", "1", NOT_SET),
        ("seed.split", NOT_SET, "2"),
        ("split", NOT_SET, "5"),
        ("split.train", "9", NOT_SET),
    ]
    assert list(differing_params(first, first)) == []


def test_both_runs_are_in_one_chart_of_all_labels_and_each_by_the_measure_of_the_difference(folder: Path) -> None:
    comparison = compare_experiments(folder, CORPUS)
    assert comparison
    table = comparison.scores.table
    assert list(table["label"]) == ["all labels", "fox", "toad"] * 2
    assert list(table["series"]) == ["first run"] * 3 + ["rerun"] * 3
    assert list(table["value"]) == pytest.approx([0.75, 0.5, 1, 0.95, 0.9, 1])
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    change = comparison.difference
    assert list(table["value"][table["label"] == "all labels"]) == [change.before, change.after]
    assert comparison.measure == "accuracy among animals"
    assert comparison.measure in comparison.scores.summary.lower()
    assert {"first run", "rerun", "50%", "90%"} <= set(texts(comparison.scores))


def test_a_head_with_epochs_has_training_curves_and_one_without_a_learning_curve(folder: Path) -> None:
    comparison = compare_experiments(folder, CORPUS)
    assert comparison
    (first, second), _ = comparison.charts
    assert list(first.table["epoch"]) == [1, 2]
    assert {"loss", "accuracy", "training", "validation"} <= set(texts(first))
    assert list(second.table["train"]) == [1, 9]
    assert "logistic" in second.summary


def test_confusions_are_of_the_draws_of_both_and_have_none_where_it_can_be_answered(folder: Path) -> None:
    comparison = compare_experiments(folder, CORPUS)
    assert comparison
    _, (first, second) = comparison.charts
    assert list(first.table["true"]) == ["fox", "toad"]
    assert first.table[["fox", "toad"]].to_numpy().tolist() == [[20, 20], [0, 40]]
    assert "none" in first.summary
    assert list(second.table["true"]) == ["fox", "toad", "none"]
    assert second.table[["fox", "toad", "none"]].to_numpy().tolist() == [[36, 0, 4], [0, 40, 0], [4, 0, 36]]
    assert "fox, predicted none: 4 of 40" in hovers(second)


def test_two_runs_with_thresholds_are_compared_by_their_decisions(tmp_path: Path) -> None:
    for name, n_errors in (("baseline", 5), ("rerun", 1)):
        write_experiment(tmp_path / name, SECOND, n_errors, thresholds=True)
        path = tmp_path / name / experiments.PREDICTIONS
        table = read_table(path)
        write_table(table.assign(prediction=table["truth"]), path)  # without thresholds both are always right
    comparison = compare_experiments(tmp_path, CORPUS)
    assert comparison
    assert (comparison.difference.before, comparison.difference.after) == (0.75, 0.95)
    assert "thresholds" in comparison.measure
    assert comparison.scores.table["value"].iloc[0] == 0.75


def test_without_both_experiments_or_a_draw_in_common_there_is_no_comparison(folder: Path) -> None:
    path = folder / "rerun" / experiments.PREDICTIONS
    write_table(read_table(path).assign(draw=99), path)
    assert compare_experiments(folder, CORPUS) is None
    write_table(read_table(path).assign(draw=0, truth="owl", prediction="owl"), path)
    assert compare_experiments(folder, CORPUS) is None
    (folder / "baseline").rename(folder / "another")
    assert compare_experiments(folder, CORPUS) is None


@pytest.mark.parametrize("name", [experiments.HISTORY, experiments.DECIDED])
def test_a_missing_file_of_an_experiment_is_named(folder: Path, name: str) -> None:
    (folder / "rerun" / name).unlink()
    with pytest.raises(EchoError, match=rf"rerun.*{name}"):
        compare_experiments(folder, CORPUS)


def test_experiments_with_another_corpus_are_not_compared_whatever_files_they_have(folder: Path) -> None:
    assert compare_experiments(folder, CORPUS)
    for path in experiments.FILES[1:]:
        (folder / "rerun" / path).unlink()
    for params in ("collect: {corpus: my/recordings}", "collect: demo", "train: {}"):
        files.write_text(params, folder / "rerun" / experiments.PARAMS)
        assert compare_experiments(folder, CORPUS) is None

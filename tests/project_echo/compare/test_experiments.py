"""Two experiments compared at the command line, and their results kept."""

import sys
from pathlib import Path

import pytest

from project_echo.compare import experiments
from project_echo.report.experiments import PREDICTIONS
from tests.repositories import Repository


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["experiments", *arguments])
    experiments.main()


def commit_experiment(repository: Repository, name: str, n_errors: int) -> None:
    """Commit a branch with the results of an experiment in which `n_errors` clips of owls are predicted as frogs."""
    repository.git("switch", "--quiet", "--create", name)
    repository.write("params.yaml", f"train: {{wrong: {n_errors}}}")
    for path in experiments.KEPT_FILES[1:]:
        repository.write(path, f"{path} of {name}")
    clips = [(animal, number) for animal in ("owl", "frog") for number in range(10)]
    rows = [
        f"0,{animal}-{number},{animal}-{number},{animal},{'frog' if animal == 'owl' and number < n_errors else animal}"
        for animal, number in clips
    ]
    repository.write(PREDICTIONS, "\n".join(["draw,clip,source,truth,prediction", *rows, ""]))
    repository.commit(name)


@pytest.fixture(scope="module")
def committed(first_run: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repository = first_run.copy(tmp_path_factory.mktemp("committed") / "repository")
    commit_experiment(repository, "baseline", 8)
    commit_experiment(repository, "rerun", 2)
    return repository


@pytest.fixture
def two_experiments(committed: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy, which is the working folder, with the branches baseline and rerun; rerun is checked out."""
    return committed.copy(tmp_path / "repository").enter(monkeypatch)


@pytest.mark.usefixtures("two_experiments")
def test_the_table_shows_both_scores_and_their_paired_difference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "baseline", "rerun")
    lines = capsys.readouterr().out.splitlines()
    assert "1 draw " in lines[0]
    assert lines[2].startswith("|  | baseline | rerun |")
    assert lines[4].startswith("| accuracy | 0.600 | 0.900 | +0.300 | +0.")
    assert lines[5].startswith("| macro F1 | 0.5")
    assert not Path("experiments").exists()


def test_keep_writes_the_results_of_both_and_leaves_other_experiments_alone(
    two_experiments: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_experiments.write("experiments/baseline-esc50/params.yaml", "of another corpus")
    two_experiments.write("experiments/rerun/old.csv", "of the previous run")
    run(monkeypatch, "baseline", "rerun", "--keep", "experiments")
    kept = Path("experiments/baseline")
    paths = sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file())
    assert paths == sorted(experiments.KEPT_FILES)
    assert {path: (kept / path).read_text() for path in paths} == {
        path: two_experiments.git("show", f"baseline:{path}") for path in paths
    }
    assert Path("experiments/rerun/params.yaml").read_text() == "train: {wrong: 2}"
    assert not Path("experiments/rerun/old.csv").exists()
    assert Path("experiments/baseline-esc50/params.yaml").read_text() == "of another corpus"
    assert not Path("experiments/rerun-esc50").exists()


def test_if_a_file_is_missing_it_is_named_and_nothing_is_written(
    two_experiments: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_experiments.git("rm", "--quiet", "plots/history.csv")
    two_experiments.commit("without history")
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, "baseline", "rerun", "--keep", "experiments")
    message = str(exit_info.value.code)
    assert "rerun" in message
    assert "plots/history.csv" in message
    assert not Path("experiments").exists()


@pytest.mark.usefixtures("repository")
def test_an_experiment_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*\bbaseline\b"):
        run(monkeypatch, "baseline", "rerun")


def test_experiments_with_other_animals_have_no_draw_in_common(
    two_experiments: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions = two_experiments.read(PREDICTIONS)
    two_experiments.write(PREDICTIONS, f"{predictions}0,boar-1,boar-1,boar,boar\n")
    two_experiments.commit("boars as well")
    with pytest.raises(SystemExit, match=r"^error: baseline and rerun .*draw"):
        run(monkeypatch, "baseline", "rerun")

import sys
from pathlib import Path

import pytest

from project_echo.compare import experiments
from tests.repositories import Repository


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["experiments", *arguments])
    experiments.main()


def branch(repository: Repository, name: str, wrong: int) -> None:
    """A commit as an experiment leaves it, with so many clips of owls taken for frogs."""
    repository.git("switch", "--quiet", "--create", name)
    repository.write("params.yaml", f"train: {{wrong: {wrong}}}")
    for path in experiments.KEPT[1:]:
        repository.write(path, f"{path} of {name}")
    rows = [f"0,{animal}-{i},{animal}-{i},{animal}" for animal in ("owl", "frog") for i in range(10)]
    answers = [f"{row},{'frog' if i < wrong else row.rsplit(',')[-1]}" for i, row in enumerate(rows)]
    repository.write("plots/crossval/answers.csv", "\n".join(["draw,clip,source,truth,prediction", *answers, ""]))
    repository.commit(name)


def test_the_difference_is_paired_on_the_draws_of_both(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    branch(repository, "baseline", 8)
    branch(repository, "rerun", 2)
    run(monkeypatch, "baseline", "rerun")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The same 1 draws of sources"
    assert lines[2] == "|  | baseline | rerun | difference | 95 % interval |"
    assert lines[4].startswith("| accuracy | 0.600 | 0.900 | +0.300 | +0.")
    assert lines[5].startswith("| macro F1 | 0.5")
    assert not Path("experiments").exists()


def test_both_are_kept_as_they_are_in_folders_of_their_names(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch(repository, "baseline-esc50", 8)
    branch(repository, "rerun-esc50", 2)
    repository.write("experiments/baseline/params.yaml", "of another run")
    repository.write("experiments/rerun-esc50/old.csv", "of the run before")
    run(monkeypatch, "baseline-esc50", "rerun-esc50", "--keep", "experiments")
    kept = Path("experiments/baseline-esc50")
    assert sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()) == sorted(experiments.KEPT)
    for path in experiments.KEPT:
        assert (kept / path).read_text() == repository.git("show", f"baseline-esc50:{path}")
    assert not Path("experiments/rerun-esc50/old.csv").exists()
    assert Path("experiments/baseline/params.yaml").read_text() == "of another run"
    assert not Path("experiments/rerun").exists()


def test_nothing_is_kept_where_one_lacks_a_file(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    branch(repository, "baseline", 8)
    branch(repository, "rerun", 2)
    repository.git("rm", "--quiet", "plots/history.csv")
    repository.commit("one less")
    with pytest.raises(SystemExit, match=r"error: rerun has no plots/history.csv. Run the experiment anew"):
        run(monkeypatch, "baseline", "rerun", "--keep", "experiments")
    assert not Path("experiments").exists()


def test_an_experiment_that_was_not_run_is_named(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"error: baseline is no commit, branch or experiment here"):
        run(monkeypatch, "baseline", "rerun")


def test_experiments_of_other_animals_have_no_draw_in_common(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch(repository, "baseline", 8)
    branch(repository, "rerun", 2)
    answers = (repository.folder / "plots/crossval/answers.csv").read_text()
    repository.write("plots/crossval/answers.csv", f"{answers}0,boar-1,boar-1,boar,boar\n")
    repository.commit("boars as well")
    with pytest.raises(SystemExit, match=r"error: baseline and rerun have no draw in common"):
        run(monkeypatch, "baseline", "rerun")

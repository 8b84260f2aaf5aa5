"""Plots of two commits."""

import pytest

from project_echo.compare import plots, revisions
from tests.repositories import Repository

CURVE = "plots/crossval/same"


def changed() -> list[str]:
    return plots.changed_plots(revisions.find("main"), revisions.find("HEAD"))


def test_a_plot_changes_with_its_numbers(repository: Repository) -> None:
    repository.write(f"{CURVE}.csv", "label,x\na,1\nb,\n")
    repository.commit("numbers")
    repository.git("branch", "--force", "main")
    repository.write(f"{CURVE}.png", "drawn in another style")
    repository.commit("style")
    assert changed() == []
    repository.write(f"{CURVE}.csv", "label,x\na,1.0\nb,\n")
    repository.commit("the same numbers")
    assert changed() == []
    repository.write(f"{CURVE}.csv", "label,x\na,1.5\nb,\n")
    repository.commit("other numbers")
    assert changed() == [f"{CURVE}.png"]
    repository.write(f"{CURVE}.csv", "label,x\nc,1\nb,\n")
    repository.commit("another label")
    assert changed() == [f"{CURVE}.png"]
    repository.git("rm", "--quiet", f"{CURVE}.csv")
    repository.commit("no numbers")
    assert changed() == [f"{CURVE}.png"]


def test_numbers_that_only_one_commit_has_and_unknown_ones_count(repository: Repository) -> None:
    repository.write("plots/field/a.csv", "x\n1\n")
    repository.write("plots/field/a.png", "an image")
    repository.write("plots/crossval/unknown.png", "an image")
    repository.commit("new plots")
    assert changed() == ["plots/field/a.png", "plots/crossval/unknown.png"]


@pytest.mark.parametrize(("digest", "paths"), [("1", []), ("2", ["plots/unseen/fox.mp4.png"])])
def test_numbers_that_dvc_has_are_compared_in_its_lock(repository: Repository, digest: str, paths: list[str]) -> None:
    for branch, of_branch, image in (("main", "1", "an image"), ("branch", digest, "another")):
        lock = f"stages: {{infer: {{outs: [{{path: data/predictions, md5: '{of_branch}'}}]}}}}"
        repository.write("dvc.lock", lock)
        repository.write("plots/unseen/fox.mp4.png", image)
        repository.commit(branch)
        if branch == "main":
            repository.git("branch", "--force", "main")
    assert changed() == paths


def test_tables_that_hold_numbers_of_other_plots() -> None:
    tables = {"plots/crossval/confusion.csv", "plots/history.csv"}
    assert plots.numbers_of("plots/evaluate/history.png", tables) == ["plots/history.csv"]
    assert plots.numbers_of("plots/why/example.png", set())[0] == "models/classifier"
    assert plots.numbers_of("plots/crossval/other.png", tables) == ["plots/crossval/other.png"]


def test_a_plot_of_one_side_has_one_image_and_of_many_plots_the_first_are_shown(repository: Repository) -> None:
    repository.git("rm", "--quiet", "plots/crossval/same.png")
    for number in range(plots.MAX_PLOTS + 2):
        repository.write(f"plots/unseen/{number:03}.png", "an image")
    repository.commit("many plots")
    before, after = revisions.find("main"), revisions.find("HEAD")
    lines = plots.plot_table(before, after, changed(), lambda revision, path: f"{revision.name}/{path}").splitlines()
    assert lines[2] == "| `plots/crossval/same.png` | ![before](main/plots/crossval/same.png) |  |"
    assert lines[3] == "| `plots/unseen/000.png` |  | ![after](HEAD/plots/unseen/000.png) |"
    assert len(lines) == 2 + plots.MAX_PLOTS + 2
    assert lines[-1].startswith("3 more plots")

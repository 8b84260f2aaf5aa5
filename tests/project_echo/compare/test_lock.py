import shutil

import pytest

from project_echo.compare import lock
from project_echo.core.errors import EchoError
from tests.repositories import Repository


def test_a_clone_without_data_is_not_stale(clone: Repository) -> None:
    assert not (clone.folder / "data/drawn.txt").exists()
    assert lock.stale() == ""


def test_in_a_clone_without_data_every_file_and_parameter_that_differs_is_named(clone: Repository) -> None:
    clone.replace("score.py", "import json", "# a comment\nimport json")
    clone.replace("params.yaml", "wrong: 1, a|b: '<x>'", "wrong: 2")
    clone.replace("metrics/crossval.json", '"draws": 2', '"draws": 3')
    clone.replace("plots/crossval/same.png", "an image", "another")
    differs = [
        "`score.py` is modified (`score`)",
        "`params.yaml: train.wrong` is modified (`score`)",
        "`params.yaml: train.a\\|b` is removed (`score`)",
        "`metrics/crossval.json` is modified (`score`)",
        "`plots` is modified (`score`)",
    ]
    said = (
        lock.stale()
        .removeprefix("dvc.lock is stale: ")
        .removesuffix(". Run `dvc repro`, and commit dvc.lock, metrics/ and plots/.")
    )
    assert sorted(said.split("; ")) == sorted(differs)


def test_another_command_or_dependency_differs(clone: Repository) -> None:
    clone.replace("dvc.yaml", "python draw.py", "python  draw.py")
    clone.replace("dvc.yaml", "deps: [score.py, data/drawn.txt]", "deps: [score.py, data/drawn.txt, draw.py]")
    assert lock.stale().startswith(
        "dvc.lock is stale: a changed command (`draw`); `draw.py` is modified (`score`). Run"
    )


def test_what_git_should_have_counts_where_it_is_not_there(clone: Repository) -> None:
    (clone.folder / "draw.py").unlink()
    (clone.folder / "metrics/crossval.json").unlink()
    said = lock.stale()
    assert said.startswith(
        "dvc.lock is stale: `draw.py` is not there (`draw`); `metrics/crossval.json` is not there (`score`). Run"
    )


def test_a_stage_that_never_ran_counts_though_its_data_is_away(clone: Repository) -> None:
    stages = (clone.folder / "dvc.yaml").read_text(encoding="utf-8")
    more = "  more: {cmd: python draw.py, deps: [data/drawn.txt], outs: [data/more.txt]}\n"
    clone.write("dvc.yaml", stages + more)
    assert "`data/drawn.txt` is not there (`more`)" in lock.stale()


def test_a_stage_run_alone_leaves_the_lock_stale_and_a_whole_repro_does_not(repository: Repository) -> None:
    repository.replace("params.yaml", "seed: 1", "seed: 2")
    repository.dvc("repro", "--single-item", "draw")
    repository.commit("half a run")
    for data in ("drawn.txt", "model.txt"):
        (repository.folder / "data" / data).unlink()
    said = lock.stale()
    assert said.startswith("dvc.lock is stale: `data/drawn.txt` was written anew after it was read (`score`)")
    repository.dvc("repro")
    assert lock.stale() == ""


@pytest.mark.parametrize("files", [1, 2])
def test_a_file_inside_a_folder_that_was_written_anew_is_noticed_where_it_can_be_told(
    repository: Repository, files: int
) -> None:
    names = [f"{number}.txt" for number in range(files)]
    writes = "; ".join(f"open('made/{name}', 'w').write('SEED')" for name in names)
    repository.write("make.py", f"import os; os.makedirs('made', exist_ok=True); {writes}")
    repository.write("read.py", "open('data/read.txt', 'w').write(open('made/0.txt').read())")
    repository.write(
        "dvc.yaml",
        """stages:
  make: {cmd: python make.py, deps: [make.py], outs: [made]}
  read: {cmd: python read.py, deps: [read.py, made/0.txt], outs: [data/read.txt]}
""",
    )
    repository.dvc("repro")
    assert lock.stale() == ""
    repository.write("make.py", (repository.folder / "make.py").read_text().replace("SEED", "another"))
    repository.dvc("repro", "--single-item", "make")
    for name in names:
        (repository.folder / "made" / name).unlink()
    (repository.folder / "made").rmdir()
    said = "dvc.lock is stale: `made/0.txt` was written anew after it was read (`read`)"
    assert lock.stale().startswith(said)
    shutil.rmtree(repository.folder / ".dvc" / "cache")  # as in a clone: a listing of two files is not known there
    assert lock.stale().startswith(said) == (files == 1)
    repository.dvc("repro")
    assert lock.stale() == ""


def test_recordings_that_lie_outside_of_the_repository_may_be_elsewhere(clone: Repository) -> None:
    clone.replace("dvc.yaml", "deps: [draw.py]", "deps: [draw.py, ../recording.wav]")
    clone.write("../recording.wav", "a sound")
    clone.dvc("repro")
    assert lock.stale() == ""
    (clone.folder / "../recording.wav").unlink()
    assert lock.stale() == ""


def test_data_that_was_added_may_be_away_and_a_stage_may_be_run_always() -> None:
    status = {"sounds.dvc": [{"changed outs": {"sounds": "deleted"}}], "fetch": ["always changed"]}
    assert lock.differing(status, {}, {"sounds"}) == []
    assert lock.differing({"sounds.dvc": [{"changed outs": {"sounds": "modified"}}]}, {}, {"sounds"}) == [
        ("sounds.dvc", "`sounds` is modified")
    ]


def test_without_a_lock_everything_is_to_be_run(clone: Repository) -> None:
    (clone.folder / "dvc.lock").unlink()
    assert "(`draw`)" in lock.stale()


def test_a_lock_with_the_marks_of_a_merge_is_an_error(clone: Repository) -> None:
    clone.write("dvc.lock", "<<<<<<< HEAD\n")
    with pytest.raises(EchoError, match=r"dvc\.lock"):
        lock.stale()

"""Whether dvc.lock is stale."""

import hashlib
import shutil

import pytest
import yaml

from project_echo.compare import lock
from project_echo.core import files
from project_echo.core.errors import EchoError
from tests.repositories import Repository


def differences(line: str) -> list[str]:
    """What `lock.staleness` says differs, each with its stages."""
    return sorted(line.split(": ", 1)[1].rsplit(". Run ", 1)[0].split("; "))


@pytest.mark.usefixtures("clone")
def test_a_clone_without_data_is_not_stale() -> None:
    assert lock.staleness() == ""


def test_in_a_clone_without_data_everything_that_changed_is_named_with_its_stage(clone: Repository) -> None:
    clone.replace("score.py", "import json", "# a comment\nimport json")
    clone.replace("params.yaml", "wrong: 1, a|b: '<x>'", "wrong: 2")
    clone.replace("metrics/crossval.json", '"draws": 2', '"draws": 3')
    clone.replace("plots/crossval/same.png", "an image", "another")
    clone.replace("dvc.yaml", "python draw.py", "python  draw.py")
    clone.replace("dvc.yaml", "deps: [score.py, data/drawn.txt]", "deps: [score.py, data/drawn.txt, draw.py]")
    assert differences(lock.staleness()) == sorted(
        [
            "a changed command (`draw`)",
            "`draw.py` is modified (`score`)",
            "`score.py` is modified (`score`)",
            "`params.yaml: train.wrong` is modified (`score`)",
            "`params.yaml: train.a\\|b` is removed (`score`)",
            "`metrics/crossval.json` is modified (`score`)",
            "`plots` is modified (`score`)",
        ]
    )


def test_missing_files_count_if_git_has_them_or_if_the_stage_never_ran(clone: Repository) -> None:
    (clone.folder / "draw.py").unlink()
    (clone.folder / "metrics/crossval.json").unlink()
    stages = clone.read("dvc.yaml")
    clone.write("dvc.yaml", f"{stages}  more: {{cmd: cp a b, deps: [data/drawn.txt], outs: [data/more.txt]}}\n")
    lines = differences(lock.staleness())
    assert "`draw.py` is missing (`draw`)" in lines
    assert "`metrics/crossval.json` is missing (`score`)" in lines
    assert "`data/drawn.txt` is missing (`more`)" in lines


def test_a_stage_run_alone_leaves_the_lock_stale_and_a_whole_repro_does_not(repository: Repository) -> None:
    """Also if another stage read one file from inside a folder, and the data is not there any more."""
    repository.replace("params.yaml", "seed: 1", "seed: 2")
    repository.replace("make.py", "first", "second")
    repository.dvc("repro", "--single-item", "draw", "make")
    for data in ("drawn.txt", "model.txt"):
        (repository.folder / "data" / data).unlink()
    for folder in ("one", "two"):
        shutil.rmtree(repository.folder / "data" / folder)
    outdated = [
        (stage, f"`{path}` was written again after it was read")
        for stage, path in (
            ("read_one", "data/one/0.txt"),
            ("read_two", "data/two/0.txt"),
            ("score", "data/drawn.txt"),
        )
    ]
    assert set(differences(lock.staleness())) == {f"{difference} (`{stage}`)" for stage, difference in outdated}
    (repository.folder / ".dvc/cache").rename(repository.folder / ".dvc/tmp/cache")  # as in a clone
    del outdated[1]  # the listing of a folder with two files is only in the cache
    assert sorted(lock.outdated_inputs(files.read_yaml(lock.LOCK)["stages"])) == outdated
    repository.dvc("repro")
    assert lock.staleness() == ""


def test_recordings_outside_of_the_repository_may_be_missing(clone: Repository) -> None:
    clone.replace("dvc.yaml", "deps: [draw.py]", "deps: [draw.py, ../recording.wav]")
    recorded = files.read_yaml(lock.LOCK)
    recording = {"path": "../recording.wav", "hash": "md5", "md5": hashlib.md5(b"a sound").hexdigest(), "size": 7}
    recorded["stages"]["draw"]["deps"].append(recording)
    clone.write("dvc.lock", yaml.safe_dump(recorded))
    assert lock.staleness() == ""


def test_data_of_dvc_add_may_be_missing_and_a_stage_may_always_run() -> None:
    status = {"sounds.dvc": [{"changed outs": {"sounds": "deleted"}}], "fetch": ["always changed"]}
    assert lock.status_differences(status, {}, {"sounds"}) == []
    assert lock.status_differences({"sounds.dvc": [{"changed outs": {"sounds": "modified"}}]}, {}, {"sounds"}) == [
        ("sounds.dvc", "`sounds` is modified")
    ]


def test_without_a_lock_every_stage_is_named(clone: Repository) -> None:
    (clone.folder / "dvc.lock").unlink()
    line = lock.staleness()
    assert "(`draw`)" in line
    assert "`score`" in line


def test_a_lock_with_merge_conflicts_is_an_error_that_names_it(clone: Repository) -> None:
    clone.write("dvc.lock", "<<<<<<< HEAD\n")
    with pytest.raises(EchoError, match=r"dvc\.lock"):
        lock.staleness()

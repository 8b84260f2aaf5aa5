"""Going back to the last commit: everything that stages write and nothing else, or nothing at all."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from project_echo.compare import cache, lock, restore, revisions
from project_echo.core.errors import EchoError
from tests.repositories import Repository

IMAGE = "plots/crossval/curve (a).png"


def contents(repository: Repository) -> dict[str, bytes]:
    """Every file but those of git and of DVC's own folder."""
    paths = [path.relative_to(repository.folder) for path in repository.folder.rglob("*") if path.is_file()]
    return {
        str(path): (repository.folder / path).read_bytes() for path in paths if path.parts[0] not in {".git", ".dvc"}
    }


def experiment(repository: Repository) -> None:
    """Leave what an experiment does: changed, new and missing files, some of them staged."""
    repository.replace("params.yaml", "wrong: 1", "wrong: 2")
    repository.replace("dvc.lock", "wrong: 1", "wrong: 2")
    repository.write(IMAGE, "an image of 2")
    repository.write("plots/crossval/staged.png", "new")
    repository.write("plots/new/untracked [1].png", "new")
    repository.git("add", "params.yaml", "plots/crossval/staged.png")
    (repository.folder / "metrics/crossval.json").unlink()
    repository.write("data/model.txt", "in no cache")
    shutil.rmtree(repository.folder / "data/one")
    repository.write("data/two/more.txt", "new")


def test_an_experiment_is_undone_and_nothing_else(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed = contents(repository)
    repository.write("corpora/mine.yaml", "layout: mine")
    repository.write("corpora/staged.yaml", "layout: mine")
    repository.git("add", "corpora/staged.yaml")
    repository.write("notes.txt", "own")
    repository.write("metrics/notes.txt", "own, beside the file that a stage writes")
    repository.write("data/own.wav", "own")
    repository.replace("draw.py", "import", "# edited\nimport")
    own = {path: content for path, content in contents(repository).items() if content != committed.get(path)}
    experiment(repository)
    monkeypatch.setattr(sys, "argv", ["restore"])
    restore.main()
    assert contents(repository) == committed | own
    assert repository.git("status", "--porcelain", "--untracked-files=all").split() == [
        *("A", "corpora/staged.yaml", "M", "draw.py"),
        *("??", "corpora/mine.yaml", "??", "data/own.wav", "??", "metrics/notes.txt", "??", "notes.txt"),
    ]
    printed = capsys.readouterr().out.splitlines()
    assert "restored params.yaml" in printed
    assert "restored data/model.txt" in printed
    assert "removed plots/crossval/staged.png" in printed
    assert "removed plots/new/untracked [1].png" in printed
    restore.main()
    assert "restored" not in capsys.readouterr().out


def test_a_parameter_changed_within_the_second_is_restored_though_git_does_not_see_it(repository: Repository) -> None:
    """As git compares size and whole seconds: the time that the index has is set again after the change."""
    params = repository.folder / "params.yaml"
    os.utime(params, (10**9, 10**9))
    repository.git("config", "core.trustctime", "false")
    repository.git("add", "--renormalize", "params.yaml")
    repository.git("status")
    committed = params.read_bytes()
    params.write_bytes(committed.replace(b"wrong: 1", b"wrong: 2"))
    os.utime(params, (10**9, 10**9))
    repository.git("checkout", "HEAD", "--", "params.yaml")
    assert params.read_bytes() != committed  # what git alone does
    assert restore.restore() == ["restored params.yaml"]
    assert params.read_bytes() == committed


@pytest.mark.parametrize("remote", [False, True])
def test_without_a_complete_cache_nothing_is_changed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, remote: bool
) -> None:
    config = "['remote \"storage\"']\n    url = ../elsewhere\n[core]\n    remote = storage\n" if remote else ""
    repository.write(".dvc/config", config)
    listing = cache.read_listing(repository.folder / ".dvc/cache", _digest("data/two"))
    assert listing is not None
    cache.entry(repository.folder / ".dvc/cache", listing["1.txt"]).unlink()
    experiment(repository)
    before, staged = contents(repository), repository.git("diff", "--cached")
    monkeypatch.setattr(sys, "argv", ["restore"])
    with pytest.raises(SystemExit) as stop:
        restore.main()
    message = str(stop.value.code)  # printed, and exit code 1
    assert "data/two" in message
    assert "data/drawn.txt" not in message
    assert "dvc repro" in message
    assert ("dvc fetch" in message) == remote
    assert contents(repository) == before
    assert repository.git("diff", "--cached") == staged


@pytest.mark.parametrize("lost", ["a file", "a file of a folder", "the listing of a folder", "everything"])
def test_what_the_cache_lacks_is_named(repository: Repository, lost: str) -> None:
    folder = repository.folder / ".dvc/cache"
    outputs = restore.recorded_outputs(revisions.find("HEAD"))[1]
    assert cache.missing_outputs(folder, outputs) == []
    assert cache.missing_outputs(folder, {"empty": {"md5": f"{'0' * 32}.dir", "nfiles": 0}}) == []
    files_of_folder = cache.read_listing(folder, _digest("data/one"))
    assert files_of_folder is not None
    if lost == "everything":
        shutil.rmtree(folder)
    else:
        digests = {"a file": _digest("data/drawn.txt"), "the listing of a folder": _digest("data/one")}
        cache.entry(folder, digests.get(lost, files_of_folder["0.txt"])).unlink()
    expected = {
        "a file": {"data/drawn.txt", "data/model.txt"},  # with the same content
        "a file of a folder": {"data/one", "data/two", "data/one.txt", "data/two.txt"},
        "the listing of a folder": {"data/one"},
        "everything": set(outputs),
    }
    assert set(cache.missing_outputs(folder, outputs)) == expected[lost]


def test_if_dvc_fails_parameters_and_results_are_as_before(repository: Repository) -> None:
    experiment(repository)
    repository.write("dvc.yaml", "stages: [")
    before = contents(repository)
    with pytest.raises(EchoError, match=r"dvc\.yaml"):
        restore.restore()
    assert contents(repository) == before


def test_without_anything_to_go_back_to_the_error_says_so(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.folder / "data")
    with pytest.raises(EchoError, match=r"dvc\.yaml"):
        restore.restore()
    monkeypatch.chdir(repository.folder)
    repository.git("rm", "--quiet", "--cached", "dvc.lock")
    repository.git("commit", "--quiet", "--message", "no lock")
    with pytest.raises(EchoError, match=r"dvc\.lock"):
        restore.restore()
    assert Path(lock.LOCK).exists()


def _digest(path: str) -> str:
    return str(restore.recorded_outputs(revisions.find("HEAD"))[1][path]["md5"])

"""Files of commits and experiments, read from git."""

import pytest

from project_echo.compare import revisions
from project_echo.core.errors import EchoError
from tests.repositories import Repository


def commit_experiment(repository: Repository, name: str, content: str) -> str:
    """Store a commit as DVC stores an experiment, and return to the previous one."""
    head = repository.git("rev-parse", "HEAD").strip()
    repository.write("kept.txt", content)
    sha = repository.commit(name)
    repository.git("update-ref", f"refs/exps/{head[:2]}/{head[2:]}/{name}", sha)
    repository.git("reset", "--quiet", "--hard", head)
    return sha


def test_experiments_are_found_by_name_that_of_the_current_commit_first(repository: Repository) -> None:
    here = commit_experiment(repository, "rerun", "here")
    repository.git("switch", "--quiet", "--create", "elsewhere")
    repository.write("other.txt", "")
    repository.commit("another commit")
    there = commit_experiment(repository, "rerun", "there")  # the newer one
    assert revisions.find("rerun").sha == there
    repository.git("switch", "--quiet", "branch")
    rerun = revisions.find("rerun")
    assert rerun.sha == here
    assert revisions.read(rerun, "kept.txt") == b"here"
    assert revisions.read(revisions.find("HEAD"), "kept.txt") is None


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("name", ["reru", "--all"])
def test_an_unknown_revision_raises_an_error_that_names_it(name: str) -> None:
    with pytest.raises(EchoError, match=name):
        revisions.find(name)


def test_the_merge_base_does_not_depend_on_later_commits_of_the_base(repository: Repository) -> None:
    start = repository.git("rev-parse", "HEAD").strip()
    repository.write("mine.txt", "")
    mine = repository.commit("mine")
    repository.git("switch", "--quiet", "main")
    repository.write("theirs.txt", "")
    repository.commit("theirs")
    assert revisions.merge_base("main", mine).sha == start
    repository.git("switch", "--quiet", "--orphan", "unrelated")
    repository.write("new.txt", "")
    unrelated = repository.commit("of another history")
    with pytest.raises(EchoError, match=f"main.*{unrelated}"):
        revisions.merge_base("main", unrelated)


def test_files_are_listed_and_compared_whatever_their_names(repository: Repository) -> None:
    before = revisions.find("HEAD")
    repository.write('plots/ä "b"\n.png', "new")
    repository.write("plots/crossval/same.png", "other")
    repository.git("rm", "--quiet", "plots/crossval/curve (a).png")
    repository.commit("other plots")
    after = revisions.find("HEAD")
    assert set(revisions.list_files(after, "plots")) - set(revisions.list_files(before, "plots")) == {
        'plots/ä "b"\n.png'
    }
    assert set(revisions.changed_files(before, after, "plots")) == {
        'plots/ä "b"\n.png',
        "plots/crossval/same.png",
        "plots/crossval/curve (a).png",
    }
    assert revisions.uncommitted_files() == []
    repository.write("params.yaml", "")
    assert revisions.uncommitted_files() == ["params.yaml"]


def test_a_file_that_is_not_readable_raises_an_error_that_names_it(repository: Repository) -> None:
    repository.write("metrics/crossval.json", "<<<<<<< HEAD")
    repository.write("params.yaml", "- a list")
    repository.write("table.csv", 'a,b\n"open')
    repository.commit("broken")
    head = revisions.find("HEAD")
    with pytest.raises(EchoError, match=r"^metrics/crossval.json of HEAD"):
        revisions.read_json(head, "metrics/crossval.json")
    with pytest.raises(EchoError, match=r"^params.yaml of HEAD"):
        revisions.read_yaml(head, "params.yaml")
    with pytest.raises(EchoError, match=r"^table.csv of HEAD"):
        revisions.read_text_table(head, "table.csv")

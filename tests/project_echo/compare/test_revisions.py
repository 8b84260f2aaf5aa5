import pytest

from project_echo.compare import revisions
from project_echo.core.errors import EchoError
from tests.repositories import Repository


def experiment(repository: Repository, name: str, content: str) -> str:
    """Keep the working folder as DVC keeps an experiment, and go back."""
    begun = repository.git("rev-parse", "HEAD").strip()
    repository.write("kept.txt", content)
    sha = repository.commit(name)
    repository.git("update-ref", f"refs/exps/{begun[:2]}/{begun[2:]}/{name}", sha)
    repository.git("reset", "--quiet", "--hard", begun)
    return sha


def test_an_experiment_is_found_by_its_name_and_read(repository: Repository) -> None:
    sha = experiment(repository, "rerun", "of the rerun")
    found = revisions.find("rerun")
    assert found.sha == sha
    assert revisions.read(found, "kept.txt") == b"of the rerun"
    assert revisions.read(revisions.find("HEAD"), "kept.txt") is None


def test_this_commits_experiment_comes_before_a_newer_one_of_another(repository: Repository) -> None:
    here = experiment(repository, "rerun", "here")
    repository.git("switch", "--quiet", "--create", "elsewhere")
    repository.write("other.txt", "")
    repository.commit("another commit")
    there = experiment(repository, "rerun", "there")
    assert revisions.find("rerun").sha == there
    repository.git("switch", "--quiet", "branch")
    assert revisions.find("rerun").sha == here


def test_what_is_no_revision_is_an_error_that_names_it(repository: Repository) -> None:
    with pytest.raises(EchoError, match=r"^reru is no commit, branch or experiment here"):
        revisions.find("reru")
    with pytest.raises(EchoError, match=r"^--all is no commit"):
        revisions.find("--all")


def test_a_branch_left_its_base_where_it_did_whatever_came_to_the_base_since(repository: Repository) -> None:
    left = repository.git("rev-parse", "HEAD").strip()
    repository.write("mine.txt", "")
    mine = repository.commit("mine")
    repository.git("switch", "--quiet", "main")
    repository.write("theirs.txt", "")
    repository.commit("theirs")
    assert revisions.fork("main", mine).sha == left
    repository.git("switch", "--quiet", "--orphan", "nothing")
    repository.write("new.txt", "")
    with pytest.raises(EchoError, match="no commit in common"):
        revisions.fork("main", repository.commit("of another history"))


def test_files_are_listed_and_told_apart_whatever_their_names(repository: Repository) -> None:
    before = revisions.find("HEAD")
    repository.write('plots/ä "b"\n.png', "new")
    repository.write("plots/crossval/same.png", "other")
    repository.git("rm", "--quiet", "plots/crossval/curve (a).png")
    repository.commit("other plots")
    after = revisions.find("HEAD")
    assert set(revisions.listed(after, "plots")) - set(revisions.listed(before, "plots")) == {'plots/ä "b"\n.png'}
    assert set(revisions.changed(before, after, "plots")) == {
        'plots/ä "b"\n.png',
        "plots/crossval/same.png",
        "plots/crossval/curve (a).png",
    }
    assert revisions.uncommitted() == []
    repository.write("params.yaml", "")
    assert revisions.uncommitted() == ["params.yaml"]


def test_a_file_that_is_not_what_its_name_says_is_an_error_that_names_it(repository: Repository) -> None:
    repository.write("metrics/crossval.json", "<<<<<<< HEAD")
    repository.write("params.yaml", "- a list")
    repository.write("table.csv", 'a,b\n"open')
    repository.commit("broken")
    head = revisions.find("HEAD")
    with pytest.raises(EchoError, match=r"^metrics/crossval.json of HEAD is not readable"):
        revisions.read_json(head, "metrics/crossval.json")
    with pytest.raises(EchoError, match=r"^params.yaml of HEAD should hold keys and values"):
        revisions.read_yaml(head, "params.yaml")
    with pytest.raises(EchoError, match=r"^table.csv of HEAD is not a readable CSV table"):
        revisions.read_text_table(head, "table.csv")

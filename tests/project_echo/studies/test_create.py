"""Making a study: what is in it, where it may be, and that nothing is overwritten."""

import subprocess
import sys
from pathlib import Path

import pytest

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml
from project_echo.studies import create, tools
from project_echo.studies.create import create_study, is_study

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know nobody by name, so that a test says who commits."""
    settings = tmp_path / "gitconfig"
    settings.write_text("[user]\n    useConfigOnly = true\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{role}_EMAIL", raising=False)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_study_has_what_the_pipeline_needs_and_nothing_is_left_beside_it(new_study: Path) -> None:
    assert is_study(new_study)
    files = {"README.md", "corpora", "dvc.yaml", "modules.yaml", "params.yaml", "report.yaml", "thresholds.csv"}
    assert names(new_study) == files | {".dvc", ".dvcignore", "experiments", "networks", "screening"}
    assert names(new_study.parent) == {new_study.name}


def test_recordings_are_named_by_their_whole_path_and_other_parameters_may_be_changed(
    new_study: Path, own_recordings: Path
) -> None:
    params, clone = read_yaml(new_study / "params.yaml"), read_yaml(ROOT / "params.yaml")
    assert own_recordings.is_absolute()
    assert params["collect"] == {"corpus": str(own_recordings), "folder": str(own_recordings)}
    assert (params["train"]["C"], params["crossval"]["train_sizes"]) == (0.1, [])
    clone["collect"], clone["train"]["C"], clone["crossval"]["train_sizes"] = params["collect"], 0.1, []
    assert params == clone
    comments = [
        [line.partition("# ")[2] for line in (folder / "params.yaml").read_text(encoding="utf-8").splitlines()]
        for folder in (new_study, ROOT)
    ]
    assert [comment for comment in comments[0] if comment] == [comment for comment in comments[1] if comment]


def test_with_git_everything_is_committed(own_git: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.org")
    study = tmp_path / "study"
    study.mkdir()  # an empty folder is no obstacle
    create_study(study, None, git=True)
    assert tools.run_git(study, "status", "--short") == ""
    assert tools.run_git(study, "rev-list", "--count", "HEAD").strip() == "1"
    tracked = set(tools.run_git(study, "ls-files").splitlines())
    assert {".dvc/config", ".gitattributes", "dvc.yaml", "modules.yaml", "params.yaml", "screening/.gitkeep"} <= tracked
    params = read_yaml(study / "params.yaml")
    assert params == read_yaml(ROOT / "params.yaml")
    assert (study / params["collect"]["corpus"]).is_file()


def test_without_a_name_for_git_the_study_is_whole_and_its_first_commit_is_prepared(tmp_path: Path) -> None:
    create_study(tmp_path / "study", None, git=True)
    assert is_study(tmp_path / "study")
    assert "A  dvc.yaml" in tools.run_git(tmp_path / "study", "status", "--short").splitlines()


def test_nothing_is_overwritten(new_study: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    before = read_yaml(new_study / "params.yaml")
    for folder in (tmp_path / "mine", tmp_path / "mine" / "notes.txt", new_study):
        with pytest.raises(EchoError):
            create_study(folder, None, git=False)
    assert names(tmp_path / "mine") == {"notes.txt"}
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert read_yaml(new_study / "params.yaml") == before


def test_a_study_that_another_process_makes_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digests_late() -> dict[str, str]:
        monkeypatch.undo()
        create_study(tmp_path / "study", None, {"train.C": 0.1}, git=False)
        return create.digests()

    monkeypatch.setattr(create, "digests", digests_late)
    with pytest.raises(EchoError, match="already"):
        create_study(tmp_path / "study", None, git=False)
    assert read_yaml(tmp_path / "study" / "params.yaml")["train"]["C"] == 0.1
    assert names(tmp_path) - {"gitconfig"} == {"study"}


def test_a_study_and_its_recordings_do_not_lie_in_each_other(own_recordings: Path) -> None:
    """DVC would hash what it writes as a part of what it reads."""
    for folder in (own_recordings / "study", own_recordings.parent / "a" / ".." / own_recordings.name / "study"):
        with pytest.raises(EchoError, match="overlap"):
            create_study(folder, own_recordings, git=False)
    assert not (own_recordings / "study").exists()


@pytest.mark.parametrize("name", ["train.c", "C", "train.C.x"])
def test_an_unknown_parameter_makes_no_study(name: str, tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=name):
        create_study(tmp_path / "study", None, {name: 1}, git=False)
    assert not (tmp_path / "study").exists()


def test_recordings_that_do_not_exist_make_no_study(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match="missing"):
        create_study(tmp_path / "study", tmp_path / "missing", git=False)
    assert not (tmp_path / "study").exists()


def test_a_study_that_git_could_not_make_is_not_left_half_made(tmp_path: Path) -> None:
    (tmp_path / "gitconfig").write_text("[user", encoding="utf-8")
    with pytest.raises(EchoError, match="gitconfig"):
        create_study(tmp_path / "study", None, git=True)
    assert names(tmp_path) == {"gitconfig"}


def test_stages_find_this_python_whatever_else_is_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = "python -c 'import sys; print(sys.prefix)'"
    done = subprocess.run(asked, shell=True, env=tools.environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == sys.prefix

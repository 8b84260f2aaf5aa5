"""A repository with two stages that take no time, run and committed once, and copied for every test."""

import os
import shutil
from pathlib import Path

import pytest

from tests.repositories import Repository

PIPELINE = """
stages:
  draw:
    cmd: python draw.py
    deps: [draw.py]
    params: [draw.seed]
    outs: [data/drawn.txt]
  score:
    cmd: python score.py
    deps: [score.py, data/drawn.txt]
    params: [train.wrong, 'train.a|b']
    outs:
      - data/model.txt
      - plots:
          cache: false
    metrics:
      - metrics/crossval.json:
          cache: false
"""
PARAMS = """
draw: {seed: 1}
train: {wrong: 1, a|b: '<x>'}
"""
DRAW = """
import pathlib, yaml

seed = yaml.safe_load(open("params.yaml"))["draw"]["seed"]
pathlib.Path("data/drawn.txt").write_text(str(seed))
"""
# As many of the ten clips of owls as train.wrong says are taken for frogs.
SCORE = """
import json, pathlib, yaml

wrong = yaml.safe_load(open("params.yaml"))["train"]["wrong"]
pathlib.Path("data/model.txt").write_text(str(wrong))
for name in ("plots/crossval", "metrics"):
    pathlib.Path(name).mkdir(parents=True, exist_ok=True)
rows = ["draw,clip,source,truth,prediction"]
for source in range(10):
    rows.append(f"{source % 2},frog-{source},frog-{source},frog,frog")
    rows.append(f"{source % 2},owl-{source},owl-{source},owl,{'frog' if source < wrong else 'owl'}")
pathlib.Path("plots/crossval/answers.csv").write_text("\\n".join(rows) + "\\n")
pathlib.Path("plots/crossval/curve (a).png").write_text(f"an image of {wrong}")
pathlib.Path("plots/crossval/same.png").write_text("an image")
right = 1 - wrong / 20
metrics = {"accuracy": {"mean": right, "low": right - 0.1, "high": 1.0}, "macro_f1": {"pooled": right}}
pathlib.Path("metrics/crossval.json").write_text(json.dumps({**metrics, "draws": 2, "errors": {"a|b": wrong}}))
"""
FLOORS = "metrics/crossval.json: {accuracy.mean: 0.85}\n"


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Run and committed on the branch main."""
    made = Repository(tmp_path_factory.mktemp("ran") / "repository")
    made.write("dvc.yaml", PIPELINE)
    made.write("params.yaml", PARAMS)
    made.write("draw.py", DRAW)
    made.write("score.py", SCORE)
    made.write("project_echo/compare/floors.yaml", FLOORS)
    made.write(".gitignore", "/pr-comment/\n")
    made.write("data/.gitignore", "")
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write(".dvc/config", "")
    made.write(".dvc/.gitignore", "/tmp\n/cache\n")
    made.dvc("repro")
    made.commit("first run")
    return made


@pytest.fixture
def repository(ran: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy in which the test is, on a branch that left main."""
    return entered(copied(ran, tmp_path / "repository"), monkeypatch)


@pytest.fixture
def clone(ran: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A clone in which the test is: what git has, without data, cache and remote."""
    ran.git("clone", "--quiet", str(ran.folder), str(tmp_path / "clone"))
    return entered(Repository(tmp_path / "clone"), monkeypatch)


def copied(repository: Repository, folder: Path) -> Repository:
    """Data and cache included, on a branch."""
    shutil.copytree(repository.folder, folder)
    copy = Repository(folder)
    copy.git("switch", "--quiet", "-C", "branch")
    return copy


def entered(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(repository.folder)
    own = repository.environment()
    for name in os.environ.keys() - own.keys() | {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY"}:
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        if not name.startswith("GITHUB_"):
            monkeypatch.setenv(name, value)
    return repository

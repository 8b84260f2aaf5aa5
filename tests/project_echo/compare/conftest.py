"""A repository whose stages take no time: run and committed once, and copied for every test."""

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
  make:
    cmd: python make.py
    deps: [make.py]
    outs: [data/one, data/two]
  read_one: {cmd: cp data/one/0.txt data/one.txt, deps: [data/one/0.txt], outs: [data/one.txt]}
  read_two: {cmd: cp data/two/0.txt data/two.txt, deps: [data/two/0.txt], outs: [data/two.txt]}
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
# Of the ten clips of owls, train.wrong are predicted as frogs.
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
pathlib.Path("plots/crossval/predictions.csv").write_text("\\n".join(rows) + "\\n")
pathlib.Path("plots/crossval/curve (a).png").write_text(f"an image of {wrong}")
pathlib.Path("plots/crossval/same.png").write_text("an image")
correct = 1 - wrong / 20
metrics = {name: {"value": correct, "low": correct - 0.1, "high": 1.0} for name in ("accuracy", "macro_f1")}
pathlib.Path("metrics/crossval.json").write_text(json.dumps({**metrics, "draws": 2, "errors": {"a|b": wrong}}))
"""
# A folder with one file, and one with two.
MAKE = """
import pathlib

for path in ("one/0", "two/0", "two/1"):
    path = pathlib.Path(f"data/{path}.txt")
    path.parent.mkdir(exist_ok=True)
    path.write_text("first")
"""
FLOORS = "metrics/crossval.json: {accuracy: 0.85}\n"


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Run and committed on the branch main; the branch `branch`, at the same commit, is checked out."""
    repository = Repository(tmp_path_factory.mktemp("first_run") / "repository")
    repository.write("dvc.yaml", PIPELINE)
    repository.write("params.yaml", PARAMS)
    repository.write("draw.py", DRAW)
    repository.write("score.py", SCORE)
    repository.write("make.py", MAKE)
    repository.write("project_echo/compare/floors.yaml", FLOORS)
    repository.write(".gitignore", "/pr-comment/\n")
    repository.write("data/.gitignore", "")
    repository.git("init", "--quiet", "--initial-branch", "main", "--template=")
    repository.write(".dvc/config", "")
    repository.write(".dvc/.gitignore", "/tmp\n/cache\n")
    repository.dvc("repro")
    repository.commit("first run")
    repository.git("switch", "--quiet", "--create", "branch")
    return repository


@pytest.fixture(scope="session")
def first_clone(first_run: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    folder = tmp_path_factory.mktemp("first_clone") / "clone"
    first_run.git("clone", "--quiet", "--template=", str(first_run.folder), str(folder))
    return Repository(folder)


@pytest.fixture
def repository(first_run: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy, which is the working folder."""
    return first_run.copy(tmp_path / "repository").enter(monkeypatch)


@pytest.fixture
def clone(first_clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A clone, which is the working folder: what git has, without data, cache and remote."""
    return first_clone.copy(tmp_path / "clone").enter(monkeypatch)

"""Temporary clones of the last commit, to run the pipeline with other parameters or on a folder in ESC-50's layout.

Runs in the same clone share DVC's cache, so stages that do not depend on a changed parameter run once.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from benchmarks import ROOT
from benchmarks.measure import with_python_on_path
from project_echo.core import files

CORPUS = "corpora/esc50.yaml"


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments of all benchmarks that use a folder in ESC-50's layout."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--categories", nargs="+", required=True, help="categories of animals")
    parser.add_argument("--draws", type=int, default=100, help="draws of sources (default 100)")
    return parser


@contextmanager
def clone_repository() -> Iterator[Path]:
    """Clone the last commit to a temporary folder; yields the path of the clone, which is alone in its parent."""
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        yield clone


@contextmanager
def clone_for_esc50(folder: Path, categories: list[str], background: list[str] | None = None) -> Iterator[Path]:
    """Clone the last commit and set its corpus to a folder in ESC-50's layout.

    Parameters
    ----------
    folder : Path
    categories : list of str
        Categories of animals. All of their sources are used; none is kept as an unseen recording.
    background : list of str, optional
        Categories without animals; those of corpora/esc50.yaml if None.

    Yields
    ------
    Path
        The clone.
    """
    corpus: dict[str, Any] = {"categories": categories, "unseen_sources": 0}
    if background is not None:
        corpus["background"] = background
    with clone_repository() as clone:
        edit_yaml(clone / CORPUS, corpus)
        edit_yaml(clone / "params.yaml", {"collect.corpus": CORPUS, "collect.folder": str(folder.resolve())})
        yield clone


def run_stages(clone: Path, stages: list[str], changes: dict[str, Any]) -> None:
    """Run stages of a clone, and the stages before them, with some parameters changed; then restore the parameters.

    Parameters
    ----------
    clone : Path
    stages : list of str
    changes : dict
        Values by address, as in `with_changes`.

    Raises
    ------
    SystemExit
        If a stage fails.
    """
    params = clone / "params.yaml"
    original = params.read_text(encoding="utf-8")
    edit_yaml(params, changes)
    command = [sys.executable, "-m", "dvc", "repro", *stages]
    # Standard output is for the benchmark's table.
    finished = subprocess.run(command, cwd=clone, env=with_python_on_path(), stdout=sys.stderr, check=False)
    if finished.returncode:
        sys.exit(f"dvc repro {' '.join(stages)} failed with {changes}. See its output above.")
    params.write_text(original, encoding="utf-8")


def edit_yaml(path: Path, changes: dict[str, Any]) -> None:
    """Change some values of a YAML file, as `with_changes` does."""
    values = with_changes(files.read_yaml(path), changes)
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def with_changes(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Copy nested dictionaries with some values changed.

    Parameters
    ----------
    values : dict
    changes : dict
        New values by address, ``{"split.train": 7}``.

    Returns
    -------
    dict

    Raises
    ------
    KeyError
        If `values` has no such address.
    """
    values = copy.deepcopy(values)
    for address, value in changes.items():
        *sections, key = address.split(".")
        section = reduce(getitem, sections, values)
        if key not in section:
            raise KeyError(address)
        section[key] = value
    return values

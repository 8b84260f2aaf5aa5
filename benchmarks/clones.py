"""A clone of the last commit, as it is or set to a folder in ESC-50's layout, to run the pipeline in.

Its stages share DVC's cache, so what systems have in common (audio, clips) is made once.
"""

import argparse
import copy
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = "corpora/esc50.yaml"


def parser(description: str) -> argparse.ArgumentParser:
    """The arguments that all benchmarks on a folder share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder in ESC-50's layout")
    parser.add_argument("--categories", nargs="+", required=True, help="animals")
    parser.add_argument("--draws", type=int, default=100, help="draws of sources (default 100)")
    return parser


@contextmanager
def fresh() -> Iterator[Path]:
    """A temporary clone in a folder of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
        yield place


@contextmanager
def clone(folder: Path, categories: list[str], background: list[str] | None = None) -> Iterator[Path]:
    """A temporary clone that reads these categories, all of their sources; background as in the description if None."""
    with fresh() as place:
        description: dict[str, Any] = {"categories": categories, "unseen_sources": 0}
        if background is not None:
            description["background"] = background
        edit(place / DESCRIPTION, description)
        edit(place / "params.yaml", {"collect.corpus": DESCRIPTION, "collect.folder": str(folder.resolve())})
        yield place


def repro(place: Path, stages: list[str], changes: dict[str, Any]) -> None:
    """Run stages, and what they need, of the clone with some parameters changed, and change the parameters back."""
    params = place / "params.yaml"
    before = params.read_text(encoding="utf-8")
    edit(params, changes)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "dvc", "repro", *stages]
    # Standard output is for the table alone.
    if subprocess.run(command, cwd=place, env={**os.environ, "PATH": path}, stdout=sys.stderr, check=False).returncode:
        sys.exit(f"dvc repro {' '.join(stages)} failed with {changes}; what failed stands above.")
    params.write_text(before, encoding="utf-8")


def edit(path: Path, changes: dict[str, Any]) -> None:
    """Change some values of a YAML file."""
    before = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(changed(before, changes), sort_keys=False), encoding="utf-8")


def changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Nested values with some changed, each by its address, ``{"split.train": 7}``; KeyError if there is none such."""
    values = copy.deepcopy(values)
    for address, value in changes.items():
        *sections, key = address.split(".")
        inner = values
        for section in sections:
            inner = inner[section]
        if key not in inner:
            raise KeyError(address)
        inner[key] = value
    return values

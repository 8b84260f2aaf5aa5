"""Digests of the installed modules of each stage, on which a study's stages depend in place of the modules."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from project_echo.core.files import read_yaml, sha256
from project_echo.studies import template

MODULES = Path("modules.yaml")  # DVC reads it as it reads params.yaml: a stage depends on its own line alone
_HEADER = """\
# The code that each stage runs, as SHA-256 of its modules. After an upgrade of project-echo, `project-echo new` with
# this folder writes it again; `dvc repro` then runs the stages whose lines changed.
"""


def digests() -> dict[str, str]:
    """The digest of every stage, by its name, as the modules are now."""
    return {name: digest(stage) for name, stage in template.stages().items()}


def digest(stage: Mapping[str, Any]) -> str:
    """The digest of the modules that a stage declares.

    Parameters
    ----------
    stage : mapping
        A stage of the clone's dvc.yaml.

    Returns
    -------
    str
        SHA-256, in hexadecimal, of the names and the contents of the files, which is the same wherever they lie.
    """
    declared = sorted(path for path in stage.get("deps", []) if template.is_code(path))
    listing = [f"{sha256(file)}  {name}\n" for path in declared for name, file in _files(path)]
    return hashlib.sha256("".join(listing).encode()).hexdigest()


def _files(path: str) -> Iterator[tuple[str, Path]]:
    top = template.installed(path)
    if not top.is_dir():
        yield path, top
        return
    names = {file.relative_to(top).as_posix(): file for file in top.rglob("*") if file.is_file() and _is_packed(file)}
    yield from ((f"{path}/{name}", file) for name, file in sorted(names.items()))


def _is_packed(file: Path) -> bool:
    """Whether a wheel holds a file: not settings of tools (tsconfig.json), nor what Python or a desktop adds."""
    return file.suffix not in {".json", ".pyc"} and not file.name.startswith(".")


def read_digests(study: Path) -> dict[str, str]:
    """What modules.yaml of a study says. Raises EchoError if it is not readable."""
    return read_yaml(study / MODULES)


def format_digests(values: Mapping[str, str]) -> str:
    """The text of modules.yaml."""
    return _HEADER + yaml.safe_dump(dict(values), sort_keys=False)

"""What studies are made from: the pipeline, its parameters and its scripts, of a clone or of an installed wheel."""

from pathlib import Path
from typing import Any

from project_echo.core.files import read_yaml

_PACKAGE = Path(__file__).parents[1]
_IN_WHEEL = Path(__file__).parent / "template"  # copied by setup.py


def template() -> Path:
    """The folder of dvc.yaml, params.yaml and stages/: the top of a clone, or a folder of the installed package."""
    return _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent


def stages() -> dict[str, Any]:
    """The stages of the clone's dvc.yaml, by name, in their order."""
    found: dict[str, Any] = read_yaml(template() / "dvc.yaml")["stages"]
    return found


def is_code(path: str) -> bool:
    """Whether what a stage of the clone depends on is a module, or a folder of them."""
    return path.startswith(("project_echo/", "stages/"))


def installed(path: str) -> Path:
    """Where a module of the clone, such as project_echo/core or stages/check.py, lies in this installation."""
    folder, _, rest = path.partition("/")
    return (_PACKAGE if folder == "project_echo" else template() / folder) / rest

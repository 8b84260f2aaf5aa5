"""Loading params.yaml: one section at a time, validated by the schema of whoever uses it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml
from project_echo.core.validation import Model, Schema, validate

PARAMS = Path("params.yaml")


def load_params(section: str, schema: type[Model], path: Path = PARAMS) -> Model:
    """One section of params.yaml.

    Parameters
    ----------
    section : str
        Name of the section, such as `train`.
    schema : type[Model]
        What the section holds, a subclass of `core.validation.Schema` in the package of its subject.
    path : Path
        The file.

    Returns
    -------
    Model
        An instance of `schema`.

    Raises
    ------
    EchoError
        If the file or section is missing, a key is unknown or missing, or a value is not allowed. The message names
        the file and the key.
    """
    return _validate_section(read_yaml(path), section, schema, path)


def check_params(schemas: Mapping[str, type[Schema]], path: Path = PARAMS) -> None:
    """Check that params.yaml holds these sections and no others, and that each of them is valid.

    Parameters
    ----------
    schemas : mapping of str to type[Schema]
        The schema of every section.
    path : Path
        The file.

    Raises
    ------
    EchoError
        As `load_params`, and for a section that has no schema.
    """
    params = read_yaml(path)
    unknown = sorted(params.keys() - schemas.keys())
    if unknown:
        raise EchoError(f"{path}: unknown section {', '.join(unknown)}. Remove it or correct its name.")
    for section, schema in schemas.items():
        _validate_section(params, section, schema, path)


def _validate_section(params: dict[str, Any], section: str, schema: type[Model], path: Path) -> Model:
    if not isinstance(params.get(section), dict):
        raise EchoError(f"{path}: section {section} is missing or holds no keys. Add it, as in the committed file.")
    return validate(schema, params[section], path, section)

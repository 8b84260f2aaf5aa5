"""Validate values from YAML files, with errors that name the file, the key and what to do."""

from typing import Any, TypeVar

import pydantic

from project_echo.core.errors import EchoError


class Schema(pydantic.BaseModel):
    """Base class of everything that is read from YAML: unknown keys, NaN and infinity are errors."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Schema)


def validate(model: type[Model], values: dict[str, Any], origin: object, section: str = "") -> Model:
    """Validate values from a file.

    Parameters
    ----------
    model : type[Model]
        The schema.
    values : dict
        Contents of the file, or of a section of it.
    origin : object
        Name of the file, for the error message.
    section : str
        The section that `values` are from; empty for the whole file.

    Returns
    -------
    Model
        An instance of `model`.

    Raises
    ------
    EchoError
        If a value is not valid; names the file, every wrong key, and why.
    """
    try:
        return model.model_validate(values)
    except pydantic.ValidationError as error:
        problems = {_explain(problem, section): None for problem in error.errors()}  # unions repeat themselves
        raise EchoError(f"{origin}: {'; '.join(problems)}.") from None


def _explain(problem: Any, section: str) -> str:
    path = [section] * bool(section) + [str(part) for part in problem["loc"] if part not in _UNION_MEMBERS]
    key = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}, remove it or correct its name"
    if problem["type"] == "missing":
        return f"{key} is missing, add it"
    message = problem["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    value = "" if isinstance(problem["input"], dict) else f" = {problem['input']!r}"
    return f"{key}{value}: {message}" if key else message


# What pydantic adds to a key whose value may have several types.
_UNION_MEMBERS = {"int", "constrained-int", "float", "constrained-float", "literal['last']"}

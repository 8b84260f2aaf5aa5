"""Parameters that people set on the command line, checked before anything runs."""

import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml, write_text
from project_echo.core.validation import Schema, validate
from project_echo.models.backbone_config import MOBILENET
from project_echo.models.recipe import check_frozen, check_slices
from project_echo.pipeline.params import PARAMS
from project_echo.studies.template import template

OPTION = "--set"
SET = "set.yaml"
_HEADER = """\
# Parameters that were set (project-echo train --set NAME=VALUE), and hold in all runs to come. `split` and
# crossval.train_sizes follow from the number of recordings, unless they are set.
"""
_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
_OWN = {"collect.corpus": "It is the folder that you train on", "collect.folder": "It is the folder of reviewed events"}


def parse_setting(text: str) -> tuple[str, object]:
    """A parameter and its value, from text such as "train.C=0.1". Raises ValueError if it is none."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise ValueError(f"{text!r} is not NAME=VALUE, such as train.C=0.1")
    try:
        return name.strip(), _number(yaml.safe_load(value))
    except yaml.YAMLError:
        raise ValueError(f"{value!r} is not a value. Lists are written as [1, 3, 5]") from None


def _number(value: object) -> object:
    """A number that YAML takes for text, such as 1e-4; any other value as it is."""
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


def read_params(study: Path) -> dict[str, Any]:
    """Parameters of a study, or those that a new one begins with."""
    return read_yaml((study if (study / PARAMS).is_file() else template()) / PARAMS)


def read_settings(study: Path) -> dict[str, object]:
    """Parameters that people have set for a study so far, by name."""
    path = study / SET
    return dict(read_yaml(path)) if path.is_file() else {}


def keep_settings(study: Path, settings: Mapping[str, object]) -> None:
    """Keep what people have set for a study: it holds in all runs to come."""
    if settings and settings != read_settings(study):
        write_text(_HEADER + yaml.safe_dump(dict(settings), allow_unicode=True), study / SET)


def check_settings(params: Mapping[str, Any], settings: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """Check parameters that are set.

    Parameters
    ----------
    params : mapping
        Parameters as they are now, by section.
    settings : mapping of str to object
        New values by name, such as `train.C`.

    Returns
    -------
    dict of str to dict
        All sections, with the new values.

    Raises
    ------
    EchoError
        If there is no such parameter, or it does not allow the value.
    """
    changed = {section: dict(values) for section, values in params.items()}
    for name, value in settings.items():
        section, _, key = name.partition(".")
        if name in _OWN:
            raise EchoError(f"{OPTION} {name}: {_OWN[name]}. Leave the option out.")
        if section not in changed or not key:
            raise EchoError(f"{OPTION} {name}: there is no such section. Sections are {', '.join(changed)}.")
        if key not in changed[section]:
            keys = ", ".join(f"{section}.{known}" for known in changed[section])
            raise EchoError(
                f"{OPTION} {name}: there is no such parameter. Use one of {keys}. If an earlier run set it, "
                f"remove it from {SET} in the study."
            )
        changed[section][key] = value
    for section, schema in _schemas().items():
        validate(schema, changed[section], OPTION if _names(section, settings) else PARAMS, section)
    # As the first stage does, but before the settings are kept.
    check_slices(changed["train"]["head"], changed["embed"]["slices"])
    check_frozen(changed["train"]["trainable"], changed["backbone"]["model"] != MOBILENET)
    return changed


def _names(section: str, settings: Mapping[str, object]) -> bool:
    return any(name.startswith(f"{section}.") for name in settings)


def _schemas() -> Mapping[str, type[Schema]]:
    """The schema of every section: those of the stage that checks params.yaml."""
    schemas: Mapping[str, type[Schema]] = runpy.run_path(str(template() / "stages" / "check.py"))["SECTIONS"]
    return schemas

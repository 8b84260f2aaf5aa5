"""A study's dvc.yaml, from the clone's: all is the same, but stages depend on digests in place of modules."""

from typing import Any

import yaml

from project_echo.core.files import read_yaml
from project_echo.studies import template
from project_echo.studies.digests import MODULES

_HEADER = """\
# The pipeline of project-echo, which writes this file again after an upgrade. What you may change is in params.yaml;
# stages of your own belong in the dvc.yaml of another folder.
"""
_SCRIPT, _RUNNER = "python -m stages.", "python -m project_echo.studies.stage "


def format_pipeline() -> str:
    """The text of a study's dvc.yaml."""
    return _HEADER + yaml.safe_dump(study_pipeline(), sort_keys=False, allow_unicode=True, width=120)


def study_pipeline() -> dict[str, Any]:
    """The contents of a study's dvc.yaml: the clone's, with the stages of `study_stage`."""
    pipeline = read_yaml(template.template() / "dvc.yaml")
    return pipeline | {"stages": {name: study_stage(name, stage) for name, stage in pipeline["stages"].items()}}


def study_stage(name: str, stage: dict[str, Any]) -> dict[str, Any]:
    """A stage of a study.

    Parameters
    ----------
    name : str
        Its name.
    stage : dict
        The stage in the clone's dvc.yaml.

    Returns
    -------
    dict
        The same stage, run by `studies.stage`, which depends on its digest in modules.yaml and on no module.
    """
    return stage | {
        "cmd": stage["cmd"].replace(_SCRIPT, _RUNNER, 1),
        "deps": [path for path in stage["deps"] if not template.is_code(path)],
        "params": [*stage.get("params", []), {MODULES.name: [name]}],
    }

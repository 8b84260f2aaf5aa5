"""Writing the params.yaml of a study, with its comments."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml, write_text
from project_echo.pipeline.params import PARAMS
from project_echo.studies.template import template

# They belong together: where an upgrade brings another one of these, a study takes all of the new version.
STFT = {"features.n_fft", "features.win_length", "features.hop_length"}


def change_params(folder: Path, changes: Mapping[str, object]) -> None:
    """Change parameters of a study; comments stay.

    Parameters
    ----------
    folder : Path
        The study.
    changes : mapping of str to object
        New values by name, such as `train.C`.

    Raises
    ------
    EchoError
        If there is no such parameter, or params.yaml is not readable.
    """
    path = folder / PARAMS
    known = _leaves(read_yaml(path))
    if any(name not in known or known[name] != value for name, value in changes.items()):
        write_text(_changed(path.read_text(encoding="utf-8"), changes), path)


def renew_params(folder: Path) -> None:
    """Add what params.yaml of a study lacks since an upgrade, and remove what is unknown; its other values stay."""
    values = _leaves(read_yaml(folder / PARAMS))
    original = template() / PARAMS
    known = _leaves(read_yaml(original))
    if values.keys() != known.keys():
        renewed = STFT if STFT & (known.keys() - values.keys()) else set()
        kept = {name: value for name, value in values.items() if name in known and name not in renewed}
        write_text(_changed(original.read_text(encoding="utf-8"), kept), folder / PARAMS)


def _changed(text: str, changes: Mapping[str, object]) -> str:
    params = _load(text)
    known = _leaves(params)
    for name, value in changes.items():
        if name not in known:
            raise EchoError(f"{name} is not a parameter. {PARAMS} has: {', '.join(known)}.")
        if value != known[name]:
            section, _, key = name.partition(".")
            params[section][key] = value
            if value == [] and key in (comments := params[section].ca.items):
                comments[key][3] = None  # a mark of the list that was there, with which ruamel.yaml writes no YAML
    stream = StringIO()
    _yaml().dump(params, stream)
    return stream.getvalue()


def _leaves(params: Mapping[str, Any]) -> dict[str, Any]:
    sections = {section: values for section, values in params.items() if isinstance(values, Mapping)}
    return {f"{section}.{key}": value for section, values in sections.items() for key, value in values.items()}


def _load(text: str) -> Any:
    return _yaml().load(text)


def _yaml() -> Any:
    """A reader and writer that keeps comments. It comes with DVC, so all else works without it."""
    from ruamel.yaml import YAML  # noqa: PLC0415

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000  # lines are not broken
    return yaml

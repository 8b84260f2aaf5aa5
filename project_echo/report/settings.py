"""report.yaml: what a person adds to the report in words of their own."""

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field

from project_echo.core.errors import EchoError
from project_echo.core.files import read_yaml
from project_echo.core.labels import unseen_name
from project_echo.core.validation import Schema, validate


def _written_date(value: object) -> object:
    """YAML reads 2026-05-01 as a date; on the page it stands as it was written."""
    return value.isoformat() if isinstance(value, datetime.date) else value


class Settings(Schema):
    """What report.yaml may set. Whatever it leaves out, the page makes from the results."""

    title: str = ""
    author: str = ""
    date: Annotated[str, BeforeValidator(_written_date)] = ""
    purpose: str = ""  # what was asked, and why
    captions: dict[str, str] = Field(default_factory=dict)  # of unseen recordings, by their names
    next_steps: tuple[str, ...] = ()  # shown before those that the numbers suggest


def read_settings(path: Path, recordings: Iterable[str]) -> Settings:
    """Read report.yaml.

    Parameters
    ----------
    path : Path
        The file. It may contain comments alone, or not exist.
    recordings : iterable of str
        The unseen recordings, by their paths in the corpus (unseen/pond/a.wav). A caption names one by that path or
        without its first folder (pond/a.wav).

    Returns
    -------
    Settings
        Captions by the paths in `recordings`.

    Raises
    ------
    EchoError
        If a key is unknown, a value is not valid, or a caption is of a recording that is not there.
    """
    settings = parse_settings(path)
    by_name = {name: recording for recording in recordings for name in (recording, unseen_name(recording))}
    if missing := sorted(settings.captions.keys() - by_name.keys()):
        known = ", ".join(sorted({unseen_name(name) for name in by_name})) or "none"
        raise EchoError(
            f"{path}: captions.{missing[0]} is of a recording that is not there. Remove it or correct its name; the "
            f"unseen recordings are: {known}."
        )
    captions = {by_name[name]: caption for name, caption in settings.captions.items()}
    return settings.model_copy(update={"captions": captions})


def parse_settings(path: Path) -> Settings:
    """Read report.yaml without knowing the recordings that it has captions of; errors are those of `read_settings`."""
    if not path.is_file() or _is_empty(path):
        return Settings()
    return validate(Settings, read_yaml(path), path)


def _is_empty(path: Path) -> bool:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) is None
    except (yaml.YAMLError, UnicodeDecodeError):
        return False  # read_yaml says what is wrong

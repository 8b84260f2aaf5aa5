"""The command line that does the same as a job, derived from the parser of the commands."""

import argparse
import math
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from project_echo import cli_parsers
from project_echo.app.jobs.job import Action
from project_echo.studies.command import add_commands

BACKSLASH = "\\"
_PLAIN = re.compile(r"[\w./\\:=+~-]+")


def command_line(action: Action, arguments: Mapping[str, Any]) -> str:
    """The command that does the same as a call of the Python interface, to be pasted into a terminal.

    Parameters
    ----------
    action : str
        Name of the command.
    arguments : mapping
        Keyword arguments of the function. Those that are None or empty are left out: they are the defaults.

    Returns
    -------
    str
    """
    words = ["project-echo", action, *command_words(action, arguments)]
    return " ".join(map(quote_for_windows, words)) if sys.platform == "win32" else shlex.join(words)


def quote_for_windows(word: str) -> str:
    """A word for the command prompt, to which & in the name of a folder begins another command unless it is quoted."""
    text = subprocess.list2cmdline([word])
    if text.startswith('"') or _PLAIN.fullmatch(text):
        return text
    return f'"{text}{BACKSLASH * (len(text) - len(text.rstrip(BACKSLASH)))}"'


def command_words(action: Action, arguments: Mapping[str, Any]) -> list[str]:
    """The words after the name of the command: positional arguments, then options.

    Options with several values would take the positional arguments after them as well.
    """
    positional: list[str] = []
    options: list[str] = []
    for option in _parser(action)._actions:
        value = arguments.get(option.dest)
        if value is None or value in ([], {}, ""):
            continue
        texts = _texts(value)
        if not option.option_strings:
            positional += texts
        elif isinstance(value, bool):
            options += _flag(option, value)
        elif isinstance(option, argparse._AppendAction) or len(texts) == 1:
            options += [word for text in texts for word in _option(option.option_strings[0], text)]
        else:
            options += [option.option_strings[0], *texts]
    return [*positional, *options]


def _flag(option: argparse.Action, value: bool) -> list[str]:
    """An option without a value: --resume, --no-resume, or none where it can only be switched on."""
    if isinstance(option, argparse.BooleanOptionalAction):
        return [option.option_strings[0 if value else -1]]
    return [option.option_strings[0]] if value else []


def _option(name: str, text: str) -> list[str]:
    """An option and its value, in one word if the value would be taken for another option."""
    return [f"{name}={text}"] if text.startswith("-") else [name, text]


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}={_yaml(item)}" for name, item in value.items()]
    is_several = isinstance(value, Sequence) and not isinstance(value, str)
    return [_text(item) for item in value] if is_several else [_text(value)]


def _text(value: Any) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _yaml(value: Any) -> str:
    """A value of a parameter, as `parse_setting` reads it."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=math.inf, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _parser(action: Action) -> argparse.ArgumentParser:
    commands = argparse.ArgumentParser().add_subparsers()
    add_commands(commands)
    for add in (cli_parsers.add_predict, cli_parsers.add_review):
        add(commands)
    return commands.choices[action]

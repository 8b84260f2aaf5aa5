"""The commands of `project-echo` that make studies."""

import argparse
from pathlib import Path

from project_echo.core.command_line import path_argument
from project_echo.studies import train_command
from project_echo.studies.train import check_installed


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this room to the command line."""
    _add_new(commands)
    train_command.add_commands(commands)


def _add_new(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "new",
        help="make a folder for a study, with git",
        description="Make a folder in which `dvc repro` trains a classifier and reports how good it is, and "
        "`dvc exp run` compares parameters. It is a git repository.",
        epilog="After an upgrade of project-echo, run it again with the study alone: dvc repro then runs the stages "
        "whose code has changed, and no others.",
    )
    add = command.add_argument
    add("study", type=path_argument, metavar="STUDY", help="a new folder, or a study to bring up to date")
    add(
        "recordings",
        nargs="?",
        type=path_argument,
        metavar="RECORDINGS",
        help="folder that contains <label>/<recording>, and background in none/ (default: sounds made for a demo)",
    )
    command.set_defaults(run=_new)


def _new(study: Path, recordings: Path | None) -> None:
    check_installed()
    from project_echo.studies.new import new  # noqa: PLC0415  (--help should not wait for it)

    new(study, recordings)

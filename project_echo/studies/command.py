"""The commands `new`, `train` and `improve` of `project-echo`."""

import argparse
from pathlib import Path
from typing import Any

from project_echo.core.command_line import path_argument
from project_echo.studies.improve import improve
from project_echo.studies.train import check_installed, train

EPILOG = """\
The classifier is a folder that you can copy and share. MODEL-study beside it contains everything else:
report/index.html, metrics/, plots/, params.yaml (all parameters), set.yaml (those from --set, kept for later runs),
train.log, and versions/ (earlier classifiers). It is a DVC project: `dvc repro` and `dvc plots show` work in it.

You can stop at any time; run the same command again to continue. Finished work is not repeated.
"""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this room to the command line."""
    _add_new(commands)
    _add_train(commands)
    _add_improve(commands)


def _add_new(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "new",
        help="make a study, a folder with git",
        description="Make a folder in which `dvc repro` trains a classifier and reports how good it is, and "
        "`dvc exp run` compares parameters. The folder is a git repository.",
        epilog="After an upgrade of project-echo, run this again with only the study: dvc repro then runs only the "
        "stages whose code has changed.",
    )
    add = command.add_argument
    add("study", type=path_argument, metavar="STUDY", help="a new folder, or a study to bring up to date")
    add(
        "recordings",
        nargs="?",
        type=path_argument,
        metavar="RECORDINGS",
        help="folder that contains <label>/<recording>, and background in none/ (default: a synthetic demo)",
    )
    command.set_defaults(run=_new)


def _add_train(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "train",
        help="train a classifier on a folder of recordings",
        description="Train a classifier on a folder of labelled recordings, and measure how good it is. "
        "Provide about ten recordings of each animal in <label>/<file>, and of other sounds in none/<kind>/<file>.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("recordings", type=path_argument, metavar="FOLDER", help="folder of labelled recordings, which is only read")
    add("--output", "-o", required=True, type=path_argument, metavar="MODEL", help="folder for the classifier")
    add(
        "--set",
        dest="settings",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="set a parameter, such as train.C=0.1; may be repeated",
    )
    add("--backbone", type=path_argument, metavar="FILE", help="a custom network, with its card beside it")
    command.set_defaults(run=_train)


def _add_improve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "improve",
        help="train a classifier again with reviewed events",
        description="Add the events of a review to the training data of a classifier, train it again, and report "
        "whether it is better. The folder of recordings is not changed: the events are added to MODEL-study/reviewed.",
        epilog="The earlier classifier is kept in MODEL-study/versions. Running this again changes nothing, except for "
        "events whose verdict has changed. Do not review recordings that training clips were cut from: a call in both "
        "would be used for training and for testing.",
    )
    add = command.add_argument
    add("model", type=path_argument, metavar="MODEL", help="classifier folder that `project-echo train` wrote")
    add("review", type=path_argument, metavar="REVIEW", help="review folder of `project-echo review` (its --output)")
    add("labels", type=path_argument, metavar="LABELS.csv", help="labels that the review page exported")
    command.set_defaults(run=_improve)


def _setting(text: str) -> tuple[str, object]:
    from project_echo.studies.settings import parse_setting  # noqa: PLC0415  (--help should not wait for pydantic)

    try:
        return parse_setting(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _train(*, settings: list[tuple[str, object]], **arguments: Any) -> None:
    train(**arguments, settings=dict(settings))


def _improve(**arguments: Any) -> None:
    improve(**arguments)


def _new(study: Path, recordings: Path | None) -> None:
    check_installed()
    from project_echo.studies.new import new  # noqa: PLC0415  (--help should not wait for it)

    new(study, recordings)

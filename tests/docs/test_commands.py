"""Commands and Python code of the documentation that are too long to run are what the real parsers take."""

import argparse
import ast
import importlib.util
import inspect
import re

import pytest
from dvc.cli import parse_args

import project_echo
from project_echo import cli
from tests.docs.blocks import SHELL, Block, all_blocks, commands, words_of
from tests.project_echo.conftest import ROOT

# Programs of others, which no test checks.
OTHERS = (
    "Rscript apt brew cat cd cp crontab curl dask du export git head ls mkdir mv pip pipx pre-commit py python python3 "
    "rm rsync scp sort source ssh sudo tail unzip uv wget winget"
)


@pytest.mark.parametrize("block", all_blocks(*SHELL), ids=lambda block: block.name)
def test_commands_can_be_parsed(block: Block) -> None:
    for command in commands(block):
        for words in words_of(command.line):
            check(words)


def check(words: list[str]) -> None:
    """Fail if a command is not one that there is."""
    program, *arguments = words
    if program == "project-echo":
        parses(cli.parser(), arguments)
    elif program == "dvc":
        parse_args(arguments)
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        unknown = [word for word in arguments if "=" not in word and word not in targets]
        assert not unknown, unknown
    elif re.fullmatch(r"(\S*/)?(python3?|py)(\.exe)?", program) and arguments[:1] == ["-m"]:
        check_module(arguments[1], arguments[2:])
    else:
        assert program.rpartition("/")[2] in OTHERS.split() or program.startswith("."), program


def parses(parser: argparse.ArgumentParser, arguments: list[str]) -> None:
    """Fail, with what the parser says, if it refuses arguments."""
    try:
        parser.parse_args(arguments)
    except SystemExit as error:
        assert error.code == 0, arguments


def check_module(name: str, arguments: list[str]) -> None:
    """Fail if there is no such module, or if no benchmark has an option of this name."""
    found = importlib.util.find_spec(name)
    assert found, name
    if name.startswith("benchmarks."):
        source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py"))
        missing = [word for word in arguments if word.startswith("--") and f'"{word.partition("=")[0]}"' not in source]
        assert not missing, missing


@pytest.mark.parametrize("block", all_blocks("python"), ids=lambda block: block.name)
def test_python_uses_what_there_is(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "project_echo":
            assert node.attr in project_echo.__all__, node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "project_echo":
                function = getattr(project_echo, node.func.attr)
                known = inspect.signature(function).parameters
                assert not [word.arg for word in node.keywords if word.arg and word.arg not in known]

"""Blocks of the documentation that are marked with <!-- run --> run, in their order, and print what is shown.

A block marked with <!-- file: NAME --> is written to that file.
"""

import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import groupby
from pathlib import Path
from unittest import mock

import pytest

from project_echo import cli
from tests.docs.blocks import SHELL, all_blocks, commands, words_of
from tests.project_echo.conftest import ROOT

MARKED = [block for block in all_blocks() if block.file or (block.is_run and block.language in (*SHELL, "python"))]
BY_PAGE = {page: list(group) for page, group in groupby(MARKED, key=lambda block: block.page)}


@pytest.mark.parametrize("page", BY_PAGE, ids=lambda page: str(page.relative_to(ROOT)))
def test_marked_blocks_run(page: Path, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(world, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BY_PAGE[page]:
        if block.file:
            Path(block.file).write_text(f"{block.text}\n", encoding="utf-8")
            continue
        if block.language == "python":
            exec(compile(block.text, block.name, "exec"), names)
            continue
        for command in commands(block):
            printed = run(command.line)
            if command.output:
                assert matches(command.output, printed), f"{block.name}: {command.line}\nprints\n{printed}"


def run(line: str) -> str:
    """What a command prints; one of project-echo runs in this process, which is faster."""
    words = words_of(line)
    if [simple[0] for simple in words] != ["project-echo"]:
        done = subprocess.run(["bash", "-ec", line], capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output), mock.patch.object(sys, "argv", words[0]):
        try:
            cli.main()
        except SystemExit as error:
            assert not error.code, f"{line}: {error.code}\n{output.getvalue()}"
    return output.getvalue()


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether the lines that are shown are printed, whatever the numbers; a line of ... stands for any lines."""
    pattern = "".join(".*" if line.strip() == "..." else f"{_words(line)}\n" for line in shown)
    text = "".join(f"{line.strip()}\n" for line in printed.splitlines() if line.strip())
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _words(line: str) -> str:
    """A pattern of a line with any numbers, in columns of any width."""
    parts = re.split(r"\d+(?:[.,:]\d+)*", " ".join(line.split()))
    return r"\d+(?:[.,:]\d+)*".join(re.escape(part).replace(r"\ ", r"\s+") for part in parts)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("2 events, 0.5 h",), "13 events, 1,204.25 h\n", True),
        (("2 events, 0.5 h",), "2 records, 0.5 h\n", False),
        (("a", "..."), "a\nb\nc\n", True),
        (("a",), "a\nb\n", False),
        (("label   sources",), "label sources\n", True),
    ],
)
def test_output_is_compared_but_for_its_numbers(shown: tuple[str, ...], printed: str, same: bool) -> None:
    assert matches(shown, printed) is same

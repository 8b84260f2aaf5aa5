"""Messages in docs/troubleshooting.md are those of the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.blocks import blocks
from tests.docs.tables import names, tables
from tests.project_echo.conftest import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
LEAST = 10  # letters of a message with placeholders that are the same in the code
PLACEHOLDER = re.compile(r"<[^<>`]+>|%[ds]|\$\{[^}]*\}")
ANY = "\N{REPLACEMENT CHARACTER}"  # stands for a placeholder, in a message and in the code


def messages() -> list[str]:
    shown = [" ".join(block.text.split()) for block in blocks(PAGE) if block.language == "text"]
    return [*shown, *names(tables(PAGE)["Recordings that are skipped"], "reason")]


@pytest.mark.parametrize("message", messages())
def test_messages_are_those_of_the_code(message: str) -> None:
    text = PLACEHOLDER.sub(ANY, message)
    assert text in plain() or any(template.fullmatch(text) for template in templates())


@pytest.mark.parametrize("message", ["<folder> is no such message. Do not look for it.", "a silent night"])
def test_other_messages_are_not_found(message: str) -> None:
    text = PLACEHOLDER.sub(ANY, message)
    assert text not in plain()
    assert not any(template.fullmatch(text) for template in templates())


@cache
def plain() -> set[str]:
    """Texts of the code without placeholders."""
    return {text for text in texts() if ANY not in text}


@cache
def templates() -> list[re.Pattern[str]]:
    """Texts of the code with placeholders, for which anything may stand."""
    long = [text for text in texts() if ANY in text and len(re.findall(r"\w", text)) >= LEAST]
    return [re.compile(".*".join(map(re.escape, text.split(ANY)))) for text in long]


@cache
def texts() -> set[str]:
    """All texts of the code, on one line."""
    found: set[str] = set()
    for folder in ("project_echo", "stages"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(of_python(path))
        for path in (ROOT / folder).rglob("*.js"):
            found.update(re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8")))
    lines = {PLACEHOLDER.sub(ANY, " ".join(text.split())) for text in found}
    return lines | {line.removeprefix(f"{ANY}: ") for line in lines}  # the page may leave out which file it is


def of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)

"""Markdown tables of the reference."""

import re
from functools import cache
from pathlib import Path

from tests.project_echo.conftest import ROOT

REFERENCE = ROOT / "docs" / "reference"
_CELL = re.compile(r"(?<!\\)\|")


@cache
def tables(page: Path) -> dict[str, list[dict[str, str]]]:
    """The first table below each heading that has one: rows, each with its cells by the names of their columns."""
    found: dict[str, list[dict[str, str]]] = {}
    for section in re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
        if table:
            header, _, *rows = [[cell.strip() for cell in _CELL.split(line)[1:-1]] for line in table[0].splitlines()]
            found[heading.replace("`", "")] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


def names(rows: list[dict[str, str]], column: str) -> list[str]:
    """What a column of names has, without the marks of code."""
    return [row[column].strip("`") for row in rows]

"""Markdown as GitHub reads it. Whatever stands in a cell, names of people's own among them, stays one cell of text."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote


def code(text: str) -> str:
    """Text as code, so that nothing in it is markup; on one line, and its bars split no table."""
    text = " ".join(text.split()) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def image(alt: str, address: str) -> str:
    """An image; `alt` is plain text, and `address` percent-encoded already."""
    return f"![{alt}]({address})"


def encoded(path: str) -> str:
    return quote(path, safe="/")

"""Markdown for GitHub: tables, images, and text such as labels that must not be read as markup."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote


def code(text: str) -> str:
    """Text as code on one line: nothing in it is markup, and its bars do not split a table cell."""
    text = " ".join(text.split()) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def image(alt: str, url: str) -> str:
    """An image; `alt` is plain text, and `url` is percent-encoded."""
    return f"![{alt}]({url})"


def percent_encode(path: str) -> str:
    """A path, percent-encoded for a URL."""
    return quote(path, safe="/")

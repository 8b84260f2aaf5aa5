"""Markdown for GitHub: tables, images, folded parts, and text such as labels that must not be read as markup."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

MAX_CHARACTERS = 65_536  # of a comment on GitHub
CUT = "*{} more lines do not fit into a comment: `dvc metrics diff`, `dvc params diff` and `dvc plots diff` show all.*"
OPEN, CLOSE = "<details>", "</details>"


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


def details(summary: str, text: str) -> str:
    """A part that is folded until its summary, plain text, is clicked. It contains no other one."""
    return f"{OPEN}<summary>{summary}</summary>\n\n{text}\n\n{CLOSE}"


def image(alt: str, url: str) -> str:
    """An image; `alt` is plain text, and `url` is percent-encoded."""
    return f"![{alt}]({url})"


def percent_encode(path: str) -> str:
    """A path, percent-encoded for a URL."""
    return quote(path, safe="/")


def fit(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Cut a text at the end of a line, with a line that says so.

    Parameters
    ----------
    text : str
        Markdown.
    limit : int
        Characters.

    Returns
    -------
    str
        At most `limit` characters; a folded part that is cut is closed. The text itself if it fits.
    """
    if len(text) <= limit:
        return text
    lines = text.split("\n")
    room = limit - len(CUT) - len(str(len(lines))) - len(CLOSE) - 8  # line breaks
    kept = 0
    while kept < len(lines) and room >= len(lines[kept]):
        room -= len(lines[kept]) + 1
        kept += 1
    cut = "\n".join(lines[:kept])
    closing = f"\n\n{CLOSE}" if cut.count(OPEN) > cut.count(CLOSE) else ""
    return f"{cut}{closing}\n\n{CUT.format(len(lines) - kept)}"

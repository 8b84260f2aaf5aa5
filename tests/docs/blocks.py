"""Code blocks of the documentation, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project_echo.conftest import ROOT

RUN = "<!-- run -->"  # on the line before a block that the tests run
FILE = re.compile(r"<!-- file: (\S+) -->")  # before one that is the content of a file, which they write
SHELL = ("bash", "console", "sh")
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```\s*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced code block of a page."""

    page: Path
    line: int
    language: str
    text: str
    is_run: bool
    file: str = ""

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A line that is typed, and the lines that are shown below it."""

    line: str
    output: tuple[str, ...] = ()


def pages() -> list[Path]:
    """README and all pages of the site."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        indent = len(found["indent"])
        lines = [line[indent:] for line in found["text"].splitlines()]
        before = text[: found.start()].rstrip("\n").rpartition("\n")[2].strip()
        line, file = text.count("\n", 0, found.start()) + 1, FILE.fullmatch(before)
        yield Block(page, line, found["language"], "\n".join(lines), before == RUN, file[1] if file else "")


def all_blocks(*languages: str) -> list[Block]:
    """All blocks in some languages, by default in any."""
    return [block for page in pages() for block in blocks(page) if not languages or block.language in languages]


def commands(block: Block) -> list[Command]:
    """The commands of a shell block: in `console` those after "$ ", each with its output; in `bash` each line."""
    text = block.text.replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    if block.language != "console":
        return [Command(line) for line in lines if not line.lstrip().startswith("#")]
    found: list[Command] = []
    for line in lines:
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        else:
            found[-1] = Command(found[-1].line, (*found[-1].output, line))
    return found


def words_of(line: str) -> list[list[str]]:
    """The words of each simple command of a line, without comments, redirections and assignments before the command."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    simple: list[list[str]] = [[]]
    tokens = iter(lexer)
    for token in tokens:
        if token in ("|", "&&", "||", ";", "&"):
            simple.append([])
        elif token in (">", ">>", "<"):
            next(tokens, None)
        elif simple[-1] or not re.match(r"\w+=", token):
            simple[-1].append(token)
    return [words for words in simple if words]

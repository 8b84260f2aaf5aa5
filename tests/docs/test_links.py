"""Links of the documentation lead to files and headings that there are, also when it is read in the repository."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.blocks import pages
from tests.project_echo.conftest import ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?: \"[^\"]*\")?\)|(?:src|srcset)=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for markdown, html in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        target = markdown or html
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in headings(path)):
            broken.append(target)
    assert not broken


@cache
def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them, and those that it sets itself (`{#name}`)."""
    text = CODE.sub(lambda found: found[0] if "\n" not in found[0] else "", page.read_text(encoding="utf-8"))
    anchors: set[str] = set()
    for line in re.findall(r"^#+ +(.*)$", text, re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line.replace("`", "")).strip().lower())
        slug = words.replace(" ", "-")
        anchors.add(next(name for n in range(99) if (name := f"{slug}-{n}" if n else slug) not in anchors))
    return anchors | set(re.findall(r'<a id="([^"]+)"', text))

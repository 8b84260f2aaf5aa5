"""Plots of two revisions as images: by their address on GitHub, or written out of git at a desk."""

from collections.abc import Callable, Mapping
from pathlib import Path

from project_echo.compare import markdown, revisions
from project_echo.compare.revisions import Revision
from project_echo.core import files

FOLDER = "plots"
IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".svg"}
MOST = 40  # plots shown; a comment on GitHub has 65,536 characters at most

Address = Callable[[Revision, str], str]


def changed(before: Revision, after: Revision) -> list[str]:
    return [path for path in revisions.changed(before, after, FOLDER) if Path(path).suffix.lower() in IMAGES]


def on_github(environment: Mapping[str, str]) -> Address | None:
    """The addresses that GitHub shows images by, or None outside of its workflows."""
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if not server or not repository:
        return None
    return lambda revision, path: f"{server}/{repository}/blob/{revision.sha}/{markdown.encoded(path)}?raw=true"


def at_a_desk(folder: Path, before: Revision, after: Revision, paths: list[str]) -> Address:
    """Write the images of both into `folder`/before and `folder`/after; their addresses are relative to the comment."""
    with files.atomic_folder(folder) as beside:
        for revision, side in ((before, "before"), (after, "after")):
            for path in paths:
                content = revisions.read(revision, path)
                if content is not None:
                    (beside / side / path).parent.mkdir(parents=True, exist_ok=True)
                    (beside / side / path).write_bytes(content)
    return lambda revision, path: markdown.encoded(f"{folder}/{'before' if revision == before else 'after'}/{path}")


def side_by_side(before: Revision, after: Revision, paths: list[str], address: Address) -> str:
    """A table of the first plots, before and after, and how many more there are."""
    sides = {"before": before, "after": after}
    there = {when: set(revisions.listed(side, FOLDER)) for when, side in sides.items()}
    rows = []
    for path in paths[:MOST]:
        images = [
            markdown.image(when, address(side, path)) if path in there[when] else "" for when, side in sides.items()
        ]
        rows.append([markdown.code(path), *images])
    shown = markdown.table(["plot", *sides], rows)
    more = len(paths) - MOST
    return shown if more <= 0 else f"{shown}\n\n{more} more plot{'s' * (more != 1)} changed."

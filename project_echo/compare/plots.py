"""Plots of two revisions as images in Markdown: linked on GitHub, or written out of git elsewhere."""

from collections.abc import Callable, Mapping
from pathlib import Path

from project_echo.compare import markdown, revisions
from project_echo.compare.revisions import Revision
from project_echo.core import files
from project_echo.core.text import count

FOLDER = "plots"
SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".svg"}
MAX_PLOTS = 40  # a comment on GitHub has 65,536 characters at most

ImageURL = Callable[[Revision, str], str]  # of a revision and a path in the repository


def changed_plots(before: Revision, after: Revision) -> list[str]:
    """List the paths of the images in plots/ that differ between two revisions."""
    return [path for path in revisions.changed_files(before, after, FOLDER) if Path(path).suffix.lower() in SUFFIXES]


def github_urls(environment: Mapping[str, str]) -> ImageURL | None:
    """URLs of images on GitHub, or None outside of its workflows."""
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if not server or not repository:
        return None
    return lambda revision, path: f"{server}/{repository}/blob/{revision.sha}/{markdown.percent_encode(path)}?raw=true"


def write_images(folder: Path, before: Revision, after: Revision, paths: list[str]) -> ImageURL:
    """Write the images of both revisions into `folder`/before and `folder`/after.

    Parameters
    ----------
    folder : Path
        Is replaced.
    before, after : Revision
        Two commits.
    paths : list of str
        Paths of the images in the repository; a revision may lack some.

    Returns
    -------
    ImageURL
        The URL of an image of a revision, relative to the parent of `folder`.
    """
    with files.atomic_folder(folder) as temporary:
        for revision, side in ((before, "before"), (after, "after")):
            for path in paths:
                content = revisions.read(revision, path)
                if content is not None:
                    (temporary / side / path).parent.mkdir(parents=True, exist_ok=True)
                    (temporary / side / path).write_bytes(content)
    return lambda revision, path: markdown.percent_encode(
        f"{folder}/{'before' if revision == before else 'after'}/{path}"
    )


def plot_table(before: Revision, after: Revision, paths: list[str], url: ImageURL) -> str:
    """Markdown table of plots, before and after.

    Parameters
    ----------
    before, after : Revision
        Two commits.
    paths : list of str
        Paths of the images in the repository. The first MAX_PLOTS are shown; of the others, the number.
    url : ImageURL
        The URL of an image of a revision.

    Returns
    -------
    str
    """
    sides = {"before": before, "after": after}
    existing = {name: set(revisions.list_files(revision, FOLDER)) for name, revision in sides.items()}
    rows = []
    for path in paths[:MAX_PLOTS]:
        images = [
            markdown.image(name, url(revision, path)) if path in existing[name] else ""
            for name, revision in sides.items()
        ]
        rows.append([markdown.code(path), *images])
    table = markdown.table(["plot", *sides], rows)
    others = len(paths) - MAX_PLOTS
    return table if others <= 0 else f"{table}\n\n{count(others, 'more plot')} changed."

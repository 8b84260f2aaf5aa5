"""Plots of two revisions as images in Markdown: linked on GitHub, or written out of git elsewhere."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import pandas as pd

from project_echo.compare import markdown, revisions
from project_echo.compare.revisions import Revision
from project_echo.core import files
from project_echo.core.text import count

FOLDER = "plots"
SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".svg"}
MAX_PLOTS = 40  # a comment on GitHub has 65,536 characters at most

ImageURL = Callable[[Revision, str], str]  # of a revision and a path in the repository


# Images whose numbers are not in a table of the same name beside them: the tables, or outputs in dvc.lock.
NUMBERS = {
    "plots/crossval/confusion.png": ["plots/crossval/decided.csv"],
    "plots/evaluate/history.png": ["plots/history.csv"],
    "plots/why/confused.png": ["models/classifier", "data/spectrograms", "plots/evaluate/predictions.csv"],
    "plots/why/example.png": ["models/classifier", "data/spectrograms", "plots/evaluate/predictions.csv"],
    "plots/unseen/": ["data/predictions"],
    "plots/why/": ["models/classifier", "data/predictions"],
}


def changed_plots(before: Revision, after: Revision) -> list[str]:
    """List the images in plots/ that differ between two revisions because their numbers do.

    Parameters
    ----------
    before, after : Revision
        Two commits.

    Returns
    -------
    list of str
        Paths. An image whose numbers are not known counts if it differs itself, and so does one of which a revision
        has no numbers. What shows the field stands first.

    Raises
    ------
    EchoError
        If a table or dvc.lock is not readable.
    """
    differing = [
        path for path in revisions.changed_files(before, after, FOLDER) if Path(path).suffix.lower() in SUFFIXES
    ]
    outputs = [_outputs(revision) for revision in (before, after)]

    @cache
    def same(path: str) -> bool:
        """Whether both have the same numbers in a table, or output of DVC; False if they have none."""
        if outputs[0].get(path) and path not in tables:
            return outputs[0][path] == outputs[1].get(path)
        return _same_table(before, after, path)

    tables = {*revisions.list_files(before, FOLDER), *revisions.list_files(after, FOLDER)}
    changed = [path for path in differing if not all(map(same, numbers_of(path, tables)))]
    return sorted(changed, key=lambda path: (not path.startswith(f"{FOLDER}/field/"), path))


def numbers_of(path: str, tables: Collection[str]) -> list[str]:
    """Tables, of those that exist, or outputs of DVC that hold the numbers of an image; itself if none are known."""
    own = str(PurePosixPath(path).with_suffix(".csv"))
    if path not in NUMBERS and own in tables:
        return [own]
    known = NUMBERS.get(path) or NUMBERS.get(f"{PurePosixPath(path).parent}/", [])
    return [name for name in known if not name.endswith(".csv") or name in tables] or [path]


def _outputs(revision: Revision) -> dict[str, str]:
    """Digests of the outputs in dvc.lock, by path."""
    stages = (revisions.read_yaml(revision, "dvc.lock") or {}).get("stages", {})
    return {output["path"]: str(output.get("md5")) for stage in stages.values() for output in stage.get("outs", [])}


def _same_table(before: Revision, after: Revision, path: str) -> bool:
    contents = [revisions.read(revision, path) for revision in (before, after)]
    if None in contents or not path.endswith(".csv"):
        return False
    if contents[0] == contents[1]:
        return True
    first, second = (revisions.read_text_table(revision, path) for revision in (before, after))
    return first is not None and second is not None and _numbers(first).equals(_numbers(second))


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns of numbers as such: 1 and 1.0 are the same."""
    return table.apply(_as_numbers)


def _as_numbers(column: pd.Series) -> pd.Series:
    try:
        return pd.to_numeric(column).astype(float)
    except ValueError:
        return column


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

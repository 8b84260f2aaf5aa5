"""Compare two experiments on the same draws of sources.

    python -m project_echo.compare.experiments baseline rerun --keep experiments

Takes two revisions or names of experiments and prints a Markdown table of their scores in cross-validation. The
difference has a paired 95% confidence interval, by bootstrap over sources: if it excludes 0, one experiment is better.
With --keep, the parameters, metrics and tables of both are written into a folder named after each, for git and for the
report.
"""

import argparse
import sys
from pathlib import Path

from project_echo.compare import markdown, paired, revisions
from project_echo.compare.revisions import Revision
from project_echo.core import files
from project_echo.core.errors import EchoError

KEPT_FILES = [
    "params.yaml",
    "metrics/crossval.json",
    "metrics/evaluate.json",
    "plots/history.csv",
    "plots/evaluate/confusion.csv",
    "plots/evaluate/per_class.csv",
    paired.PREDICTIONS,
    "plots/crossval/curve.csv",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="revision or experiment")
    parser.add_argument("after", help="revision or experiment")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the results of both into FOLDER/<name>")
    arguments = parser.parse_args()
    try:
        before, after = revisions.find(arguments.before), revisions.find(arguments.after)
        print(difference_table(before, after))
        if arguments.keep:
            results = [(revision.name, read_results(revision)) for revision in (before, after)]
            for name, contents in results:
                write_results(contents, arguments.keep / name)
    except EchoError as error:
        sys.exit(f"error: {error}")


def difference_table(before: Revision, after: Revision) -> str:
    """Accuracy and macro F1 of two experiments and their paired difference, as a Markdown table.

    Raises
    ------
    EchoError
        If an experiment lacks its predictions, or they have no draw in common.
    """
    tables = []
    for revision in (before, after):
        table = paired.read_predictions(revision)
        if table is None:
            raise _missing(revision, paired.PREDICTIONS)
        tables.append(table)
    difference = paired.difference(*tables)
    if not difference["draws"]:
        raise EchoError(
            f"{before.name} and {after.name} have no draw in common. Run both with the same corpus and split."
        )
    rows = [
        [
            name,
            f"{change['before']:.3f}",
            f"{change['after']:.3f}",
            f"{change['value']:+.3f}",
            paired.interval_text(change, 3),
        ]
        for name, change in (("accuracy", difference["accuracy"]), ("macro F1", difference["macro_f1"]))
    ]
    header = ["", before.name, after.name, "difference", "95% confidence interval"]
    draws = f"{difference['draws']} draw{'s' * (difference['draws'] != 1)}"
    return f"On the same {draws} of sources\n\n{markdown.table(header, rows)}"


def read_results(revision: Revision) -> dict[str, bytes]:
    """Read the files of an experiment that the report shows.

    Returns
    -------
    dict
        Contents by path.

    Raises
    ------
    EchoError
        If a file is missing.
    """
    contents = {path: revisions.read(revision, path) for path in KEPT_FILES}
    if missing := [path for path, content in contents.items() if content is None]:
        raise _missing(revision, ", ".join(missing))
    return {path: content for path, content in contents.items() if content is not None}


def write_results(contents: dict[str, bytes], folder: Path) -> None:
    """Write files into `folder`, with their paths in the repository; other files in it are removed."""
    with files.atomic_folder(folder) as temporary:
        for path, content in contents.items():
            (temporary / path).parent.mkdir(parents=True, exist_ok=True)
            (temporary / path).write_bytes(content)


def _missing(revision: Revision, paths: str) -> EchoError:
    return EchoError(f"{revision.name} has no {paths}. Run the experiment again: make baseline, make rerun.")


if __name__ == "__main__":
    main()

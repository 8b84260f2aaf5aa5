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
from project_echo.core.command_line import escape_unencodable_output
from project_echo.core.errors import EchoError
from project_echo.core.text import count
from project_echo.evaluation import crossval
from project_echo.report.experiments import FILES, PREDICTIONS

KEPT_FILES = list(
    dict.fromkeys(
        [
            *FILES,  # of the report
            "metrics/evaluate.json",
            "plots/evaluate/confusion.csv",
            "plots/evaluate/per_class.csv",
            "plots/crossval/curve.csv",
        ]
    )
)


def main() -> None:
    escape_unencodable_output()
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

    Parameters
    ----------
    before, after : Revision
        The experiments.

    Returns
    -------
    str
        A line on the number of draws, and the table.

    Raises
    ------
    EchoError
        If an experiment lacks its predictions, or they have no draw in common.
    """
    tables = []
    for revision in (before, after):
        table = paired.read_predictions(revision)
        if table is None:
            raise _missing(revision, PREDICTIONS)
        tables.append(table)
    difference = crossval.paired_difference(*tables)
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
    return f"On the same {count(difference['draws'], 'draw')} of sources\n\n{markdown.table(header, rows)}"


def read_results(revision: Revision) -> dict[str, bytes]:
    """Read the files of an experiment that are kept.

    Parameters
    ----------
    revision : Revision
        The experiment.

    Returns
    -------
    dict of str to bytes
        Contents by path (KEPT_FILES).

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
    """Write the files of an experiment, with their paths in the repository.

    Parameters
    ----------
    contents : dict of str to bytes
        What `read_results` returns.
    folder : Path
        Is replaced.
    """
    with files.atomic_folder(folder) as temporary:
        for path, content in contents.items():
            (temporary / path).parent.mkdir(parents=True, exist_ok=True)
            (temporary / path).write_bytes(content)


def _missing(revision: Revision, paths: str) -> EchoError:
    return EchoError(f"{revision.name} has no {paths}. Run the experiment again: make baseline, make rerun.")


if __name__ == "__main__":
    main()

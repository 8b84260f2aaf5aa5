"""Whether one experiment is better than another: the same draws of sources for both, so the difference is paired.

    python -m project_echo.compare.experiments baseline rerun --keep experiments

Takes two revisions or names of experiments and reads what their crossval stage wrote. Prints a Markdown table. The
intervals are of 95 %, by bootstrap over sources; a difference whose interval leaves out 0 is one. With --keep, the
parameters, metrics and tables of both stay in a folder of that name each, for git and for the report.
"""

import argparse
import sys
from pathlib import Path

from project_echo.compare import markdown, paired, revisions
from project_echo.compare.revisions import Revision
from project_echo.core import files
from project_echo.core.errors import EchoError

KEPT = [
    "params.yaml",
    "metrics/crossval.json",
    "metrics/evaluate.json",
    "plots/history.csv",
    "plots/evaluate/confusion.csv",
    "plots/evaluate/per_class.csv",
    paired.ANSWERS,
    "plots/crossval/curve.csv",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="revision or experiment")
    parser.add_argument("after", help="revision or experiment")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what both hold in FOLDER/<name>")
    arguments = parser.parse_args()
    try:
        before, after = revisions.find(arguments.before), revisions.find(arguments.after)
        print(compared(before, after))
        if arguments.keep:
            for name, held in [(revision.name, contents(revision)) for revision in (before, after)]:
                keep(held, arguments.keep / name)
    except EchoError as error:
        sys.exit(f"error: {error}")


def compared(before: Revision, after: Revision) -> str:
    """Accuracy and macro F1 of both and their difference, in Markdown. Raises EchoError without a draw in common."""
    tables = []
    for revision in (before, after):
        table = paired.read_answers(revision)
        if table is None:
            raise _lacks(revision, paired.ANSWERS)
        tables.append(table)
    found = paired.difference(*tables)
    if not found["draws"]:
        raise EchoError(
            f"{before.name} and {after.name} have no draw in common. Run both with the same corpus and split."
        )
    rows = [
        [
            name,
            f"{row['before']:.3f}",
            f"{row['after']:.3f}",
            f"{row['after'] - row['before']:+.3f}",
            paired.bounds(row, 3),
        ]
        for name, row in (("accuracy", found["accuracy"]), ("macro F1", found["macro_f1"]))
    ]
    header = ["", before.name, after.name, "difference", "95 % interval"]
    return f"The same {found['draws']} draws of sources\n\n{markdown.table(header, rows)}"


def contents(revision: Revision) -> dict[str, bytes]:
    """What a report shows of an experiment, by path. Raises EchoError if it lacks a file."""
    held = {path: revisions.read(revision, path) for path in KEPT}
    if missing := [path for path, content in held.items() if content is None]:
        raise _lacks(revision, ", ".join(missing))
    return {path: content for path, content in held.items() if content is not None}


def keep(held: dict[str, bytes], folder: Path) -> None:
    """Write files into `folder`, which then holds nothing else, in the tree that the repository has them in."""
    with files.atomic_folder(folder) as beside:
        for path, content in held.items():
            (beside / path).parent.mkdir(parents=True, exist_ok=True)
            (beside / path).write_bytes(content)


def _lacks(revision: Revision, path: str) -> EchoError:
    return EchoError(f"{revision.name} has no {path}. Run the experiment anew: make baseline, make rerun.")


if __name__ == "__main__":
    main()

"""What a branch changes, as a comment on its pull request in Markdown: metrics, parameters and plots, before and after.

    python -m project_echo.compare.pull_request main

Compares HEAD with the commit at which it left the base. Where a metric is below its floor (floors.yaml), a
floor is gone, or dvc.lock is stale or not committed, the comment says so, and the exit code is 1. Images are linked by
their address on GitHub; outside of its workflows they are written into the folder pr-comment, beside which the comment
belongs.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from project_echo.compare import floors, lock, markdown, metrics, paired, plots, revisions
from project_echo.compare.revisions import Revision
from project_echo.core.errors import EchoError

PARAMS = "params.yaml"
IMAGES = Path("pr-comment")
RUN = ["dvc.lock", "dvc.yaml", PARAMS]  # what says which run the results are of
MARK = "<!-- compare -->"  # by which the workflow finds the comment to renew


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the branch or commit that the pull request goes into")
    arguments = parser.parse_args()
    try:
        after = revisions.find("HEAD")
        before = revisions.fork(arguments.base, after.sha)
        failures = failing(before, after)
        print(comment(before, after, failures))
    except EchoError as error:
        sys.exit(f"error: {error}")
    if waiting := revisions.uncommitted():
        print(f"{', '.join(waiting)}: not committed, so not in the comment.", file=sys.stderr)
    if failures:
        sys.exit("\n".join(f"error: {failure}" for failure in failures))


def failing(before: Revision, after: Revision) -> list[str]:
    """A line of Markdown for each reason why the pull request should not be merged."""
    checks: list[Callable[[], list[str]]] = [
        lambda: floors.below(floors.read(after), metrics.read(after)),
        lambda: floors.gone(before, after),
        uncommitted,
        lambda: [line for line in [lock.stale()] if line],
    ]
    found = []
    for check in checks:
        try:
            found += check()
        except EchoError as error:
            found.append(markdown.code(str(error)))
    return list(dict.fromkeys(found))  # two checks may meet the same file that cannot be read


def uncommitted() -> list[str]:
    """A line of Markdown if the run in the working folder, which `lock.stale` is about, is not the one of HEAD."""
    waiting = [markdown.code(path) for path in revisions.uncommitted() if path in RUN]
    if not waiting:
        return []
    listed = ", ".join(waiting)
    return [f"{listed}: not committed, and the metrics here are of the last commit. Commit this run."]


def comment(before: Revision, after: Revision, failures: list[str]) -> str:
    """The whole comment, in which a section that cannot be made says why.

    Writes the images that changed into the folder pr-comment, unless GitHub has them.
    """
    parts = [f"{MARK}\n### From {before.short} to {after.short}"]
    if failures:
        parts.append("**This fails:**\n\n" + "\n".join(f"- {failure}" for failure in failures))
    for heading, section in (("Metrics", measured), ("Parameters", parameters), ("Plots", pictured)):
        parts.append(f"#### {heading}")
        try:
            parts.append(section(before, after))
        except EchoError as error:
            parts.append(f"Not to be had: {markdown.code(str(error))}")
    return "\n\n".join(parts)


def measured(before: Revision, after: Revision) -> str:
    """The table of metrics, and what is to be said of it."""
    found = metrics.pairs(metrics.read(before), metrics.read(after))
    intervals, note = interval_of_change(before, after)
    table = metrics.rows(found, intervals)
    changed = sum(first != second for first, second in found.values())
    said = [note] if note else []
    if not changed:
        said.append("No metric changed.")
    elif unseen := changed - sum(row[1] != row[2] for row in table):
        said.append(f"{unseen} more changed in digits that are not shown.")
    header = ["metric", "before", "after", "change", "paired 95 % interval of the change"]
    return "\n\n".join([markdown.table(header, table), *([" ".join(said)] if said else [])])


def interval_of_change(before: Revision, after: Revision) -> tuple[dict[str, str], str]:
    """Intervals of the change in accuracy and macro F1, as text, and what they are of."""
    try:
        tables = [paired.read_answers(side) for side in (before, after)]
    except EchoError as error:
        return {}, f"No paired interval: {markdown.code(str(error))}"
    if tables[0] is None or tables[1] is None:
        return {}, f"No paired interval: {paired.ANSWERS} is not on both sides."
    found: dict[str, Any] = paired.difference(tables[0], tables[1])
    if not found["draws"]:
        return {}, "No paired interval: the two sides have no draw of the same sources in common."
    intervals = {name: paired.bounds(found[name], 4) for name in metrics.HEADLINES.values()}
    draws = "the one draw" if found["draws"] == 1 else f"the {found['draws']} draws"
    note = f"Intervals are of 95 %, those of the change paired on {draws} of sources that both have"
    if found["whole"]:
        return intervals, f"{note}."
    on_these = [
        f"{name} goes from {found[key]['before']:.4f} to {found[key]['after']:.4f}"
        for key, name in (("accuracy", "accuracy"), ("macro_f1", "macro F1"))
    ]
    return intervals, f"{note}, on which {' and '.join(on_these)}."


def parameters(before: Revision, after: Revision) -> str:
    """The table of parameters, floors among them, that changed."""
    rows = []
    for path, kind in ((PARAMS, ""), (floors.FLOORS, "floor of ")):
        sides = [revisions.read_yaml(side, path) or {} for side in (before, after)]
        rows += [[kind + name, *values] for name, *values in metrics.changed_values(*sides)]
    return markdown.table(["parameter", "before", "after"], rows) if rows else "No parameter changed."


def pictured(before: Revision, after: Revision) -> str:
    """The table of plots that changed."""
    changed = plots.changed(before, after)
    address = plots.on_github(os.environ) or plots.at_a_desk(IMAGES, before, after, changed[: plots.MOST])
    return plots.side_by_side(before, after, changed, address) if changed else "No plot changed."


if __name__ == "__main__":
    main()

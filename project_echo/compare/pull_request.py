"""Comment on a pull request, in Markdown: a verdict, then parameters, metrics and plots, before and after.

    python -m project_echo.compare.pull_request main

Compares HEAD with the commit at which it branched off the base. If a metric is below its floor (floors.yaml), a floor
was removed, or dvc.lock is stale or not committed, the comment says so and the exit code is 1. In GitHub's workflows
images link to GitHub; elsewhere they are written into the folder pr-comment, and links are relative to its parent.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from project_echo.compare import floors, lock, markdown, metrics, plots, revisions, tables, verdict
from project_echo.compare.evidence import gather
from project_echo.compare.revisions import Revision
from project_echo.core.command_line import escape_unencodable_output
from project_echo.core.errors import EchoError

PARAMS = "params.yaml"
IMAGES = Path("pr-comment")
RUN_FILES = ["dvc.lock", "dvc.yaml", PARAMS]  # they say which run the results are of
MARK = "<!-- compare -->"  # the workflow finds its earlier comment by it
MAX_PARAMETERS = 12  # more are folded

Section = TypeVar("Section")


def main() -> None:
    escape_unencodable_output()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the branch or commit that the pull request goes into")
    arguments = parser.parse_args()
    try:
        after = revisions.find("HEAD")
        before = revisions.merge_base(arguments.base, after.sha)
        problems = find_problems(before, after)
        print(comment(before, after, problems))
    except EchoError as error:
        sys.exit(f"error: {error}")
    if uncommitted := revisions.uncommitted_files():
        print(f"{', '.join(uncommitted)}: not committed, so not in the comment.", file=sys.stderr)
    if problems:
        sys.exit("\n".join(f"error: {problem}" for problem in problems))


def find_problems(before: Revision, after: Revision) -> list[str]:
    """Find the reasons why a pull request should not be merged.

    Parameters
    ----------
    before, after : Revision
        The commit at which the branch began, and its last one.

    Returns
    -------
    list of str
        A line of Markdown for each reason.
    """
    checks: list[Callable[[], list[str]]] = [
        lambda: floors.metrics_below(floors.read_floors(after), metrics.read_metrics(after)),
        lambda: floors.removed_floors(before, after),
        uncommitted_run,
        lambda: [line for line in [lock.staleness()] if line],
    ]
    problems = []
    for check in checks:
        try:
            problems += check()
        except EchoError as error:
            problems.append(markdown.code(str(error)))
    return list(dict.fromkeys(problems))  # two checks may fail to read the same file


def uncommitted_run() -> list[str]:
    """Name the files of the run in the working folder, which `lock.staleness` checks, that are not committed.

    Returns
    -------
    list of str
        A line of Markdown, or none if all are committed.
    """
    paths = [markdown.code(path) for path in revisions.uncommitted_files() if path in RUN_FILES]
    if not paths:
        return []
    return [f"{', '.join(paths)}: not committed, while the metrics here are those of the last commit. Commit this run."]


def comment(before: Revision, after: Revision, problems: list[str]) -> str:
    """Make the whole comment. A section that fails contains the reason.

    Outside of GitHub's workflows, this writes the images that changed into the folder pr-comment.

    Parameters
    ----------
    before, after : Revision
        The commit at which the branch began, and its last one.
    problems : list of str
        What `find_problems` returns.

    Returns
    -------
    str
        Markdown, cut to what a comment may hold. It begins with the verdict.
    """
    evidence = gather(before, after)
    none: metrics.Pairs = {}
    pairs, metric_error = _or_reason(
        lambda: metrics.pair_metrics(metrics.read_metrics(before), metrics.read_metrics(after)), none
    )
    judged = verdict.judge(evidence, pairs)
    sentence = f"**This fails.** {judged.sentence}" if problems else judged.sentence
    parts = [f"{MARK}\n{sentence}"]
    if problems:
        parts.append("It fails because:\n\n" + "\n".join(f"- {problem}" for problem in problems))
    commits = f"From {markdown.code(before.short_sha)} to {markdown.code(after.short_sha)}."
    parts.append(f"{commits} {judged.basis}".strip())
    params, params_error = _or_reason(lambda: params_section(before, after), "")
    parts += ["#### Parameters", params or params_error, "#### Metrics"]
    parts += [metric_error] if metric_error else tables.metric_blocks(pairs, verdict.simultaneous(evidence.changes))
    plots_text, plots_error = _or_reason(lambda: plots_section(before, after), "")
    parts.append(plots_text or plots_error)
    return markdown.fit("\n\n".join(parts))


def _or_reason(section: Callable[[], Section], otherwise: Section) -> tuple[Section, str]:
    """What a section is, or the reason why it could not be obtained."""
    try:
        return section(), ""
    except EchoError as error:
        return otherwise, f"Could not be obtained: {markdown.code(str(error))}"


def params_section(before: Revision, after: Revision) -> str:
    """Table of changed parameters and floors, folded if it is long.

    Parameters
    ----------
    before, after : Revision
        Two commits.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    EchoError
        If a file is not readable.
    """
    rows = []
    for path, prefix in ((PARAMS, ""), (floors.FLOORS, "floor of ")):
        sides = [revisions.read_yaml(revision, path) or {} for revision in (before, after)]
        rows += [[prefix + name, *values] for name, *values in metrics.changed_values(*sides)]
    if not rows:
        return "No parameter changed."
    table = markdown.table(["parameter", "before", "after"], rows)
    return table if len(rows) <= MAX_PARAMETERS else markdown.details(f"{len(rows)} parameters changed", table)


def plots_section(before: Revision, after: Revision) -> str:
    """Folded table of the plots whose numbers changed, in Markdown."""
    changed = plots.changed_plots(before, after)
    if not changed:
        return "No plot changed."
    url = plots.github_urls(os.environ) or plots.write_images(IMAGES, before, after, changed[: plots.MAX_PLOTS])
    return markdown.details(f"Plots that changed ({len(changed)})", plots.plot_table(before, after, changed, url))


if __name__ == "__main__":
    main()

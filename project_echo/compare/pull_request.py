"""Comment on a pull request, in Markdown: metrics, parameters and plots, before and after.

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

from project_echo.compare import floors, lock, markdown, metrics, paired, plots, revisions
from project_echo.compare.revisions import Revision
from project_echo.core.command_line import escape_unencodable_output
from project_echo.core.errors import EchoError
from project_echo.core.text import join_words
from project_echo.evaluation import crossval
from project_echo.report.experiments import PREDICTIONS

PARAMS = "params.yaml"
IMAGES = Path("pr-comment")
RUN_FILES = ["dvc.lock", "dvc.yaml", PARAMS]  # they say which run the results are of
MARK = "<!-- compare -->"  # the workflow finds its earlier comment by it
TITLES = {"accuracy": "accuracy", "macro_f1": "macro F1"}


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
        Markdown.
    """
    parts = [f"{MARK}\n### From {before.short_sha} to {after.short_sha}"]
    if problems:
        parts.append("**This fails:**\n\n" + "\n".join(f"- {problem}" for problem in problems))
    sections = (("Metrics", metrics_section), ("Parameters", params_section), ("Plots", plots_section))
    for heading, section in sections:
        parts.append(f"#### {heading}")
        try:
            parts.append(section(before, after))
        except EchoError as error:
            parts.append(f"Could not be obtained: {markdown.code(str(error))}")
    return "\n\n".join(parts)


def metrics_section(before: Revision, after: Revision) -> str:
    """Table of metrics, with notes.

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
        If a file of metrics is not readable.
    """
    pairs = metrics.pair_metrics(metrics.read_metrics(before), metrics.read_metrics(after))
    intervals, note = change_intervals(before, after)
    rows = metrics.metric_rows(pairs, intervals)
    changed = sum(first != second for first, second in pairs.values())
    n_shown = sum(row[1] != row[2] for row in rows)
    notes = [note]
    if not changed:
        notes.append("No metric changed.")
    elif changed > n_shown:
        notes.append(f"{changed - n_shown} more changed only in digits that are not shown.")
    header = ["metric", "before", "after", "change", "paired 95% confidence interval of the change"]
    return f"{markdown.table(header, rows)}\n\n{' '.join(notes)}"


def change_intervals(before: Revision, after: Revision) -> tuple[dict[str, str], str]:
    """Paired confidence intervals of the changes in accuracy, of decisions as well, and macro F1.

    Parameters
    ----------
    before, after : Revision
        Two commits.

    Returns
    -------
    intervals : dict
        Intervals as text, by metric; empty if there are none.
    note : str
        Which draws they are of, or why there are none.
    """
    try:
        tables = [paired.read_predictions(revision) for revision in (before, after)]
    except EchoError as error:
        return {}, f"No paired interval: {markdown.code(str(error))}"
    if tables[0] is None or tables[1] is None:
        return {}, f"No paired interval: before or after lacks {markdown.code(PREDICTIONS)}."
    difference = crossval.paired_difference(tables[0], tables[1])
    if not difference["draws"]:
        return {}, "No paired interval: before and after have no draw of the same sources in common."
    intervals = {name: paired.interval_text(difference[name], 4) for name in TITLES}
    intervals |= _interval_of_decisions(before, after, difference["draws"])
    draws = "the one draw" if difference["draws"] == 1 else f"the {difference['draws']} draws"
    note = f"Intervals are 95% confidence intervals; those of the change are paired on {draws} of sources in common"
    if difference["same_draws"]:
        return intervals, f"{note}."
    changes = [
        f"{title} goes from {difference[name]['before']:.4f} to {difference[name]['after']:.4f}"
        for name, title in TITLES.items()
    ]
    return intervals, f"{note}, on which {join_words(changes)}."


def _interval_of_decisions(before: Revision, after: Revision, draws: int) -> dict[str, str]:
    """Paired interval of the change in the accuracy of decisions; empty if it is not of the same number of draws."""
    try:
        first, second = (paired.read_predictions(revision, paired.DECISIONS) for revision in (before, after))
    except EchoError:
        return {}
    if first is None or second is None:
        return {}
    difference = crossval.paired_difference(first, second)
    return {metrics.DECIDED: paired.interval_text(difference["accuracy"], 4)} if difference["draws"] == draws else {}


def params_section(before: Revision, after: Revision) -> str:
    """Table of changed parameters and floors.

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
    return markdown.table(["parameter", "before", "after"], rows) if rows else "No parameter changed."


def plots_section(before: Revision, after: Revision) -> str:
    """Table of changed plots, in Markdown."""
    changed = plots.changed_plots(before, after)
    url = plots.github_urls(os.environ) or plots.write_images(IMAGES, before, after, changed[: plots.MAX_PLOTS])
    return plots.plot_table(before, after, changed, url) if changed else "No plot changed."


if __name__ == "__main__":
    main()

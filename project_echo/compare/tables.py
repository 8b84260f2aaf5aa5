"""Metrics of two revisions in Markdown, grouped: the main ones, and the others folded."""

from collections.abc import Iterable, Mapping

from project_echo.compare import markdown, verdict, words
from project_echo.compare.metrics import Metric, Pairs, is_number
from project_echo.compare.words import Key
from project_echo.core.text import join_words
from project_echo.evaluation.paired import Change

ABSENT = "absent"  # of a revision that lacks the metric
NULL = "none"  # as of a pair of labels when nothing was confused, or of decisions when nothing is rejected


def metric_blocks(pairs: Pairs, changes: Mapping[Key, Change]) -> list[str]:
    """Metrics of two revisions, grouped.

    Parameters
    ----------
    pairs : dict
        What `metrics.pair_metrics` returns.
    changes : mapping
        Paired differences, for the metrics that have one, with the intervals that are shown.

    Returns
    -------
    list of str
        Blocks of Markdown: a table of the main metrics that differ in the digits shown; folded, the others that
        differ, those that one revision lacks, and those that are the same.
    """
    texts = {key: (cell(key, before), cell(key, after)) for key, (before, after) in pairs.items()}
    differ = [key for key, (before, after) in texts.items() if before != after]
    main = [key for key in differ if words.term(key).main]
    lacking = [key for key in differ if None in pairs[key] and key not in main]
    others = [key for key in differ if key not in main and key not in lacking]
    same = [key for key in texts if key not in differ]
    blocks = [] if differ else ["No metric changed."]
    if main:
        rows = _grouped({key: [*texts[key], change_cell(key, pairs, changes)] for key in main})
        blocks.append(markdown.table(["metric", "before", "after", "change (95% interval)"], rows))
    if others:
        rows = _grouped({key: [*texts[key], change_cell(key, pairs, changes)] for key in others})
        table = markdown.table(["metric", "before", "after", "change"], rows)
        blocks.append(markdown.details(f"Other metrics that changed ({len(others)})", table))
    if lacking:
        rows = _grouped({key: list(texts[key]) for key in lacking})
        table = markdown.table(["metric", "before", "after"], rows)
        blocks.append(markdown.details(f"Metrics of one commit only ({len(lacking)})", table))
    if same:
        blocks.append(markdown.details(_same_title(pairs, same), _listing(same, texts)))
    return blocks


def _same_title(pairs: Pairs, same: list[Key]) -> str:
    hidden = sum(pairs[key][0] != pairs[key][1] for key in same)
    return f"Unchanged ({len(same)}{f'; {hidden} differ beyond the digits shown' if hidden else ''})"


def _listing(keys: list[Key], texts: Mapping[Key, tuple[str, str]]) -> str:
    """A paragraph for each group: its metrics with their values."""
    return "\n\n".join(
        f"**{title}:** {'; '.join(f'{words.term(key).text} {texts[key][0]}' for key in of_group)}"
        for title, of_group in _groups(keys)
    )


def _grouped(rows: Mapping[Key, list[str]]) -> list[list[str]]:
    """Rows with the name of their metric, below that of their group."""
    table = []
    for title, keys in _groups(rows):
        table.append([f"**{title}**", *[""] * len(rows[keys[0]])])
        table += [[words.term(key).text, *rows[key]] for key in keys]
    return table


def _groups(keys: Iterable[Key]) -> list[tuple[str, list[Key]]]:
    by_group: dict[str, list[Key]] = {group: [] for group in words.GROUPS}
    for key in keys:
        by_group[words.term(key).group].append(key)
    return [(words.GROUPS[group], of_group) for group, of_group in by_group.items() if of_group]


def cell(key: Key, metric: Metric | None) -> str:
    """A metric in the digits that are shown, with its interval if it has one: "82.2% (75.8 to 88.3)"."""
    if metric is None:
        return ABSENT
    value, kind = metric.value, words.term(key).kind
    if value is None or value == "":
        return NULL
    if not is_number(value):
        return markdown.code(join_words([str(part) for part in value]) if isinstance(value, list) else str(value))
    if metric.bounds is None:
        return words.number(value, kind)
    low, high = (words.number(bound, kind).removesuffix("%") for bound in metric.bounds)
    return f"{words.number(value, kind)} ({low} to {high})"


def change_cell(key: Key, pairs: Pairs, changes: Mapping[Key, Change]) -> str:
    """The difference, with its paired interval if it has one, and whether it is better or worse if it counts."""
    before, after = pairs[key]
    if not (before and after and is_number(before.value) and is_number(after.value)):
        return ""
    kind = words.term(key).kind
    change = changes.get(key)
    if change is None:
        return words.number(after.value - before.value, kind, sign=True)
    outcome = verdict.outcome(key, change) if key in verdict.counted(changes) else "same"
    text = f"{words.number(change.value, kind, sign=True)} ({verdict.bounds(change, kind)})"
    return text if outcome == "same" else f"{text} **{outcome}**"

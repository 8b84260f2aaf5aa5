"""Tables of metrics in a comment."""

import re
from typing import Any

from project_echo.compare import metrics, tables, words
from project_echo.evaluation.paired import Change

CROSSVAL = "metrics/crossval.json"
ACCURACY = {"value": 0.9, "low": 0.8, "high": 1.0}


def blocks(
    before: dict[str, Any], after: dict[str, Any], path: str = CROSSVAL, changes: dict[words.Key, Change] | None = None
) -> list[str]:
    return tables.metric_blocks(metrics.pair_metrics({path: before}, {path: after}), changes or {})


def rows(block: str) -> dict[str, list[str]]:
    """Cells of a table by the first."""
    lines = [line for line in block.splitlines() if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {name: others for name, *others in cells}


def test_main_metrics_stand_first_the_others_that_changed_and_the_same_are_folded() -> None:
    before = {"accuracy": ACCURACY, "macro_f1": 0.8, "draws": 9, "recall": {"a|b": 0.5}}
    after = {"accuracy": {**ACCURACY, "value": 0.95}, "macro_f1": 0.85, "draws": 9, "recall": {"a|b": 0.75}}
    main, others, same = blocks(before, after)
    (title, accuracy) = rows(main).items()
    assert title == (f"**{words.GROUPS['clips']}**", ["", "", ""])
    assert accuracy[1] == ["90.0% (80.0 to 100.0)", "95.0% (80.0 to 100.0)", "+5.0 points"]
    assert others.startswith("<details>")
    assert rows(others)["`a\\|b`: clips recognized"] == ["50.0%", "75.0%", "+25.0 points"]
    assert rows(others)[words.term(words.MACRO_F1).text] == ["0.800", "0.850", "+0.050"]
    assert same.startswith("<details>")
    assert "(1)" in same.splitlines()[0]
    assert "9" in same


def test_groups_come_in_order() -> None:
    files = ["infer.json", "crossval.json", "evaluate.json", "field.json"]
    of_file = {"infer.json": "correct", "field.json": "map"}
    sides = [
        {
            f"metrics/{file}": {of_file[file]: value} if file in of_file else {"decided": {"accuracy": value}}
            for file in files
        }
        for value in (0.25, 0.5)
    ]
    main = tables.metric_blocks(metrics.pair_metrics(*sides), {})[0]
    titles = [name.strip("*") for name in rows(main) if name.startswith("**")]
    assert titles == [words.GROUPS[group] for group in ("field", "clips", "unseen", "training")]


def test_a_metric_of_one_commit_says_so() -> None:
    decided = {"decided": {"accuracy": 0.5}}
    main, lacking, _ = blocks({"accuracy": ACCURACY, **decided, "old": 1}, {**decided, "new": 0.25})
    assert rows(main)[words.term(words.ACCURACY).text] == ["90.0% (80.0 to 100.0)", tables.ABSENT, ""]
    assert rows(lacking)["`crossval: old`"] == ["1.000", tables.ABSENT]
    assert rows(lacking)["`crossval: new`"] == [tables.ABSENT, "0.250"]


def test_decisions_that_are_not_made_are_not_a_number() -> None:
    main = blocks({"decided": None}, {"decided": {"accuracy": ACCURACY}})[0]
    assert rows(main)[words.term(words.DECIDED).text] == [tables.NULL, "90.0% (80.0 to 100.0)", ""]


def test_what_differs_beyond_the_digits_shown_is_counted_as_the_same() -> None:
    nothing, same = blocks({"macro_f1": 0.80001, "draws": 3}, {"macro_f1": 0.80002, "draws": 3})
    assert "<details>" not in nothing
    assert re.findall(r"\d+", same.splitlines()[0]) == ["2", "1"]


def test_a_change_of_the_interval_alone_is_a_change() -> None:
    main = blocks({"accuracy": ACCURACY}, {"accuracy": {**ACCURACY, "low": 0.7}})[0]
    assert rows(main)[words.term(words.ACCURACY).text][:2] == ["90.0% (80.0 to 100.0)", "90.0% (70.0 to 100.0)"]


def test_a_paired_difference_has_its_interval_and_says_whether_it_is_better() -> None:
    path, name = words.FALSE_EVENTS
    section, key = name.split(".")
    before, after = ({section: {key: {"value": value, "low": 1.0, "high": 200.0}}} for value in (150.0, 100.0))
    change = Change(150.0, 100.0, -80.0, -20.0, 12)
    cells = rows(blocks(before, after, path, {words.FALSE_EVENTS: change})[0])[words.term(words.FALSE_EVENTS).text]
    assert cells[2] == "-50.0 (-80.0 to -20.0) **better**"
    unsure = Change(150.0, 100.0, -80.0, 20.0, 12)
    cells = rows(blocks(before, after, path, {words.FALSE_EVENTS: unsure})[0])[words.term(words.FALSE_EVENTS).text]
    assert cells[2] == "-50.0 (-80.0 to +20.0)"


def test_what_no_verdict_counts_is_not_called_better() -> None:
    sides = [{"decided": {"accuracy": value}, "accuracy": value} for value in (0.5, 0.75)]
    changes = dict.fromkeys((words.DECIDED, words.ACCURACY), Change(0.5, 0.75, 0.125, 0.375, 12))
    found = rows(tables.metric_blocks(metrics.pair_metrics(*({CROSSVAL: side} for side in sides)), changes)[0])
    assert "**better**" in found[words.term(words.DECIDED).text][2]
    assert "**" not in found[words.term(words.ACCURACY).text][2]


def test_texts_and_lists_are_code() -> None:
    others = blocks({"most_confused": {"pair": ["a", "b"]}}, {"most_confused": {"pair": ["a", "c|d"]}})[0]
    assert list(rows(others).values())[1] == ["`a and b`", "`a and c\\|d`", ""]

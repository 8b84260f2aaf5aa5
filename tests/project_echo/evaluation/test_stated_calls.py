"""Events in unseen recordings against the calls that labels.csv states."""

import pandas as pd

from project_echo.datasets.stated import STATED
from project_echo.evaluation.stated_calls import COUNTS, call_metrics, count_calls

LABELS = ["boar", "fox"]
EVENTS = ["recording", "label", "start_s", "end_s"]


def counted(
    events: list[tuple[str, str, float, float]], stated: list[tuple[str, str, float, float, str]]
) -> pd.DataFrame:
    return count_calls(pd.DataFrame(events, columns=EVENTS), pd.DataFrame(stated, columns=STATED), LABELS)


def test_only_labels_of_which_something_is_stated_are_scored() -> None:
    events = [("a", "boar", 0.0, 2.0), ("a", "fox", 0.0, 2.0), ("b", "fox", 0.0, 2.0), ("c", "fox", 0.0, 2.0)]
    stated = [("a", "boar", 0.5, 2.0, "yes"), ("a", "boar", 8.0, 9.0, "yes"), ("c", "fox", 0.0, 60.0, "no")]
    counts = counted(events, stated)
    assert counts.index.tolist() == ["a", "c"]
    assert counts[COUNTS].to_numpy().tolist() == [[2, 1, 0, 0], [0, 0, 1, 2.0]]
    assert call_metrics(counts) == {"calls": 2, "calls_found": 1, "false_events": 1, "false_seconds": 2.0}


def test_events_where_nothing_is_stated_are_neither_right_nor_false() -> None:
    counts = counted([("a", "fox", 3.0, 8.0), ("a", "fox", 20.0, 22.0)], [("a", "fox", 0.0, 6.0, "no")])
    assert counts.loc["a"].tolist() == [0, 0, 1, 3.0]


def test_one_event_over_everything_finds_no_call() -> None:
    spans = [(0.0, 5.0, "no"), (5.0, 6.0, "yes"), (6.0, 30.0, "no"), (30.0, 31.0, "yes"), (31.0, 60.0, "no")]
    counts = counted([("a", "fox", 0.0, 60.0)], [("a", "fox", *span) for span in spans])
    assert counts.loc["a"].tolist() == [2, 0, 1, 58]


def test_without_events_all_calls_are_missed() -> None:
    counts = counted([], [("a", "fox", 1.0, 2.0, "yes"), ("b", "boar", 0.0, 9.0, "no")])
    assert counts.to_numpy().tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]


def test_what_is_stated_of_nothing_and_of_other_labels_counts_nothing() -> None:
    for stated in ([], [("a", "owl", 0.0, 1.0, "yes")]):
        counts = counted([("a", "fox", 0.0, 1.0)], stated)
        assert counts.empty and list(counts.columns) == COUNTS
        assert set(call_metrics(counts).values()) == {None}

"""The summary of a recording, compared with simple loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from project_echo.core.spreadsheets import empty_table
from project_echo.screening import columns
from project_echo.screening.events import Criteria, event_rows, event_table
from project_echo.screening.summary import SUMMARY_COLUMNS, describe_events, longest_run, summarize_windows

LABELS = ("boar", "fox", "frog")
THRESHOLDS = (0.5, 0.6, 0.7)
NO_EVENTS = empty_table(columns.EVENT)


def events_of(probabilities: np.ndarray) -> pd.DataFrame:
    """Events of windows of a second."""
    start_s = np.arange(len(probabilities), dtype=float)
    criteria = Criteria(dict(zip(LABELS, THRESHOLDS, strict=True)), 0.0)
    return event_table(event_rows(start_s, start_s + 1, probabilities, criteria))


def summarize(probabilities: np.ndarray, truth: str = "") -> dict[str, object]:
    return summarize_windows(probabilities, LABELS, THRESHOLDS, events_of(probabilities), truth)


def test_a_summary_is_as_calculated_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.6, 0.1], [0.7, 0.0, 0.3]])
    summary = summarize(probabilities, "fox")
    assert list(summary) == SUMMARY_COLUMNS
    assert summary == {
        "label": "boar",
        "confidence": pytest.approx(0.6),
        "runner_up": "fox",
        "runner_up_confidence": pytest.approx(0.375),
        "windows": 4,
        "agreement": 0.75,
        "longest_run": 2,
        "truth": "fox",
        "verdict": "wrong",
        "heard": "boar 0.0-1.0, 2.0-4.0; fox 1.0-3.0",
    }
    assert summarize(probabilities, "boar")["verdict"] == "correct"


def test_a_recording_without_events_is_none_of_which_no_animal_is_surer() -> None:
    summary = summarize(np.array([[0.1, 0.2, 0.3], [0.4, 0.1, 0.3]]), "none")
    assert (summary["label"], summary["confidence"]) == ("none", pytest.approx(0.7))
    assert (summary["runner_up"], summary["runner_up_confidence"]) == ("frog", pytest.approx(0.3))
    assert (summary["agreement"], summary["longest_run"], summary["heard"]) == (1, 2, "")
    assert summary["verdict"] == "correct"
    summary = summarize(np.array([[0.1, 0.2, 0.65]]))
    assert (summary["label"], summary["confidence"]) == ("none", pytest.approx(0.35))
    assert (summary["runner_up"], summary["runner_up_confidence"]) == ("", 0)


def test_a_label_without_events_is_neither_the_label_nor_a_surer_runner_up() -> None:
    summary = summarize(np.array([[0.9, 0.0, 0.69], [0.4, 0.2, 0.69]]))
    assert (summary["label"], summary["confidence"], summary["agreement"]) == ("boar", pytest.approx(0.65), 0.5)
    assert (summary["runner_up"], summary["runner_up_confidence"]) == ("", 0)


def test_a_few_sounds_of_an_animal_are_heard_but_do_not_name_the_recording() -> None:
    summary = summarize(np.array([[0.9, 0.0, 0.0]] + [[0.0, 0.0, 0.0]] * 3))
    assert (summary["label"], summary["confidence"]) == ("none", pytest.approx(0.775))
    assert (summary["heard"], summary["agreement"]) == ("boar 0.0-1.0", 0.75)


def test_a_single_animal_has_no_runner_up() -> None:
    for probability, label in ((0.8, "boar"), (0.2, "none")):
        windows = np.array([[probability]])
        events = event_table(event_rows(np.zeros(1), np.ones(1), windows, Criteria({"boar": 0.5}, 0.0)))
        summary = summarize_windows(windows, ("boar",), (0.5,), events)
        assert (summary["label"], summary["confidence"]) == (label, pytest.approx(0.8))
        assert summary["runner_up"] == ("" if label == "boar" else "boar")


def test_without_thresholds_the_label_is_that_of_the_mean_and_not_of_most_windows() -> None:
    windows = np.array([[0.51, 0.49, 0.0], [0.51, 0.49, 0.0], [0.0, 1.0, 0.0]])
    summary = summarize_windows(windows, LABELS, None, NO_EVENTS)
    assert (summary["label"], summary["agreement"], summary["longest_run"]) == ("fox", pytest.approx(1 / 3), 1)
    assert (summary["runner_up"], summary["runner_up_confidence"]) == ("boar", pytest.approx(0.34))


WINDOWS = arrays(np.float32, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(0, 1, width=32))


@given(WINDOWS)
def test_a_summary_follows_from_the_windows(windows: np.ndarray) -> None:
    summary = summarize(windows)
    mean = dict(zip(LABELS, windows.astype(float).mean(axis=0), strict=True))
    reached = [{label for label, hit in zip(LABELS, row, strict=True) if hit} for row in windows >= THRESHOLDS]
    heard = set().union(*reached)
    assert {part.split()[0] for part in str(summary["heard"]).split("; ") if part} == heard
    named = {label for label in heard if mean[label] >= THRESHOLDS[LABELS.index(label)]}
    if named:
        assert summary["confidence"] == pytest.approx(max(mean[label] for label in named))
        assert summary["label"] in named
        assert summary["agreement"] == sum(summary["label"] in labels for labels in reached) / len(windows)
    else:
        assert summary["label"] == "none"
        assert summary["agreement"] == sum(not labels for labels in reached) / len(windows)
        assert summary["confidence"] == pytest.approx(1 - max(mean.values()))
    assert summary["runner_up"] in {*LABELS, ""} - {summary["label"]}
    assert summary["runner_up_confidence"] <= summary["confidence"]
    assert (summary["runner_up"] == "") <= (summary["runner_up_confidence"] == 0)
    if summary["runner_up"]:
        others = [value for label, value in mean.items() if label != summary["label"]]
        assert summary["runner_up_confidence"] == pytest.approx(max(others))


@given(WINDOWS)
def test_without_thresholds_a_summary_is_that_of_the_most_probable_label(weights: np.ndarray) -> None:
    probabilities = (weights + 0.01) / (weights + 0.01).sum(axis=1, keepdims=True)
    summary = summarize_windows(probabilities, LABELS, None, NO_EVENTS)
    assert summary["confidence"] == pytest.approx(probabilities.mean(axis=0).max())
    assert summary["label"] != summary["runner_up"]
    assert summary["runner_up_confidence"] == pytest.approx(np.sort(probabilities.mean(axis=0))[-2])
    assert summary["longest_run"] <= round(summary["agreement"] * summary["windows"])
    assert (summary["longest_run"] > 0) == (summary["agreement"] > 0)


def test_events_are_described_by_label_in_order_of_time() -> None:
    rows = [("fox", 0.0, 1.25), ("boar", 0.5, 23.126), ("fox", 30.0, 41.25)]
    events = pd.DataFrame(rows, columns=["label", "start_s", "end_s"])
    assert describe_events(events) == "fox 0.0-1.2, 30.0-41.2; boar 0.5-23.1"
    assert describe_events(events[:0]) == ""


@given(st.lists(st.booleans()))
def test_the_longest_run_is_that_of_a_loop(agree: list[bool]) -> None:
    longest = run = 0
    for value in agree:
        run = run + 1 if value else 0
        longest = max(longest, run)
    assert longest_run(np.array(agree, dtype=bool)) == longest


@given(st.permutations(range(40)))
def test_the_mean_does_not_depend_on_the_order_of_adding(order: list[int]) -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), 40).astype(np.float32)
    one, other = (summarize_windows(table, LABELS, None, NO_EVENTS) for table in (probabilities, probabilities[order]))
    assert one["confidence"] == other["confidence"]
    assert one["confidence"] == pytest.approx(probabilities.mean(axis=0).max())

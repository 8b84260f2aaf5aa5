"""Merging slices into events, compared with cases merged by hand."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.spreadsheets import empty_table
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.screening import columns
from project_echo.screening.events import Criteria, event_rows, find_events
from project_echo.screening.overlaps import average_overlaps
from tests.project_echo.screening.conftest import RATE, overlapping_tones

LABELS = ("boar", "fox")
HALF = Criteria({"boar": 0.5, "fox": 0.5}, 0.0)
BOAR, FAINT, FOX, BOTH, QUIET = (0.8, 0.1), (0.6, 0.3), (0.2, 0.7), (0.9, 0.7), (0.1, 0.1)


@pytest.fixture
def classifier(by_pitch_or_none: Path) -> Classifier:
    return replace(load_classifier(by_pitch_or_none), labels=LABELS, thresholds=(0.5, 0.5))


def windows(*rows: tuple[float, float], hop: float = 1.0, length: float = 1.0) -> pd.DataFrame:
    starts = np.arange(len(rows)) * hop
    times = pd.DataFrame({"start_s": starts, "end_s": starts + length})
    return times.join(pd.DataFrame(np.reshape(rows, (-1, 2)), columns=LABELS))


def spans(events: pd.DataFrame) -> list[tuple[str, float, float]]:
    return list(events[["label", "start_s", "end_s"]].itertuples(index=False, name=None))


def test_every_label_has_events_of_its_own_sorted_by_start_then_label(classifier: Classifier) -> None:
    events = find_events(windows(BOTH, BOAR, FAINT, FOX, QUIET, FOX), classifier, merge_gap_s=0.5)
    assert list(events.columns) == list(columns.EVENT)
    assert spans(events) == [("boar", 0, 3), ("fox", 0, 1), ("fox", 3, 4), ("fox", 5, 6)]
    np.testing.assert_allclose(events["mean_confidence"], [(0.9 + 0.8 + 0.6) / 3, 0.7, 0.7, 0.7])
    assert events["peak_confidence"].tolist() == [0.9, 0.7, 0.7, 0.7]


def test_two_tones_at_once_are_two_events_as_long_as_the_tones(by_level: Path) -> None:
    trained = load_classifier(by_level)
    slices = trained.predict(overlapping_tones(), RATE, hop_seconds=0.25, slices=True)
    low, high = trained.labels
    assert spans(find_events(slices, trained)) == [(low, 1.0, 3.0), (high, 2.0, 4.5)]
    in_windows = trained.predict(overlapping_tones(), RATE, hop_seconds=0.25)
    assert spans(find_events(in_windows, trained)) == [(low, 0.5, 3.5), (high, 1.5, 5.0)]


def test_the_softmax_of_the_study_hears_what_is_more_probable_than_all_else(by_pitch: Path) -> None:
    dense = replace(load_classifier(by_pitch), labels=LABELS)
    assert dense.thresholds is None
    events = find_events(windows((0.49, 0.51), (0.6, 0.4)), dense)
    assert spans(events) == [("fox", 0, 1), ("boar", 1, 2)]


def test_a_threshold_replaces_that_of_one_label_and_the_minimum_bounds_all(classifier: Classifier) -> None:
    table = windows(FAINT, QUIET, BOTH)
    assert spans(find_events(table, classifier, thresholds={"fox": 0.3}, merge_gap_s=0)) == [
        ("boar", 0, 1),
        ("fox", 0, 1),
        ("boar", 2, 3),
        ("fox", 2, 3),
    ]
    assert spans(find_events(table, classifier, thresholds={"fox": 0.3}, min_confidence=0.65)) == [
        ("boar", 2, 3),
        ("fox", 2, 3),
    ]
    assert spans(find_events(table, classifier, min_confidence=0.1, merge_gap_s=0)) == [
        ("boar", 0, 1),
        ("boar", 2, 3),
        ("fox", 2, 3),
    ]


def test_only_the_chosen_labels_have_events_and_need_a_column(classifier: Classifier) -> None:
    table = windows(BOTH).drop(columns="boar")
    assert spans(find_events(table, classifier, labels=["fox"])) == [("fox", 0, 1)]


@pytest.mark.parametrize(("hop", "gap", "n"), [(1.0, 0, 1), (2.0, 1.0, 1), (2.0, 0.99, 2), (2.5, 1.0, 2), (2.5, 9, 1)])
def test_what_lies_at_most_a_gap_apart_is_one_event(classifier: Classifier, hop: float, gap: float, n: int) -> None:
    assert len(find_events(windows(BOAR, BOAR, hop=hop), classifier, merge_gap_s=gap)) == n


def test_windows_that_adjoin_but_for_the_rounding_of_frames_are_one_event(classifier: Classifier) -> None:
    assert len(find_events(windows(BOAR, BOAR, hop=5.01, length=5.0), classifier, merge_gap_s=0)) == 1


def test_a_slice_in_the_padding_of_a_short_recording_is_no_event(classifier: Classifier) -> None:
    padded = pd.DataFrame({"start_s": [0.0, 0.3], "end_s": [0.3, 0.3], "boar": [0.1, 0.9], "fox": [0.9, 0.1]})
    assert spans(find_events(padded, classifier)) == [("fox", 0, 0.3)]


SLICES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8), st.sampled_from([BOAR, FOX, BOTH, QUIET])))


@given(SLICES, st.integers(0, 3))
def test_events_of_a_label_never_overlap_and_lose_no_seconds(
    slices: list[tuple[int, int, tuple[float, float]]], gap: int
) -> None:
    """Times are in tenths of a second: every tenth that a counting slice covers is in exactly one event."""
    start = np.array([first for first, _, _ in slices]) / 10
    end = start + np.array([length for _, length, _ in slices]) / 10
    probabilities = np.array([row for *_, row in slices], dtype=np.float32).reshape(-1, 2)
    rows = event_rows(start, end, probabilities, replace(HALF, merge_gap_s=gap / 10))
    order = np.argsort(start, kind="stable")
    averaged = average_overlaps(start[order], end[order], probabilities[order])
    assert rows == sorted(rows, key=lambda row: (row[1], row[0]))
    for column, label in enumerate(LABELS):
        counting = [slices[index][:2] for index, row in zip(order, averaged, strict=True) if row[column] >= 0.5]
        heard = {tenth for first, length in counting for tenth in range(first, first + length)}
        events = [(round(10 * row[1]), round(10 * row[2])) for row in rows if row[0] == label]
        covered = [tenth for first, last in events for tenth in range(first, last)]
        assert len(covered) == len(set(covered)) and heard <= set(covered)
        assert all(later - earlier > gap for (_, earlier), (later, _) in pairwise(events))
        bridged = sorted(set(covered) - heard)  # no longer than a gap, with calls on both sides
        runs = np.split(bridged, np.flatnonzero(np.diff(bridged) > 1) + 1) if bridged else []
        assert all(len(run) <= gap and {run[0] - 1, run[-1] + 1} <= heard for run in runs)


@given(st.permutations(range(30)))
def test_the_order_of_slices_changes_nothing(order: list[int]) -> None:
    draw = np.random.default_rng(1)
    start, probabilities = draw.integers(0, 30, 30) / 4, draw.random((30, 2)).astype(np.float32)
    rows = event_rows(start, start + 0.5, probabilities, HALF)
    assert event_rows(start[order], start[order] + 0.5, probabilities[order], HALF) == rows


def test_events_of_several_recordings_stay_apart_and_keep_their_order(classifier: Classifier) -> None:
    both = pd.concat([windows(BOAR, BOAR).assign(recording="b"), windows(BOAR, FOX).assign(recording="a")])
    events = find_events(both, classifier)
    assert list(events) == list(columns.EVENTS)
    assert events[["recording", "label", "end_s"]].to_numpy().tolist() == [
        ["b", "boar", 2],
        ["a", "boar", 1],
        ["a", "fox", 2],
    ]


@pytest.mark.parametrize("rows", [[], [QUIET], [BOAR]])
def test_types_are_the_same_with_and_without_events(classifier: Classifier, rows: list[tuple[float, float]]) -> None:
    events = find_events(windows(*rows), classifier)
    assert len(events) == (rows == [BOAR])
    assert events.dtypes.to_dict() == empty_table(columns.EVENT).dtypes.to_dict()


@pytest.mark.parametrize(
    ("table", "changes", "name"),
    [
        (pd.concat([windows(BOAR, FOX)] * 2), {}, "recording"),
        (windows(BOAR), {"min_confidence": 25}, "min_confidence"),
        (windows(BOAR), {"thresholds": {"fox": 25}}, "fox"),
        (windows(BOAR), {"merge_gap_s": -1}, "merge_gap_s"),
        (windows(BOAR), {"merge_gap_s": float("nan")}, "merge_gap_s"),
        (windows(BOAR), {"labels": "boar"}, "labels"),
        (windows(BOAR), {"labels": []}, "labels"),
        (windows(BOAR).drop(columns="fox"), {}, "fox"),
    ],
)
def test_arguments_that_make_no_sense_are_an_error(
    classifier: Classifier, table: pd.DataFrame, changes: dict[str, object], name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        find_events(table, classifier, **changes)


@pytest.mark.parametrize("changes", [{"labels": ["boar", "wolf"]}, {"thresholds": {"wolf": 0.5}}])
def test_an_unknown_label_is_an_error_that_lists_the_labels(classifier: Classifier, changes: dict[str, object]) -> None:
    with pytest.raises(EchoError) as error:
        find_events(windows(BOAR), classifier, **changes)
    assert all(fact in str(error.value) for fact in ("'wolf'", "boar, fox"))

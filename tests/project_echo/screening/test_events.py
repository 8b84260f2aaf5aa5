"""Merging windows into events, compared with cases merged by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.spreadsheets import empty_table
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.screening import columns
from project_echo.screening.events import find_events, merge_windows

LABELS = ["boar", "fox", "none"]


def windows(rows: list[list[float]], hop: float = 1.0) -> pd.DataFrame:
    starts = np.arange(len(rows)) * hop
    return pd.DataFrame({"start_s": starts, "end_s": starts + 5.0}).join(
        pd.DataFrame(np.reshape(rows, (-1, 3)), columns=LABELS)
    )


BOAR, FAINT, FOX, QUIET = [0.8, 0.1, 0.1], [0.4, 0.3, 0.3], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]


def test_windows_of_one_animal_are_one_event_until_another_animal_or_none() -> None:
    events = merge_windows(windows([BOAR, FAINT, FOX, QUIET, FOX]), LABELS, 0.5, 0.0)
    assert list(events.columns) == list(columns.EVENT)
    assert events["label"].tolist() == ["boar", "fox", "fox"]
    assert events["start_s"].tolist() == [0, 2, 4]
    assert events["end_s"].tolist() == [6, 7, 9]
    assert events["windows"].tolist() == [2, 1, 1]
    np.testing.assert_allclose(events["mean_confidence"], [0.6, 0.7, 0.7])
    assert events["peak_confidence"].tolist() == [0.8, 0.7, 0.7]


def test_a_window_below_the_minimum_confidence_ends_an_event() -> None:
    events = merge_windows(windows([BOAR, FAINT, BOAR]), LABELS, 0.5, 0.5)
    assert events["start_s"].tolist() == [0, 2]


def test_windows_that_do_not_touch_are_separate_events() -> None:
    assert len(merge_windows(windows([BOAR, BOAR], hop=5.0), LABELS, 0.5, 0.0)) == 1
    assert len(merge_windows(windows([BOAR, BOAR], hop=5.5), LABELS, 0.5, 0.0)) == 2


def test_without_animals_the_table_has_no_rows() -> None:
    assert merge_windows(windows([QUIET]), LABELS, 0.5, 0.0).columns.tolist() == list(columns.EVENT)


@given(st.lists(st.sampled_from([BOAR, FAINT, FOX, QUIET]), min_size=1, max_size=30), st.sampled_from([0.0, 0.5, 0.75]))
def test_every_window_that_counts_is_in_exactly_one_event(rows: list[list[float]], min_confidence: float) -> None:
    events = merge_windows(windows(rows), LABELS, 0.5, min_confidence)
    counting = sum(row is not QUIET and max(row[:2]) >= min_confidence for row in rows)
    assert events["windows"].sum() == counting
    assert (events["start_s"].diff().dropna() > 0).all()
    assert (events["mean_confidence"] <= events["peak_confidence"] + 1e-9).all()


@pytest.fixture
def classifier(by_pitch_or_none: Path) -> Classifier:
    return replace(load_classifier(by_pitch_or_none), labels=tuple(LABELS), threshold=0.5)


def test_events_of_several_recordings_stay_apart_and_windows_keep_their_order(classifier: Classifier) -> None:
    both = pd.concat([windows([BOAR, BOAR]).assign(recording="b"), windows([BOAR, FOX]).assign(recording="a")])
    events = find_events(both, classifier)
    assert list(events) == list(columns.EVENTS)
    assert events[["recording", "label", "windows"]].to_numpy().tolist() == [
        ["b", "boar", 2],
        ["a", "boar", 1],
        ["a", "fox", 1],
    ]


@pytest.mark.parametrize("rows", [[QUIET], [BOAR]])
def test_types_are_the_same_with_and_without_events(classifier: Classifier, rows: list[list[float]]) -> None:
    events = find_events(windows(rows), classifier)
    assert events.dtypes.to_dict() == empty_table(columns.EVENT).dtypes.to_dict()


@pytest.mark.parametrize(
    ("table", "min_confidence", "name"),
    [
        (windows([BOAR, FOX])[::-1], 0.25, "start_s"),
        (pd.concat([windows([BOAR, FOX])] * 2), 0.25, "recording"),
        (windows([BOAR]), 25, "min_confidence"),
        (windows([BOAR]).drop(columns="fox"), 0.25, "fox"),
    ],
)
def test_windows_that_make_no_sense_are_an_error(
    classifier: Classifier, table: pd.DataFrame, min_confidence: float, name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        find_events(table, classifier, min_confidence=min_confidence)

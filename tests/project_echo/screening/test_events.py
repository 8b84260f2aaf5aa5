"""Events against what anyone can merge by hand."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from project_echo.screening.events import EVENT, merged

LABELS = ["boar", "fox", "none"]


def windows(rows: list[list[float]], hop: float = 1.0) -> pd.DataFrame:
    starts = np.arange(len(rows)) * hop
    return pd.DataFrame({"start_s": starts, "end_s": starts + 5.0}).join(
        pd.DataFrame(np.reshape(rows, (-1, 3)), columns=LABELS)
    )


BOAR, FAINT, FOX, QUIET = [0.8, 0.1, 0.1], [0.4, 0.3, 0.3], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]


def test_windows_of_one_animal_are_one_event_until_another_or_none_comes() -> None:
    found = merged(windows([BOAR, FAINT, FOX, QUIET, FOX]), LABELS, 0.5, 0.0)
    assert list(found.columns) == EVENT
    assert found["label"].tolist() == ["boar", "fox", "fox"]
    assert found["start_s"].tolist() == [0, 2, 4]
    assert found["end_s"].tolist() == [6, 7, 9]
    assert found["windows"].tolist() == [2, 1, 1]
    np.testing.assert_allclose(found["mean_confidence"], [0.6, 0.7, 0.7])
    assert found["peak_confidence"].tolist() == [0.8, 0.7, 0.7]


def test_a_window_below_the_confidence_ends_an_event() -> None:
    found = merged(windows([BOAR, FAINT, BOAR]), LABELS, 0.5, 0.5)
    assert found["start_s"].tolist() == [0, 2]


def test_windows_that_do_not_touch_are_events_of_their_own() -> None:
    assert len(merged(windows([BOAR, BOAR], hop=5.0), LABELS, 0.5, 0.0)) == 1
    assert len(merged(windows([BOAR, BOAR], hop=5.5), LABELS, 0.5, 0.0)) == 2


def test_nothing_heard_is_a_table_without_rows() -> None:
    assert merged(windows([QUIET]), LABELS, 0.5, 0.0).columns.tolist() == EVENT


@given(st.lists(st.sampled_from([BOAR, FAINT, FOX, QUIET]), min_size=1, max_size=30), st.sampled_from([0.0, 0.5, 0.75]))
def test_every_window_that_counts_is_in_one_event(rows: list[list[float]], least: float) -> None:
    found = merged(windows(rows), LABELS, 0.5, least)
    counting = sum(row is not QUIET and max(row[:2]) >= least for row in rows)
    assert found["windows"].sum() == counting
    assert (found["start_s"].diff().dropna() > 0).all()
    assert (found["mean_confidence"] <= found["peak_confidence"] + 1e-9).all()

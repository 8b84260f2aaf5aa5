"""What people state about parts of recordings."""

import numpy as np
import pandas as pd
import pytest

from project_echo.datasets.stated import calls_of_clip, other_labels, stated_call, stated_in_clip, stated_starts

COLUMNS = ["label", "start_s", "end_s", "present"]
RATE = 10
SAMPLES = np.arange(50, dtype=np.float32)  # five seconds


def stated(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def test_rows_are_cut_to_a_clip_and_others_left_out() -> None:
    table = stated(("boar", 1.0, 4.0, "yes"), ("fox", 6.5, 20.0, "no"), ("fox", 8.0, 9.0, "yes"))
    inside = stated_in_clip(table, 3.0, 5.0)
    assert inside.to_numpy().tolist() == [["boar", 0.0, 1.0, "yes"], ["fox", 3.5, 5.0, "no"]]


def test_stated_calls_replace_what_is_loud_and_others_are_added() -> None:
    spans = [(0.5, 1.0), (3.0, 4.0)]
    loud = [("boar", 0.5, 1.0, "yes"), ("boar", 3.0, 4.0, "yes")]
    assert calls_of_clip("boar", spans, stated()) == loud
    other, absent, call = ("fox", 2.0, 3.0, "yes"), ("boar", 3.0, 4.0, "no"), ("boar", 0.4, 1.2, "yes")
    assert sorted(calls_of_clip("boar", spans, stated(other, absent))) == sorted([*loud, other, absent])
    assert sorted(calls_of_clip("boar", spans, stated(call, other))) == sorted([call, other])


def test_a_call_is_cut_to_what_is_stated_and_without_what_is_not() -> None:
    assert stated_call(SAMPLES, RATE, "boar", stated(("fox", 0.0, 5.0, "yes"))) is SAMPLES
    cut = stated_call(SAMPLES, RATE, "boar", stated(("boar", 1.0, 2.0, "yes"), ("boar", 3.0, 4.0, "yes")))
    assert cut.tolist() == SAMPLES[10:40].tolist()
    silenced = stated_call(SAMPLES, RATE, "boar", stated(("boar", 3.0, 4.0, "no")))
    assert silenced[30:40].tolist() == [0] * 10
    assert silenced[:30].tolist() == SAMPLES[:30].tolist()
    assert SAMPLES[35] == 35  # the clip itself is as it was


def test_labels_that_a_clip_holds_beside_its_own() -> None:
    table = stated(("boar", 0, 1, "yes"), ("fox", 0, 1, "yes"), ("owl", 0, 1, "no"))
    assert other_labels("boar", table) == {"fox"}
    assert other_labels("none", table) == {"boar", "fox"}


@pytest.mark.parametrize(
    ("spans", "duration_s", "starts"),
    [
        ([(10.0, 12.0)], 60.0, [8.5]),  # in the middle of the clip
        ([(0.5, 2.5)], 3.0, [0.0]),  # of a recording that is shorter than a clip
        ([(0.0, 1.0), (59.0, 60.0)], 60.0, [0.0, 55.0]),
        ([(10.0, 12.0), (11.0, 13.0)], 60.0, [8.5]),  # the first clip holds both
        ([(10.0, 12.0), (13.0, 15.0)], 60.0, [8.5, 11.75]),  # all but 1.5 s of the second
        ([(10.0, 22.0)], 60.0, [10.0, 15.0, 18.5]),
        ([(70.0, 80.0)], 60.0, []),  # nothing is heard there
    ],
)
def test_clips_hold_all_that_is_stated_of_a_recording(
    spans: list[tuple[float, float]], duration_s: float, starts: list[float]
) -> None:
    table = stated(*(("boar", *span, "no") for span in spans))
    assert stated_starts(table, duration_s, 5.0) == starts

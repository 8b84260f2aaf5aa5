"""Views of clips: what their slices hold, which of them are learned from, and that none of them leaks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE, PARTIAL
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.config import Split
from project_echo.datasets.copies import COLUMNS, plan_copies
from project_echo.datasets.draws import draw_sources
from project_echo.datasets.views import (
    CALL_COLUMNS,
    NO,
    UNKNOWN,
    UNSTATED,
    YES,
    Views,
    assert_no_leak,
    list_views,
    slice_truth,
    training_slices,
)
from project_echo.features.slices import slice_times
from tests.conftest import at_most
from tests.project_echo.datasets.test_copies import ANIMALS, CLIPS, augmentation, tables

TIMES = slice_times(7, 5.0)
NO_CALLS = pd.DataFrame(columns=CALL_COLUMNS)
LABELS = ["boar", "fox"]
TWO = pd.DataFrame([("x", "boar", "sx"), ("y", "fox", "sy"), ("h", NONE, "sh")], columns=["clip", "label", "source"])
COPIES = pd.DataFrame(
    [("x", 1, "h", "sh", "y", "sy", "rain", "fox"), ("x", 2, *[""] * 6), ("h", 1, *[""] * 6)],
    columns=COLUMNS,
)


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0.0, 5.0, [YES] * 7),
        (0.0, 1.25, [YES, YES, NO, NO, NO, NO, NO]),  # 0.625 s of the second
        (0.7, 1.2, [YES, YES, NO, NO, NO, NO, NO]),
        (1.0, 1.4, [YES, YES, UNKNOWN, NO, NO, NO, NO]),  # 0.25, 0.4 and 0.15 s, of which half is 0.2
        (0.0, 0.75, [YES, UNKNOWN, NO, NO, NO, NO, NO]),
        (0.0, 0.64, [YES, NO, NO, NO, NO, NO, NO]),  # 0.015 s of the second are too little to be heard
        (4.9, 4.95, [NO, NO, NO, NO, NO, NO, YES]),  # short, and whole
    ],
)
def test_a_slice_holds_a_call_if_it_has_enough_of_it_and_none_if_it_has_hardly_any(
    start_s: float, end_s: float, expected: list[int]
) -> None:
    assert slice_truth(start_s, end_s, TIMES).tolist() == expected


@given(st.floats(-1, 5), st.floats(0.01, 6))
def test_every_call_within_a_window_is_held_by_a_slice(start_s: float, length_s: float) -> None:
    truth = slice_truth(start_s, start_s + length_s, TIMES)
    inside = min(start_s + length_s, 5) - max(start_s, 0)
    if inside >= min(0.6, length_s):
        assert (truth == YES).any()
    if inside < 0:
        assert (truth == NO).all()
    held = np.flatnonzero(truth == YES)
    assert (truth[held.min(initial=7) : held.max(initial=-1) + 1] == YES).all()  # without gaps


def views_of(calls: list[tuple[str, int, str, float, float, str]], labels: list[str] = LABELS) -> Views:
    return list_views(TWO, COPIES, pd.DataFrame(calls, columns=CALL_COLUMNS), labels, TIMES)


def test_views_are_clips_and_their_copies_in_order_with_all_their_sources() -> None:
    views = views_of([])
    assert list(zip(views.clip, views.view, strict=True)) == [
        ("h", 0),
        ("h", 1),
        ("x", 0),
        ("x", 1),
        ("x", 2),
        ("y", 0),
    ]
    assert views.label.tolist() == [NONE, NONE, "boar", "boar", "boar", "fox"]
    assert views.sources.tolist() == [["sh"] * 3, ["sh"] * 3, ["sx"] * 3, ["sx", "sh", "sy"], ["sx"] * 3, ["sy"] * 3]
    assert views.second_label.tolist() == ["", "", "", "fox", "", ""]
    assert (views.truth == NO).all() and views.truth.shape == (6, 7, 2)
    chosen = views[np.array([3, 0])]
    assert len(chosen) == 2
    assert chosen.clip.tolist() == ["x", "h"] and chosen.truth.shape == (2, 7, 2)


def test_each_call_is_in_the_slices_of_its_view_and_label() -> None:
    views = views_of(
        [
            ("x", 0, "boar", 0.0, 5.0, "yes"),
            ("x", 1, "boar", 0.0, 0.6, "yes"),
            ("x", 1, "fox", 3.0, 3.6, "yes"),
            ("x", 1, "owl", 0.0, 5.0, "yes"),  # not among the labels
            ("gone", 0, "boar", 0.0, 5.0, "yes"),  # of no clip here
        ]
    )
    assert (views.truth[2] == [YES, NO]).all()
    assert views.truth[3, :, 0].tolist() == [YES, NO, NO, NO, NO, NO, NO]
    assert views.truth[3, :, 1].tolist() == slice_truth(3.0, 3.6, TIMES).tolist()
    assert (np.delete(views.truth, [2, 3], axis=0) == NO).all()


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_calls_of_a_label_what_is_known_to_be_heard_counts(order: int) -> None:
    calls = [
        ("x", 0, "boar", 0.0, 0.75, "yes"),
        ("x", 0, "boar", 1.0, 5.0, "yes"),
    ]  # the second slice has little of the first
    views = views_of(calls[::order])
    assert views.truth[2, :, 0].tolist() == [YES] * 7
    views = views_of([("x", 0, "boar", 0.0, 0.75, "yes"), ("x", 0, "boar", 3.2, 5.0, "yes")][::order])
    assert views.truth[2, :, 0].tolist() == [YES, UNKNOWN, NO, NO, YES, YES, YES]


def test_what_is_stated_to_be_absent_overrides_what_was_found_and_what_is_unknown_does_not() -> None:
    found = ("x", 0, "boar", 0.0, 5.0, "yes")
    absent = ("x", 0, "boar", 1.0, 2.5, "no")  # slices are about 0.625, 1.25, 1.875, ... s
    assert views_of([absent, found]).truth[2, :, 0].tolist() == [YES, NO, NO, YES, YES, YES, YES]
    for rows in ([found, ("x", 0, "boar", 0.0, 5.0, "unknown")], [("x", 0, "boar", 0.0, 5.0, "unknown"), found]):
        assert (views_of(rows).truth[2, :, 0] == YES).all()
    unknown = ("x", 1, "fox", 1.25, 5.0, "unknown")
    assert views_of([unknown]).truth[3].T.tolist() == [[NO] * 7, [NO] + [UNKNOWN] * 6]
    assert views_of([unknown, ("x", 1, "fox", 0.0, 5.0, "no")]).truth[3, :, 1].tolist() == [NO] * 7


@pytest.mark.parametrize("table", [COPIES, COPIES[1:], COPIES[:0]], ids=["all", "without partners", "none"])
def test_tables_read_from_files_give_the_same_views(tmp_path: Path, table: pd.DataFrame) -> None:
    calls = pd.DataFrame([("x", 0, "boar", 0.0, 5.0, "yes")], columns=CALL_COLUMNS)
    write_table(table, tmp_path / "copies.csv")
    write_table(calls, tmp_path / "calls.csv")
    read = list_views(TWO, read_table(tmp_path / "copies.csv"), read_table(tmp_path / "calls.csv"), LABELS, TIMES)
    expected = list_views(TWO, table, calls, LABELS, TIMES)
    assert read.sources.tolist() == expected.sources.tolist()
    assert read.second_label.tolist() == expected.second_label.tolist()
    np.testing.assert_array_equal(read.truth, expected.truth)


def test_views_of_clips_are_mixed_of_the_sources_that_are_allowed() -> None:
    views = views_of([])
    assert views.of_clips(["x"], ["sx"]).tolist() == [2, 4]
    assert views.of_clips(["x"], ["sx", "sh"]).tolist() == [2, 4]
    assert views.of_clips(["x", "y"], ["sx", "sh", "sy"]).tolist() == [2, 3, 4, 5]
    assert views.of_clips(["x"], ["sy", "sh"]).tolist() == []
    assert views.of_clips([], ["sx"]).tolist() == []


@pytest.mark.parametrize(
    ("slices", "of_clip", "of_copies"),
    [
        (1, [0], [[0]]),
        (2, [0, 1], [[0, 1]]),
        (3, [0, 2], [[1, 2], [0, 2], [0, 1]]),
        (7, [0, 2, 4, 6], [[1, 4], [2, 5], [3, 6], [0, 4], [1, 5], [2, 6], [0, 3], [1, 4]]),
    ],
)
def test_of_a_clip_every_second_slice_is_learned_from_and_of_its_copies_two_that_move_on(
    slices: int, of_clip: list[int], of_copies: list[list[int]]
) -> None:
    copies = pd.DataFrame(
        [(clip, view, *[""] * 6) for clip in ("x", "h") for view in range(1, len(of_copies) + 1)], columns=COLUMNS
    )
    views = list_views(TWO, copies, NO_CALLS, LABELS, slice_times(slices, 5.0))
    of_view, of_slice = training_slices(views)
    for row, (clip, view) in enumerate(zip(views.clip, views.view, strict=True)):
        expected = of_copies[view - 1] if view else of_clip
        assert of_slice[of_view == row].tolist() == expected, (clip, view)


@pytest.mark.parametrize("slices", range(1, 13))
def test_of_copies_two_slices_are_learned_from_and_of_enough_copies_all(slices: int) -> None:
    n_copies = (slices + 1) // 2
    copies = pd.DataFrame([("x", view, *[""] * 6) for view in range(1, n_copies + 1)], columns=COLUMNS)
    views = list_views(TWO[:1], copies, NO_CALLS, LABELS, slice_times(slices, 5.0))
    of_view, of_slice = training_slices(views)
    of_copies = views.view[of_view] > 0
    assert np.bincount(of_view)[1:].tolist() == [min(2, slices)] * n_copies
    assert set(of_slice[of_copies]) == set(range(slices))


def test_copies_keep_their_slices_where_others_are_left_out() -> None:
    copies = pd.DataFrame([("x", view, *[""] * 6) for view in range(1, 6)], columns=COLUMNS)
    views = list_views(TWO, copies, NO_CALLS, LABELS, TIMES)
    of_view, of_slice = training_slices(views)
    some = np.flatnonzero((views.view != 2) & (views.label != NONE))
    of_some, slices_of_some = training_slices(views[some])
    kept = np.isin(of_view, some)
    np.testing.assert_array_equal(some[of_some], of_view[kept])
    np.testing.assert_array_equal(slices_of_some, of_slice[kept])


def test_without_views_nothing_is_learned_from() -> None:
    views = list_views(TWO, COPIES, NO_CALLS, LABELS, TIMES)
    assert [len(values) for values in training_slices(views[np.array([], int)])] == [0, 0]


@pytest.mark.parametrize("partner", [0, 1, 2])
def test_a_leak_is_an_error_that_names_the_view_and_the_source(partner: int) -> None:
    views = views_of([])[np.array([2, 3])]
    assert_no_leak(views, {"sx", "sh", "sy"})
    views.sources[1, partner] = "t"
    with pytest.raises(EchoError, match=r"x, copy 1, .*source t,"):
        assert_no_leak(views, {"sx", "sh", "sy"})


@given(tables(), st.integers(0, 20))
@at_most(15)
def test_a_draw_is_trained_on_copies_of_training_sources_alone(table: pd.DataFrame, number: int) -> None:
    """Of uneven numbers of sources, some of which several kinds share."""
    try:
        draw = draw_sources(table, Split(train=1, validation=1, test=1, seed=1), 1, number)
    except EchoError:
        draw = pd.DataFrame()
    assume(len(draw) > 0)
    copies = plan_copies(table, augmentation(copies=3, second_call=0.8))
    views = list_views(draw, copies, NO_CALLS, ["a"], TIMES)
    by_part = {part: set(rows["source"]) for part, rows in draw.groupby("part")}
    of_copy = copies.set_index(["clip", "view"])
    for part, of_part in draw.groupby("part"):
        chosen = views[views.of_clips(of_part["clip"], by_part[part])]
        assert_no_leak(chosen, by_part[part])
        assert set(of_part["clip"]) == set(chosen.clip)  # at least the clips themselves
        for clip, view in zip(chosen.clip, chosen.view, strict=True):
            if view:
                partners = of_copy.loc[(clip, view), ["background_source", "second_source"]]
                assert set(partners) <= by_part[part] | {""}


def test_nearly_all_copies_of_training_clips_can_be_learned_from_where_sources_are_even() -> None:
    even = CLIPS[~CLIPS["source"].isin([f"fox{n}" for n in range(5, 9)] + ["owl5"])]
    copies = plan_copies(even, augmentation())
    shares = []
    for number in range(10):
        draw = draw_sources(even, Split(train=3, validation=1, test=1, seed=1), 1, number)
        train = draw[draw["part"] == "train"]
        views = list_views(train, copies, NO_CALLS, ["boar"], TIMES)
        animals = np.isin(views.clip, ANIMALS["clip"])
        allowed = np.zeros(len(views), bool)
        allowed[views.of_clips(train["clip"], set(train["source"]))] = True
        shares.append(allowed[animals].mean())
    assert np.mean(shares) > 0.8


def test_views_mixed_into_a_kind_that_is_left_out_are_not_chosen_though_their_sources_are() -> None:
    views, sources = views_of([]), {"sx", "sy", "sh"}
    chosen, without = (views.of_clips(["x"], sources, kind) for kind in ("", "rain"))
    assert views.view[chosen].tolist() == [0, 1, 2]
    assert views.view[without].tolist() == [0, 2]


@pytest.mark.parametrize("slices", range(1, 12))
def test_every_part_of_a_window_is_learned_from(slices: int) -> None:
    times = slice_times(slices, 5.0)
    views = list_views(TWO, COPIES[:0], NO_CALLS, LABELS, times)
    of_view, of_slice = training_slices(views)
    for view in range(len(views)):
        chosen = times[of_slice[of_view == view]]
        assert (chosen[0, 0], chosen[-1, 1]) == (0, 5)
        assert (chosen[1:, 0] <= chosen[:-1, 1] + 1e-9).all()


def test_of_partially_labelled_clips_only_is_known_and_learned_what_is_stated() -> None:
    clips = pd.concat([TWO, pd.DataFrame([("p", PARTIAL, "sp"), ("q", PARTIAL, "sq")], columns=TWO.columns)])
    calls = pd.DataFrame(
        [("p", 0, "fox", 0.5, 1.9, "no"), ("p", 0, "boar", 4.9, 5.0, "yes")],
        columns=CALL_COLUMNS,
    )
    views = list_views(clips, COPIES, calls, LABELS, TIMES)
    (of_p,), (of_q,) = (np.flatnonzero(views.clip == clip) for clip in "pq")  # without copies
    boar, fox = views.truth[of_p].T
    assert boar.tolist() == [UNSTATED] * 6 + [YES]
    assert fox.tolist() == [NO, NO, NO, *[UNSTATED] * 4]  # their middles are at 0.625, 1.25 and 1.875 s
    assert (views.truth[of_q] == UNSTATED).all()
    of_view, of_slice = training_slices(views)
    assert of_slice[of_view == of_p].tolist() == [0, 1, 2, 6]
    assert of_q not in of_view
    plain = list_views(TWO, COPIES, calls, LABELS, TIMES)
    others = np.flatnonzero(views.label != PARTIAL)
    np.testing.assert_array_equal(views[others].truth, plain.truth)

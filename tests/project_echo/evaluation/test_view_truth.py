"""Whether views hold each animal, from their slices and from what labels.csv states, and as text in tables."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from project_echo.core.labels import NONE
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import calls_of_clip
from project_echo.datasets.views import CALL_COLUMNS, NO, UNKNOWN, YES, list_views
from project_echo.evaluation.trainer import prediction_rows
from project_echo.evaluation.view_truth import join_truth, split_truth, truth_of_views
from project_echo.features.slices import slice_times

ANIMALS = ["boar", "fox", "owl"]
TIMES = slice_times(7, 5.0)
STATED = ["label", "start_s", "end_s", "present"]
CLIPS = pd.DataFrame({"clip": ["a"], "label": ["boar"], "kind": ["boar"], "source": ["s"]})
NO_COPIES = pd.DataFrame(
    columns=["clip", "view", "background_source", "second_source", "background_kind", "second_label"]
)


def test_a_view_holds_what_a_slice_holds_and_is_unknown_where_a_slice_may() -> None:
    slices = np.array([[[YES, UNKNOWN, NO], [UNKNOWN, NO, NO]], [[NO, NO, YES], [NO, UNKNOWN, YES]]], np.int8)
    assert truth_of_views(slices).tolist() == [[YES, UNKNOWN, NO], [NO, UNKNOWN, YES]]


def test_its_text_names_what_is_held_then_what_may_be() -> None:
    truth = np.array([[YES, YES, NO], [YES, UNKNOWN, NO], [NO, UNKNOWN, UNKNOWN], [NO, NO, NO]])
    assert join_truth(truth, ANIMALS) == ["boar/fox", "boar//fox", "//fox/owl", ""]


@given(st.lists(st.tuples(*[st.sampled_from([YES, NO, UNKNOWN])] * 3), min_size=1, max_size=20))
def test_the_text_is_read_back_also_from_a_file(rows: list[tuple[int, int, int]]) -> None:
    truth = np.array(rows, np.int8)
    np.testing.assert_array_equal(split_truth(pd.Series(join_truth(truth, ANIMALS)), ANIMALS), truth)


def test_labels_that_begin_alike_or_look_like_numbers_are_told_apart(tmp_path: Path) -> None:
    labels, truth = (
        ["1", "1.0", "fox", "fox?"],
        np.array([[YES, NO, UNKNOWN, NO], [NO, YES, NO, YES], [YES, NO, NO, NO]]),
    )
    write_table(pd.DataFrame({"truth": join_truth(truth, labels)}), tmp_path / "table.csv")
    np.testing.assert_array_equal(split_truth(read_table(tmp_path / "table.csv")["truth"], labels), truth)


def row_of(*stated: tuple[str, float, float, str]) -> np.ndarray:
    """What the table of predictions says of a clip of boars that call from 0 to 2 s, with what is stated of it."""
    rows = calls_of_clip("boar", [(0.0, 2.0)], pd.DataFrame(list(stated), columns=STATED))
    calls = pd.DataFrame([("a", 0, *row) for row in rows], columns=CALL_COLUMNS)
    views = list_views(CLIPS, NO_COPIES, calls, ANIMALS, TIMES)
    keys = {"draw": 0, "train": 1, "held_out": ""}
    table = prediction_rows(keys, CLIPS, views, np.array(["validation"]), np.zeros((1, 3)), [*ANIMALS, NONE])
    return split_truth(table["truth"], ANIMALS)[0]


def test_what_a_clip_is_stated_to_hold_beside_its_label_counts() -> None:
    assert row_of().tolist() == [YES, NO, NO]
    assert row_of(("fox", 3.0, 4.0, "yes")).tolist() == [YES, YES, NO]
    assert row_of(("owl", 0.0, 5.0, "unknown")).tolist() == [YES, NO, UNKNOWN]
    assert row_of(("boar", 0.0, 5.0, "no")).tolist() == [NO, NO, NO]
    assert row_of(("boar", 0.0, 5.0, "no"), ("fox", 1.0, 1.2, "yes")).tolist() == [NO, YES, NO]

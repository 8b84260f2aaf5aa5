"""Nearest training clips."""

import numpy as np
import pandas as pd

from project_echo.explain.nearest import COLUMNS, error_table, nearest_neighbors

GENERATOR = np.random.default_rng(1)
TRAIN = GENERATOR.normal(3, 1, (12, 8)).astype(np.float32)
TRAINING = pd.DataFrame({"clip": [f"clip {number}" for number in range(12)], "label": ["fox", "toad"] * 6})
WRONG = pd.DataFrame(
    [("x", "fox", "toad", 0.3, 0.7, 0.0), ("y", "fox", "none", 0.4, 0.0, 0.6)],
    columns=["clip", "truth", "prediction", "fox", "toad", "none"],
)


def test_a_training_clip_is_its_own_nearest_neighbor() -> None:
    assert nearest_neighbors(TRAIN, TRAIN, 3)[:, 0].tolist() == list(range(12))


def test_neighbors_come_by_similarity_and_there_are_no_more_than_training_clips() -> None:
    train = np.array([[1, 0], [-1, 0], [0.9, 0.5], [-0.9, -0.5]])
    assert nearest_neighbors(np.array([[2.0, 0.1]]), train, 3).tolist() == [[0, 2, 3]]
    assert nearest_neighbors(np.array([[2.0, 0.1]]), train, 9).tolist() == [[0, 2, 3, 1]]


def test_scale_and_offset_of_a_channel_make_no_difference() -> None:
    clips = GENERATOR.normal(3, 1, (5, 8))
    scale, offset = np.geomspace(0.5, 2, 8), np.arange(8)
    scaled = nearest_neighbors(clips * scale + offset, TRAIN * scale + offset, 3)
    assert scaled.tolist() == nearest_neighbors(clips, TRAIN, 3).tolist()


def test_a_channel_that_is_constant_in_training_does_not_dominate() -> None:
    train = np.column_stack([TRAIN, np.full(12, 0.0)])
    clips = np.column_stack([TRAIN, np.full(12, 0.2)])
    assert nearest_neighbors(clips, train, 1)[:, 0].tolist() == list(range(12))


def test_equal_clips_are_all_equally_near() -> None:
    assert nearest_neighbors(np.ones((1, 4)), np.ones((3, 4)), 3).tolist() == [[0, 1, 2]]


def test_copies_of_a_training_clip_are_equally_near_wherever_they_stand() -> None:
    stored = GENERATOR.integers(0, 3000, (13, 900)).astype(np.int16)
    order = nearest_neighbors(stored, np.tile(stored, (3, 1)), 3)
    assert order.tolist() == [[clip, clip + 13, clip + 26] for clip in range(13)]


def test_every_wrong_clip_has_its_confidence_and_its_neighbors_with_their_labels() -> None:
    table = error_table(WRONG, TRAINING, TRAIN[[4, 7]], TRAIN)
    assert list(table) == COLUMNS
    assert table["confidence"].tolist() == [0.7, 0.6]
    assert table["nearest_1"].tolist() == ["clip 4", "clip 7"]
    assert table["nearest_1_label"].tolist() == ["fox", "toad"]
    labels = dict(zip(TRAINING["clip"], TRAINING["label"], strict=True))
    assert table["nearest_3_label"].tolist() == table["nearest_3"].map(labels).tolist()


def test_with_fewer_training_clips_than_neighbors_columns_stay_empty() -> None:
    table = error_table(WRONG, TRAINING[:2], TRAIN[[1, 0]], TRAIN[:2])
    assert list(table) == COLUMNS
    assert table["nearest_1"].tolist() == ["clip 1", "clip 0"]
    assert table["nearest_3"].isna().all()


def test_without_wrong_clips_the_table_has_its_columns() -> None:
    table = error_table(WRONG[:0], TRAINING, np.array([]), TRAIN)
    assert table.empty
    assert list(table) == COLUMNS

"""Nearest training clips."""

import numpy as np

from project_echo.explain.nearest import nearest

GENERATOR = np.random.default_rng(1)
TRAIN = GENERATOR.normal(3, 1, (12, 8)).astype(np.float32)


def test_a_training_clip_is_its_own_nearest() -> None:
    assert nearest(TRAIN, TRAIN, 3)[:, 0].tolist() == list(range(12))


def test_neighbours_come_in_the_order_of_their_likeness_and_as_many_as_there_are() -> None:
    train = np.array([[1, 0], [-1, 0], [0.9, 0.5], [-0.9, -0.5]])
    assert nearest(np.array([[2.0, 0.1]]), train, 3).tolist() == [[0, 2, 3]]
    assert nearest(np.array([[2.0, 0.1]]), train, 9).tolist() == [[0, 2, 3, 1]]


def test_the_scale_of_a_channel_and_where_it_starts_make_no_difference() -> None:
    clips = GENERATOR.normal(3, 1, (5, 8))
    scale, start = np.geomspace(0.5, 2, 8), np.arange(8)
    scaled = nearest(clips * scale + start, TRAIN * scale + start, 3)
    assert scaled.tolist() == nearest(clips, TRAIN, 3).tolist()


def test_a_channel_that_was_silent_in_training_does_not_drown_the_others_when_it_speaks() -> None:
    train = np.column_stack([TRAIN, np.full(12, 0.0)])
    clips = np.column_stack([TRAIN, np.full(12, 0.2)])
    assert nearest(clips, train, 1)[:, 0].tolist() == list(range(12))


def test_clips_that_are_all_the_same_are_all_alike() -> None:
    assert nearest(np.ones((1, 4)), np.ones((3, 4)), 3).tolist() == [[0, 1, 2]]

"""The clips of a part, their augmented copies, and their arrays on disk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.labels import NONE
from project_echo.datasets.examples import Embeddings, clips_for_head, read_batches, read_examples, select_examples
from project_echo.datasets.views import Views

SPLIT = pd.DataFrame(
    [("fox/b", "fox", "train"), ("boar/001", "boar", "train"), ("fox/a", "fox", "test"), ("fox/c", "fox", "unused")],
    columns=["clip", "label", "part"],
)
LABELS = ["boar", "fox"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file per clip, a row per view: the hundreds of a value are the clip, its units the view."""
    for number, clip in enumerate(SPLIT["clip"]):
        views = np.arange(3)[:, None] + 100 * number + np.zeros((3, 2))
        files.write_array(views.astype(np.int16), tmp_path / f"{clip}.npy")
    return tmp_path


def test_every_view_of_every_clip_of_a_part_has_the_target_of_its_label() -> None:
    train = select_examples(SPLIT, "train", LABELS, n_views=3)
    assert train.clips.tolist() == ["fox/b"] * 3 + ["boar/001"] * 3
    assert train.views.tolist() == [0, 1, 2, 0, 1, 2]
    assert train.targets.tolist() == [1, 1, 1, 0, 0, 0]
    assert len(train) == 6


def test_arrays_are_in_the_order_of_the_examples(folder: Path) -> None:
    reordered = select_examples(SPLIT, "train", LABELS, n_views=2)[np.array([3, 0, 1])]
    assert reordered.clips.tolist() == ["boar/001", "fox/b", "fox/b"]
    arrays = read_examples(folder, reordered)
    assert arrays.dtype == np.int16
    assert arrays.tolist() == [[101, 101], [0, 0], [1, 1]]


def test_the_first_view_is_the_clip_itself(folder: Path) -> None:
    test = select_examples(SPLIT, "test", LABELS, n_views=1)
    assert read_examples(folder, test).tolist() == [[200, 200]]


@pytest.mark.parametrize(("batch_size", "lengths"), [(4, [4, 2]), (6, [6]), (32, [6])])
def test_batches_hold_all_examples_in_order(folder: Path, batch_size: int, lengths: list[int]) -> None:
    train = select_examples(SPLIT, "train", LABELS, n_views=3)
    batches = list(read_batches(folder, train, batch_size))
    assert [len(batch) for batch in batches] == lengths
    np.testing.assert_array_equal(np.concatenate(batches), read_examples(folder, train))


def views_of(clips: list[str], view: list[int]) -> Views:
    n = len(clips)
    return Views(
        clip=np.array(clips),
        view=np.array(view),
        label=np.array(["fox"] * n),
        sources=np.array([["s"] * 3] * n),
        background_kind=np.array([""] * n),
        second_label=np.array([""] * n),
        truth=np.zeros((n, 2, 1), np.int8),
    )


def test_embeddings_are_indexed_as_an_array_of_views_in_their_order(tmp_path: Path) -> None:
    for number, clip in enumerate("ab"):
        values = 100 * number + 10 * np.arange(3)[:, None, None] + np.arange(2)[:, None] + np.zeros(4)
        files.write_array(values.astype(np.uint8), tmp_path / f"{clip}.npy")
    embeddings = Embeddings(tmp_path, views_of(["b", "a", "b", "a"], [2, 0, 0, 1]))
    whole = embeddings[np.arange(4)]
    assert (whole.shape, whole.dtype, len(embeddings)) == ((4, 2, 4), np.uint8, 4)
    assert whole[:, :, 0].tolist() == [[120, 121], [0, 1], [100, 101], [10, 11]]
    of_view, of_slice = np.array([3, 0, 0, 1]), np.array([1, 1, 0, 1])
    np.testing.assert_array_equal(embeddings[of_view], whole[of_view])
    np.testing.assert_array_equal(embeddings[of_view, of_slice], whole[of_view, of_slice])
    np.testing.assert_array_equal(embeddings[of_view, 1], whole[of_view, 1])
    chosen = np.array([True, False, False, True])
    np.testing.assert_array_equal(embeddings[chosen], whole[chosen])
    np.testing.assert_array_equal(embeddings[chosen, 0], whole[chosen, 0])
    with pytest.raises(ValueError, match="nothing"):
        embeddings[np.array([], int)]


def test_there_may_be_more_clips_than_a_process_may_have_open_files(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    clips = [f"{number}" for number in range(300)]
    for number, clip in enumerate(clips):
        files.write_array(np.full((1, 2, 1), number % 256, np.uint8), tmp_path / f"{clip}.npy")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        read = Embeddings(tmp_path, views_of(clips, [0] * 300))[np.arange(300)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert read[:, 0, 0].tolist() == [number % 256 for number in range(300)]


def test_a_label_that_is_not_among_the_labels_is_an_error() -> None:
    with pytest.raises(ValueError, match="fox"):
        select_examples(SPLIT, "train", ["boar"], n_views=1)


@pytest.mark.parametrize(("head", "clips"), [("logistic", ["a", "b", "c"]), ("dense", ["a", "c"])])
def test_the_dense_head_has_background_for_a_single_animal_only(head: str, clips: list[str]) -> None:
    table = pd.DataFrame({"clip": ["a", "b", "c"], "label": ["fox", NONE, "fox"]})
    assert clips_for_head(table, head)["clip"].tolist() == ["a", "b", "c"]
    table["label"] = ["fox", NONE, "owl"]
    assert clips_for_head(table, head)["clip"].tolist() == clips

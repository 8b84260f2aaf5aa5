"""The clips of a part, their copies, and their arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.datasets import examples

SPLIT = pd.DataFrame(
    [("fox/b", "fox", "train"), ("boar/001", "boar", "train"), ("fox/a", "fox", "test"), ("fox/c", "fox", "unused")],
    columns=["clip", "label", "part"],
)
LABELS = ["boar", "fox"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file per clip, a row per view: hundreds tell the clip, units the view."""
    for place, clip in enumerate(SPLIT["clip"]):
        views = np.arange(3)[:, None] + 100.0 * place + np.zeros((3, 2))
        files.write_array(views.astype(np.float16), tmp_path / f"{clip}.npy")
    return tmp_path


def test_every_view_of_every_clip_of_a_part_carries_its_label() -> None:
    found = examples.examples(SPLIT, "train", LABELS, n_views=3)
    assert found.clips.tolist() == ["fox/b"] * 3 + ["boar/001"] * 3
    assert found.views.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.targets.tolist() == [1, 1, 1, 0, 0, 0]
    assert len(found) == 6


def test_arrays_come_in_the_order_of_the_examples(folder: Path) -> None:
    found = examples.examples(SPLIT, "train", LABELS, n_views=2)[np.array([3, 0, 1])]
    assert found.clips.tolist() == ["boar/001", "fox/b", "fox/b"]
    arrays = examples.read(folder, found)
    assert arrays.dtype == np.float32
    assert arrays.tolist() == [[101, 101], [0, 0], [1, 1]]


def test_one_view_is_the_clip_itself(folder: Path) -> None:
    scored = examples.examples(SPLIT, "test", LABELS, n_views=1)
    assert examples.read(folder, scored).tolist() == [[200, 200]]
    assert examples.n_views(folder, SPLIT) == 3


@pytest.mark.parametrize("indices", [np.array([3, 0]), np.array([True, False, False, True]), slice(1, 3)])
def test_views_of_clips_on_disk_are_indexed_like_an_array_of_them(folder: Path, indices: np.ndarray | slice) -> None:
    whole = np.stack([files.read_array(folder / f"{clip}.npy") for clip in SPLIT["clip"]]).astype(np.float32)
    views = examples.Views(folder, SPLIT["clip"].to_numpy())
    assert views.shape == whole.shape
    assert views[indices].dtype == np.float32
    np.testing.assert_array_equal(views[indices], whole[indices])


def test_views_are_read_when_they_are_asked_for(folder: Path) -> None:
    views = examples.Views(folder, SPLIT["clip"].to_numpy())
    (folder / "fox/c.npy").unlink()
    assert views[np.arange(3)].shape == (3, 3, 2)
    with pytest.raises(EchoError, match=r"c\.npy is not there"):
        views[np.array([3])]


def test_a_label_that_the_classifier_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="fox"):
        examples.examples(SPLIT, "train", ["boar"], n_views=1)

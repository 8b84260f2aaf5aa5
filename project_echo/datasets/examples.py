"""The examples to train or score on, with or without their augmented copies, and their arrays on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import scored_labels
from project_echo.datasets.views import Views


@dataclass(frozen=True)
class Examples:
    """What is trained or scored on; each array has shape (examples,)."""

    clips: np.ndarray  # names
    views: np.ndarray  # 0 is the clip itself, the others are its augmented copies
    targets: np.ndarray  # indices of the labels

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, indices: np.ndarray) -> "Examples":
        return Examples(self.clips[indices], self.views[indices], self.targets[indices])


def clips_for_head(clips: pd.DataFrame, head: str) -> pd.DataFrame:
    """Select the clips that a classifier head is trained on.

    Parameters
    ----------
    clips : pd.DataFrame
        A row per clip, with `label`.
    head : {"logistic", "dense"}
        The dense head, that of the published study, has no label for background, unless there is a single animal.

    Returns
    -------
    pd.DataFrame
        All rows; for the dense head only those of the labels that are scored.
    """
    return clips[clips["label"].isin(scored_labels(clips["label"].unique()))] if head == "dense" else clips


def select_examples(split: pd.DataFrame, part: str, labels: list[str], n_views: int) -> Examples:
    """The first `n_views` views of every clip of a part.

    Parameters
    ----------
    split : pd.DataFrame
        A row per clip with `clip`, `label` and `part`.
    part : {"train", "validation", "test"}
    labels : list of str
        All labels of the part, in the order of the targets.
    n_views : int
        1 for the clips without their copies.

    Returns
    -------
    selected : Examples
        Clip after clip, each with its views.
    """
    chosen = split[split["part"] == part]
    targets = chosen["label"].map(labels.index).to_numpy()
    return Examples(
        clips=np.repeat(chosen["clip"].to_numpy(), n_views),
        views=np.tile(np.arange(n_views), len(chosen)),
        targets=np.repeat(targets, n_views),
    )


def read_examples(folder: Path, examples: Examples) -> np.ndarray:
    """Read the arrays of examples from a folder with a .npy file per clip and a row per view in it.

    Parameters
    ----------
    folder : Path
        Spectrograms or embeddings.
    examples : Examples

    Returns
    -------
    np.ndarray of shape (examples, ...)
        Of the dtype of the files.
    """
    return _read(folder, examples.clips, examples.views)


def read_batches(folder: Path, examples: Examples, batch_size: int = 32) -> Iterator[np.ndarray]:
    """The arrays of `read_examples` in batches, so that they are not all in memory at once."""
    for start in range(0, len(examples), batch_size):
        yield read_examples(folder, examples[np.arange(start, min(start + batch_size, len(examples)))])


@dataclass(frozen=True)
class Embeddings:
    """Embeddings of views in a folder with a .npy file per clip; only what is indexed is read.

    As with an array of shape (views, slices, width), ``embeddings[of_view]`` has shape (n, slices, width), and
    ``embeddings[of_view, of_slice]`` has shape (n, width).
    """

    folder: Path
    views: Views

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: np.ndarray | tuple[np.ndarray, np.ndarray | int]) -> np.ndarray:
        of_view, *of_slice = index if isinstance(index, tuple) else (index,)
        clips = self.views.clip[of_view]
        return _read(
            self.folder, clips, self.views.view[of_view], *(np.broadcast_to(part, clips.shape) for part in of_slice)
        )


def _read(folder: Path, clips: np.ndarray, *indices: np.ndarray) -> np.ndarray:
    """Elements of the arrays of clips, each at its indices."""
    elements: np.ndarray | None = None
    for clip, rows in pd.Series(clips).groupby(clips, sort=False).indices.items():  # one file is open at a time
        read = files.read_array(folder / f"{clip}.npy")[tuple(index[rows] for index in indices)]
        if elements is None:
            elements = np.empty((len(clips), *read.shape[1:]), read.dtype)
        elements[rows] = read
    if elements is None:
        raise ValueError("there is nothing to read")
    return elements

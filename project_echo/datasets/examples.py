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
    pairs = zip(examples.clips, examples.views, strict=True)
    return np.stack([_read_views(folder, clip)[view] for clip, view in pairs])


def read_batches(folder: Path, examples: Examples, batch_size: int = 32) -> Iterator[np.ndarray]:
    """The arrays of `read_examples` in batches, so that they are not all in memory at once."""
    for start in range(0, len(examples), batch_size):
        yield read_examples(folder, examples[np.arange(start, min(start + batch_size, len(examples)))])


def read_embeddings(folder: Path, views: Views) -> np.ndarray:
    """The embeddings of views, shape (views, slices, width), from a folder with a .npy file per clip."""
    arrays = {clip: _read_views(folder, clip) for clip in dict.fromkeys(views.clip.tolist())}
    return np.stack([arrays[clip][view] for clip, view in zip(views.clip.tolist(), views.view.tolist(), strict=True)])


def _read_views(folder: Path, clip: str) -> np.ndarray:
    return files.read_array(folder / f"{clip}.npy")

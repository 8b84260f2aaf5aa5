"""Clips of one part of the split, with or without their augmented copies, and their arrays on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from project_echo.core import files


@dataclass(frozen=True)
class Examples:
    """What is trained or scored on; each array has shape (examples,)."""

    clips: np.ndarray  # names
    views: np.ndarray  # 0 is the clip itself, the others are its copies
    targets: np.ndarray  # indices of the labels

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, indices: np.ndarray) -> "Examples":
        return Examples(self.clips[indices], self.views[indices], self.targets[indices])


def examples(split: pd.DataFrame, part: str, labels: list[str], n_views: int) -> Examples:
    """The first `n_views` views of every clip of a part; 1 is the clip without copies."""
    chosen = split[split["part"] == part]
    targets = chosen["label"].map(labels.index).to_numpy()
    return Examples(
        clips=np.repeat(chosen["clip"].to_numpy(), n_views),
        views=np.tile(np.arange(n_views), len(chosen)),
        targets=np.repeat(targets, n_views),
    )


def read(folder: Path, wanted: Examples) -> np.ndarray:
    """Their arrays, stacked, from a folder with a file per clip and a row per view in it (spectrograms, embeddings)."""
    return np.stack(
        [_views(folder, clip)[view] for clip, view in zip(wanted.clips, wanted.views, strict=True)], dtype=np.float32
    )


class Views:
    """All views of clips, read from such a folder when they are asked for: ``Views(folder, clips)[indices]``.

    Indexed along its first axis like an array of shape (clips, views, ...), float32, which it never holds as a whole.
    """

    def __init__(self, folder: Path, clips: np.ndarray):
        """`clips` are names, shape (clips,)."""
        self._folder, self._clips = folder, clips
        self.shape = (len(clips), *_views(folder, clips[0]).shape)

    def __getitem__(self, indices: Any, /) -> np.ndarray:
        return np.stack([_views(self._folder, clip) for clip in self._clips[indices]], dtype=np.float32)


def read_batches(folder: Path, wanted: Examples, size: int = 32) -> Iterator[np.ndarray]:
    """The same arrays, `size` at a time, so that not all are in memory at once."""
    for start in range(0, len(wanted), size):
        yield read(folder, wanted[np.arange(start, min(start + size, len(wanted)))])


def n_views(folder: Path, split: pd.DataFrame) -> int:
    """How many views each clip has: itself and its copies."""
    return len(_views(folder, split["clip"].iloc[0]))


def _views(folder: Path, clip: str) -> np.ndarray:
    return files.read_array(folder / f"{clip}.npy")

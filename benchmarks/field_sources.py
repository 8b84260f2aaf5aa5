"""Which clips of a folder in ESC-50's layout the classifier of field.py learns from, and which its recordings hold."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from project_echo.core.labels import NONE
from project_echo.core.seeds import generator
from project_echo.media.resample import resample

BACKGROUND_SHARE = 0.6  # of the sources of each kind of background, to learn from


def list_clips(
    folder: Path, targets: Sequence[str], background: Sequence[str], distractors: Sequence[str]
) -> pd.DataFrame:
    """Clips of some categories: clip (file name), label, kind and source. Distractors are kinds of background."""
    table = pd.read_csv(folder / "meta" / "esc50.csv")
    table = table[table["category"].isin([*targets, *background, *distractors])].sort_values("filename")
    clips = pd.DataFrame(
        {"clip": table["filename"], "kind": table["category"], "source": table["src_file"].astype(str)}
    )
    label = clips["kind"].where(clips["kind"].isin(targets), NONE)
    return clips.assign(label=label).reset_index(drop=True)


def take_half(clips: pd.DataFrame, half: int) -> pd.DataFrame:
    """The clips of one half of the sources of each kind. A source of several kinds is in one half with all of them."""
    half_of: dict[str, int] = {}
    for kind, rows in clips.groupby("kind"):
        sources = generator(0, "half", str(kind)).permutation(sorted(rows["source"].unique())).tolist()
        half_of = {source: number % 2 for number, source in enumerate(sources)} | half_of
    return clips[clips["source"].map(half_of) == half].reset_index(drop=True)


def assign(clips: pd.DataFrame, number: int, train_sources: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clips to learn from, and clips to mix recordings of, none of whose sources is learned from."""
    learned: set[str] = set()
    for kind, rows in clips.groupby("kind"):
        sources = generator(number, "assign", str(kind)).permutation(sorted(rows["source"].unique())).tolist()
        is_background = (rows["label"] == NONE).all()
        n = max(1, min(len(sources) - 1, round(BACKGROUND_SHARE * len(sources)))) if is_background else train_sources
        learned |= set(sources[:n])
    inside = clips["source"].isin(learned)
    return clips[inside].reset_index(drop=True), clips[~inside].reset_index(drop=True)


def read_original(esc50: Path, rate: int, clip: str) -> np.ndarray:
    """Samples of a clip of the data set itself, shape (n,), float32, at a rate in Hz."""
    samples, own = soundfile.read(esc50 / "audio" / clip, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return mono if own == rate else resample(mono, own, rate)

"""Compute mel filters, and with them the log-mel images of every clip and of its augmented copies.

python stages/spectrograms.py data/clips data/spectrograms
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.parallel import map_all
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.view_sounds import Call, Plan, make_views, plan_views
from project_echo.datasets.views import CALL_COLUMNS
from project_echo.features.augmentation import Augmentation
from project_echo.features.config import Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(clips: Path, spectrograms: Path) -> None:
    features, augmentation = load_params("features", Features), load_params("augmentation", Augmentation)
    filters = compute_mel_filters(features)
    spectrogram = MelSpectrogram(features, filters)
    table = read_table(clips / "clips.csv")
    copies = plan_copies(table, augmentation)
    plans = plan_views(table, copies, read_table(clips / "labels.csv"))
    with files.atomic_folder(spectrograms) as temporary:
        items = [(plan, clips, spectrogram, augmentation, temporary) for plan in plans]
        calls = [row for rows in map_all(write_images, items, "spectrograms") for row in rows]
        write_table(copies, temporary / "copies.csv")
        write_table(pd.DataFrame(calls, columns=CALL_COLUMNS), temporary / "calls.csv")
        files.write_json(features.model_dump(), temporary / "features.json")
        write_mel_filters(filters, temporary / "mel_filters.npz")
    mixed = (copies["background"] != "").sum()
    print(
        f"{len(table)} clips, {augmentation.copies} copies of each, {' x '.join(map(str, features.image_shape))}; "
        f"{mixed} copies are mixed into background of the corpus, {(copies['second'] != '').sum()} hold a second call"
    )


def write_images(
    plan: Plan, clips: Path, spectrogram: MelSpectrogram, augmentation: Augmentation, spectrograms: Path
) -> list[Call]:
    """Write the images of one clip, shape (1 + copies, n_mels, frames, 3), int8, itself first.

    Returns the rows of the table of calls.
    """
    views, calls = make_views(plan, augmentation, lambda name: files.read_sound(clips / f"{name}.wav"))
    files.write_array(np.stack([spectrogram.image(view) for view in views]), spectrograms / f"{plan.clip}.npy")
    return calls


if __name__ == "__main__":
    run(main)

"""Compute mel filters, and with them the log-mel images of every clip and of its augmented copies.

python stages/spectrograms.py data/clips data/spectrograms
"""

from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.parallel import map_all
from project_echo.core.seeds import generator
from project_echo.features.augmentation import Augmentation, augment
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
    table = files.read_table(clips / "clips.csv")
    with files.atomic_folder(spectrograms) as temporary:
        arguments = [(clips, clip, spectrogram, augmentation, temporary) for clip in table["clip"]]
        map_all(write_images, arguments, "spectrograms")
        files.write_json(features.model_dump(), temporary / "features.json")
        write_mel_filters(filters, temporary / "mel_filters.npz")
    print(f"{len(table)} clips, {augmentation.copies} copies of each, {' x '.join(map(str, features.image_shape))}")


def write_images(
    clips: Path, clip: str, spectrogram: MelSpectrogram, augmentation: Augmentation, spectrograms: Path
) -> None:
    """Write the images of one clip, shape (1 + copies, n_mels, frames, 3), int8, itself first."""
    samples, rate = files.read_sound(clips / f"{clip}.wav")
    copies = [
        augment(samples, rate, augmentation, generator(augmentation.seed, clip, copy))
        for copy in range(1, augmentation.copies + 1)
    ]
    images = np.stack([spectrogram.image(view) for view in (samples, *copies)])
    files.write_array(images, spectrograms / f"{clip}.npy")


if __name__ == "__main__":
    run(main)

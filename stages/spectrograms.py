"""Turn every clip, and its augmented copies, into log-mel images.

python stages/spectrograms.py data/clips data/spectrograms
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.parallel import map_all
from project_echo.core.seeds import generator
from project_echo.features import melspectrogram
from project_echo.features.augmentation import Augmentation, augment
from project_echo.features.config import Features
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(clips: Path, spectrograms: Path) -> None:
    params = load_params()
    chosen = params.spectrograms
    image = Features(
        sample_rate=params.extract.sample_rate,
        seconds=params.segment.seconds,
        n_fft=chosen.n_fft,
        win_lengths=tuple(chosen.win_lengths),
        hop_length=chosen.hop_length,
        n_mels=chosen.n_mels,
        fmin=chosen.fmin,
        fmax=chosen.fmax,
        top_db=chosen.top_db,
    )
    alter = Augmentation(
        snr_db=chosen.snr_db,
        pitch_semitones=chosen.pitch_semitones,
        reverberation_seconds=chosen.reverberation_seconds,
        roll_seconds=chosen.roll_seconds,
        gain_db=chosen.gain_db,
    )
    table = files.read_table(clips / "clips.csv")
    with files.atomic_folder(spectrograms) as beside:
        jobs = [(clips, name, image, alter, chosen.copies, chosen.seed, beside) for name in table["clip"]]
        map_all(draw_clip, jobs, "spectrograms")
        files.write_json(asdict(image), beside / "features.json")
    print(f"{len(table)} clips and {chosen.copies} copies of each, {' x '.join(map(str, image.shape))}")


def draw_clip(
    clips: Path, clip: str, image: Features, alter: Augmentation, copies: int, seed: int, spectrograms: Path
) -> None:
    """Write the images of one clip, shape (1 + copies, n_mels, frames, 3), itself first."""
    samples, rate = files.read_sound(clips / f"{clip}.wav")
    altered = [augment(samples, rate, alter, generator(seed, clip, copy)) for copy in range(1, copies + 1)]
    images = np.stack([melspectrogram.image(sound, image) for sound in (samples, *altered)])
    files.write_array(images, spectrograms / f"{clip}.npy")


if __name__ == "__main__":
    run(main)

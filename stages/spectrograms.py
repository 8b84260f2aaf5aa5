"""Compute mel filters, and with them the log-mel images of every clip and of its augmented copies.

python stages/spectrograms.py data/clips data/spectrograms
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.labels import NO_ANIMAL, NONE
from project_echo.core.parallel import map_all
from project_echo.core.seeds import generator
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.stated import PRESENT, calls_of_clip, other_labels, stated_call
from project_echo.datasets.views import CALL_COLUMNS
from project_echo.features.augmentation import Augmentation, mix_calls, vary_background
from project_echo.features.config import Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.features.mixing import find_active
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(clips: Path, spectrograms: Path) -> None:
    features, augmentation = load_params("features", Features), load_params("augmentation", Augmentation)
    filters = compute_mel_filters(features)
    spectrogram = MelSpectrogram(features, filters)
    table = files.read_table(clips / "clips.csv")
    copies = plan_copies(table, augmentation)
    plans = dict(list(copies.groupby("clip")))
    stated = dict(list(files.read_table(clips / "labels.csv").groupby("clip")))
    with files.atomic_folder(spectrograms) as temporary:
        arguments = []
        for clip, label in zip(table["clip"], table["label"], strict=True):
            plan = plans.get(clip, copies[:0])
            stated_of = {name: stated[name] for name in (clip, *plan["second"], *plan["background"]) if name in stated}
            arguments.append((clips, clip, label, plan, stated_of, spectrogram, augmentation, temporary))
        calls = [row for rows in map_all(write_images, arguments, "spectrograms") for row in rows]
        files.write_table(copies, temporary / "copies.csv")
        files.write_table(pd.DataFrame(calls, columns=CALL_COLUMNS), temporary / "calls.csv")
        files.write_json(features.model_dump(), temporary / "features.json")
        write_mel_filters(filters, temporary / "mel_filters.npz")
    mixed = (copies["background"] != "").sum()
    print(
        f"{len(table)} clips, {augmentation.copies} copies of each, {' x '.join(map(str, features.image_shape))}; "
        f"{mixed} copies are mixed into background of the corpus, {(copies['second'] != '').sum()} hold a second call"
    )


def write_images(
    clips: Path,
    clip: str,
    label: str,
    plan: pd.DataFrame,
    stated: dict[str, pd.DataFrame],
    spectrogram: MelSpectrogram,
    augmentation: Augmentation,
    spectrograms: Path,
) -> list[tuple[str, int, str, float, float, str]]:
    """Write the images of one clip, shape (1 + copies, n_mels, frames, 3), int8, itself first.

    Returns the rows of the table of calls.
    """
    samples, rate = files.read_sound(clips / f"{clip}.wav")
    nothing = pd.DataFrame(columns=["label", "start_s", "end_s", "present"])
    views, calls = [samples], []
    spans = _seconds(find_active(samples, rate).spans, rate) if label not in NO_ANIMAL and samples.any() else []
    calls += [(clip, 0, *row) for row in calls_of_clip(label, spans, stated.get(clip, nothing)) if row[0] != NONE]
    for row in plan.itertuples():
        random = generator(augmentation.seed, clip, row.view)
        if label == NONE:
            views.append(vary_background(samples, rate, augmentation, random))
            unknown = other_labels(NONE, stated.get(clip, nothing))
        else:
            called = [(clip, label)] + ([(row.second, row.second_label)] if row.second else [])
            sounds = []
            unknown = other_labels(NONE, stated.get(row.background, nothing))
            for name, its_label in called:
                sound = samples if name == clip else files.read_sound(clips / f"{name}.wav")[0]
                sounds.append(stated_call(sound, rate, its_label, stated.get(name, nothing)))
                unknown |= other_labels(its_label, stated.get(name, nothing))
            background = files.read_sound(clips / f"{row.background}.wav")[0] if row.background else None
            mixture, placed = mix_calls(sounds, background, len(samples), rate, augmentation, random)
            views.append(mixture)
            for (_, its_label), call in zip(called, placed, strict=True):
                calls += [(clip, row.view, its_label, *span, PRESENT) for span in _seconds(call.spans, rate)]
        calls += [(clip, row.view, other, 0.0, len(samples) / rate, "unknown") for other in sorted(unknown)]
    files.write_array(np.stack([spectrogram.image(view) for view in views]), spectrograms / f"{clip}.npy")
    return calls


def _seconds(spans: list[tuple[int, int]], rate: int) -> list[tuple[float, float]]:
    return [(start / rate, stop / rate) for start, stop in spans]


if __name__ == "__main__":
    run(main)

"""Run every view of every clip through the frozen backbone once.

python stages/embed.py data/clips data/spectrograms models/backbone data/embeddings

MobileNetV2 takes the images of views. A custom network that takes their sound gets it made again.
"""

from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.parallel import map_all, progress
from project_echo.core.tables import read_table
from project_echo.datasets.copies import plan_copies
from project_echo.datasets.view_sounds import Plan, make_views, plan_views
from project_echo.features.augmentation import Augmentation
from project_echo.features.config import read_features
from project_echo.features.mel_filters import read_mel_filters
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.card import FILTERS
from project_echo.models.embedder import CustomEmbedder, PooledEmbedder, custom_file, load_embedder
from project_echo.models.embedding import check_shapes, parts
from project_echo.models.pooling import Averaged, Pooled, Pooling, Slices
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(clips: Path, spectrograms: Path, backbone: Path, embeddings: Path) -> None:
    pooling = load_params("embed", Pooling)
    custom = custom_file(backbone) is not None
    features = read_features(spectrograms / "features.json")
    spectrogram = MelSpectrogram(features, read_mel_filters(spectrograms / FILTERS, features))
    embedder = load_embedder(backbone, spectrogram, Slices(slices=pooling.slices) if custom else pooling)
    pooled = describe(embedder)
    with files.atomic_folder(embeddings) as temporary:
        if isinstance(embedder, CustomEmbedder) and not embedder.hears_images:
            augmentation = load_params("augmentation", Augmentation)
            table = read_table(clips / "clips.csv")
            plans = plan_views(table, plan_copies(table, augmentation), read_table(clips / "labels.csv"))
            items = [(plan, clips, augmentation, temporary) for plan in plans]
            n_views = max(map_all(embed_sounds, items, "embed", (embedder,)))
        else:
            n_views = 0
            for path in progress(sorted(spectrograms.rglob("*.npy")), "embed"):
                vectors = embedder.embed(files.read_array(path))
                files.write_array(vectors, temporary / path.relative_to(spectrograms))
                n_views = max(n_views, len(vectors))  # clips that are not of one label have no copies
        files.write_json(pooled.model_dump(), temporary / "embeddings.json")
        n_clips = len(list(temporary.rglob("*.npy")))
    print(f"{n_clips} clips, at most {n_views} views of {pooled.slices} slices each, {sum(pooled.sizes)} values")


def describe(embedder: PooledEmbedder | CustomEmbedder) -> Pooled | Averaged:
    """What embeddings.json says. Raises EchoError if windows cannot be divided as params.yaml says."""
    if isinstance(embedder, CustomEmbedder):
        return Averaged(slices=embedder.slices, sizes=(embedder.network.width,))
    shapes, pooling = embedder.network.shapes, embedder.pooling
    check_shapes(shapes, pooling)
    return Pooled(**pooling.model_dump(), sizes=tuple(parts(pooling, [channels for _, _, channels in shapes])))


def embed_sounds(
    embedder: CustomEmbedder, plan: Plan, clips: Path, augmentation: Augmentation, embeddings: Path
) -> int:
    """Write the embeddings of the views of one clip, shape (1 + copies, slices, width), uint8; returns how many."""
    views, _ = make_views(plan, augmentation, lambda name: files.read_sound(clips / f"{name}.wav"))
    vectors = [embedder.embed(embedder.windows(view, np.zeros(1, int)))[0] for view in views]
    files.write_array(np.stack(vectors), embeddings / f"{plan.clip}.npy")
    return len(vectors)


if __name__ == "__main__":
    run(main)

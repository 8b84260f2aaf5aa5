"""Run every image through the frozen backbone once.

python stages/embed.py data/spectrograms models/backbone data/embeddings
"""

from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.parallel import progress
from project_echo.features.config import read_features
from project_echo.models import networks
from project_echo.models.backend import repeatable
from project_echo.models.pooling import Pooling
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(spectrograms: Path, backbone: Path, embeddings: Path) -> None:
    pooling = load_params("embed", Pooling)
    repeatable(seed=0)  # nothing is drawn here, but operations must give the same bits on every run
    features = read_features(spectrograms / "features.json")
    weights = backbone / "mobilenet_v2.weights.h5"
    embed = networks.embedder(networks.backbone(features.image_shape, features.top_db, pooling, weights))
    paths = sorted(spectrograms.rglob("*.npy"))
    with files.atomic_folder(embeddings) as temporary:
        for path in progress(paths, "embed"):
            vectors: np.ndarray = embed(files.read_array(path).astype(np.float32)).numpy()
            files.write_array(vectors, temporary / path.relative_to(spectrograms))
        files.write_json(pooling.model_dump(), temporary / "embeddings.json")
    print(f"{len(paths)} clips, {vectors.shape[0]} views each, {vectors.shape[1]} channels")


if __name__ == "__main__":
    run(main)

"""Run every image through the frozen backbone once.

python stages/embed.py data/spectrograms models/backbone data/embeddings
"""

from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.core.parallel import progress
from project_echo.models.embedding import check_shapes, embed, parts
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooled, Pooling
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(spectrograms: Path, backbone: Path, embeddings: Path) -> None:
    pooling = load_params("embed", Pooling)
    network = Network(backbone / "backbone.tflite")
    check_shapes(network.shapes, pooling)
    sizes = parts(pooling, [channels for _, _, channels in network.shapes])
    paths = sorted(spectrograms.rglob("*.npy"))
    n_views = 0  # of the clips with copies
    with files.atomic_folder(embeddings) as temporary:
        for path in progress(paths, "embed"):
            vectors = np.stack([embed(network(image), pooling) for image in files.read_array(path)])
            files.write_array(vectors, temporary / path.relative_to(spectrograms))
            n_views = max(n_views, len(vectors))
        files.write_json(Pooled(**pooling.model_dump(), sizes=tuple(sizes)).model_dump(), temporary / "embeddings.json")
    _, n_slices, width = vectors.shape
    print(f"{len(paths)} clips, at most {n_views} views of {n_slices} slices each, {width} values")


if __name__ == "__main__":
    run(main)

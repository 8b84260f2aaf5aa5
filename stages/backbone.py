"""Fetch MobileNetV2's ImageNet weights, check their digest, and write the frozen backbone in 8-bit integers.

python stages/backbone.py models/backbone/mobilenet_v2.weights.h5 models/backbone/backbone.tflite
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from project_echo.core import files
from project_echo.features.config import Features
from project_echo.models import mobilenet_v2, pretrained
from project_echo.models.pooling import Pooling
from project_echo.models.weights import Weights
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(weights: Path, integers: Path) -> None:
    features = load_params("features", Features)
    blocks = load_params("embed", Pooling).blocks
    network, source = pretrained.fetch(load_params("backbone", Weights).weights, kept=weights)
    file = mobilenet_v2.build(mobilenet_v2.fold(network), features, blocks)
    mobilenet_v2.check(file, blocks)
    with TemporaryDirectory() as folder, files.atomic_path(weights) as temporary:
        named = Path(folder) / "network.weights.h5"  # the suffix is what Keras asks for
        network.save_weights(named)
        shutil.copyfile(named, temporary)
    with files.atomic_path(integers) as temporary:
        temporary.write_bytes(file)
    print(
        f"MobileNetV2, {network.count_params():,} values, ImageNet weights from {source}, digest checked; in 8-bit "
        f"integers {len(file) / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    run(main)

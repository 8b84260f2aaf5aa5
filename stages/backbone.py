"""Fetch MobileNetV2's ImageNet weights, check their digest, and write the frozen backbone in 8-bit integers.

python stages/backbone.py models/backbone
"""

from pathlib import Path

from project_echo.core import files
from project_echo.features.config import Features
from project_echo.models import mobilenet_v2, pretrained
from project_echo.models.card import BACKBONE
from project_echo.models.pooling import Pooling
from project_echo.models.weights import Weights
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(backbone: Path) -> None:
    features, pooling = load_params("features", Features), load_params("embed", Pooling)
    network, source = pretrained.fetch(load_params("backbone", Weights).weights)
    file = mobilenet_v2.build(mobilenet_v2.fold(network), features.image_shape, pooling.blocks)
    mobilenet_v2.check(file, pooling.blocks)
    with files.atomic_folder(backbone) as temporary:
        network.save_weights(temporary / "mobilenet_v2.weights.h5")
        (temporary / BACKBONE).write_bytes(file)
    print(
        f"MobileNetV2, {network.count_params():,} values, ImageNet weights from {source}, digest checked; in 8-bit "
        f"integers {len(file) / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    run(main)

"""Fetch MobileNetV2's ImageNet weights and check their digest.

python stages/backbone.py models/backbone
"""

from pathlib import Path

from project_echo.core import files
from project_echo.models import pretrained
from project_echo.models.weights import Weights
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(backbone: Path) -> None:
    model, source = pretrained.fetch(load_params("backbone", Weights).weights)
    with files.atomic_folder(backbone) as temporary:
        model.save_weights(temporary / "mobilenet_v2.weights.h5")
    print(f"MobileNetV2, {model.count_params():,} values, ImageNet weights from {source}, digest checked")


if __name__ == "__main__":
    run(main)

"""Fetch MobileNetV2's ImageNet weights, check their digest, and write the frozen backbone in 8-bit integers.

python stages/backbone.py networks models/backbone

For a custom network, out of the folder networks, write it with its embedding as its output, and its card.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from project_echo.core import files
from project_echo.custom_networks.network import CustomNetwork, save_network
from project_echo.features.config import Features
from project_echo.models.backbone_config import Backbone, custom_network
from project_echo.models.card import BACKBONE
from project_echo.models.pooling import Pooling
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run

WEIGHTS = "mobilenet_v2.weights.h5"


def main(networks: Path, backbone: Path) -> None:
    custom = custom_network(load_params("backbone", Backbone).model, networks)
    with files.atomic_folder(backbone) as temporary:
        note = _write_mobilenet(temporary, backbone / WEIGHTS) if custom is None else _write_custom(custom, temporary)
    print(note)


def _write_mobilenet(folder: Path, kept: Path) -> str:
    # TensorFlow takes seconds to import, and a custom network does without.
    from project_echo.models import mobilenet_v2, pretrained  # noqa: PLC0415

    features = load_params("features", Features)
    blocks = load_params("embed", Pooling).blocks
    network, source = pretrained.fetch(load_params("backbone", Backbone).weights, kept=kept)
    file = mobilenet_v2.build(mobilenet_v2.fold(network), features, blocks)
    mobilenet_v2.check(file, blocks)
    with TemporaryDirectory() as other:
        named = Path(other) / "network.weights.h5"  # the suffix is what Keras asks for
        network.save_weights(named)
        shutil.copyfile(named, folder / WEIGHTS)
    (folder / BACKBONE).write_bytes(file)
    return (
        f"MobileNetV2, {network.count_params():,} values, ImageNet weights from {source}, digest checked; in 8-bit "
        f"integers {len(file) / 1e6:.1f} MB"
    )


def _write_custom(network: Path, folder: Path) -> str:
    CustomNetwork(network).check_features(load_params("features", Features))
    saved = CustomNetwork(save_network(network, folder, "backbone"))
    card = saved.card
    return (
        f"{card.name} ({card.licence}), {saved.width} values from {card.window_s:g} s at {card.sample_rate_hz} Hz, "
        f"{saved.path.stat().st_size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    run(main)

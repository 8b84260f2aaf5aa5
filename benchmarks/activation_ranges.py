"""Ranges of MobileNetV2's activations without ReLU6, as they stand in project_echo/models/mobilenet_v2.py.

    python -m benchmarks.activation_ranges data/spectrograms models/backbone

Runs the network in floats over all images of a corpus, augmented copies included, and prints a line for each layer with
the lowest and the highest activation, rounded outwards.
"""

import argparse
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.features.config import LOUDEST, read_features
from project_echo.models.backend import keras
from project_echo.models.mobilenet_v2 import RANGES, layers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spectrograms", type=Path, help="folder that the spectrograms stage writes")
    parser.add_argument("backbone", type=Path, help="folder that the backbone stage writes")
    arguments = parser.parse_args()
    shape = read_features(arguments.spectrograms / "features.json").image_shape
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    network.load_weights(arguments.backbone / "mobilenet_v2.weights.h5")
    for name, bounds in activation_ranges(network, read_images(arguments.spectrograms)).items():
        note = "" if bounds == RANGES[name] else f"  # in the code {RANGES[name]}"
        print(f'    "{name}": {bounds},{note}')


def read_images(folder: Path) -> Iterator[np.ndarray]:
    """The images of each clip, shape (views, n_mels, frames, 3)."""
    for path in sorted(folder.rglob("*.npy")):
        yield files.read_array(path)


def activation_ranges(network: keras.Model, batches: Iterable[np.ndarray]) -> dict[str, tuple[int, int]]:
    """Lowest and highest activation of each layer without ReLU6, rounded outwards.

    Parameters
    ----------
    network : keras.Model
        MobileNetV2 as keras.applications builds it, without its classifier.
    batches : iterable of np.ndarray, shape (images, n_mels, frames, 3), int8

    Returns
    -------
    dict of str to tuple of int
        By layer, as in `mobilenet_v2.RANGES`.
    """
    outputs = {layer.name: network.get_layer(layer.output).output for layer in layers() if not layer.relu6}
    model = keras.Model(network.input, outputs)
    extremes = dict.fromkeys(outputs, (math.inf, -math.inf))
    for images in batches:
        for name, activations in model(images.astype(np.float32) / LOUDEST, training=False).items():
            low, high = extremes[name]
            extremes[name] = min(low, np.min(activations)), max(high, np.max(activations))
    return {name: (math.floor(low), math.ceil(high)) for name, (low, high) in extremes.items()}


if __name__ == "__main__":
    main()

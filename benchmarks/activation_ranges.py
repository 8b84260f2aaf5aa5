"""Constants that were measured on the activations of MobileNetV2: RANGES and WEIGHTS of project_echo/models.

    python -m benchmarks.activation_ranges data/spectrograms models/backbone

Runs the network over all images of a corpus, augmented copies included: in floats, and prints a line for each layer
without ReLU6 with its lowest and highest activation, rounded outwards (mobilenet_v2.py); then in integers, and prints a
line for each block with the weights of means and of standard deviations (embedding.py).
"""

import argparse
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from project_echo.core import files
from project_echo.features.config import LOUDEST, read_features
from project_echo.models import mobilenet_v2
from project_echo.models.backend import keras
from project_echo.models.embedding import WEIGHTS, embed, parts
from project_echo.models.litert import Network
from project_echo.models.mobilenet_v2 import RANGES, layers
from project_echo.models.pooling import Pooling

MAX_BANDS = 8  # of a block; the last convolution has one
SLICES = 7  # of a window
STEP = 1 / 64  # of a weight
SCALE = 256  # weights are about its share of the inverse variance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spectrograms", type=Path, help="folder that the spectrograms stage writes")
    parser.add_argument("backbone", type=Path, help="folder that the backbone stage writes")
    arguments = parser.parse_args()
    features = read_features(arguments.spectrograms / "features.json")
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=features.image_shape)
    network.load_weights(arguments.backbone / "mobilenet_v2.weights.h5")
    for name, bounds in activation_ranges(network, read_images(arguments.spectrograms)).items():
        note = "" if bounds == RANGES[name] else f"  # in the code {RANGES[name]}"
        print(f'    "{name}": {bounds},{note}')
    blocks = tuple(WEIGHTS)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "backbone.tflite"
        path.write_bytes(mobilenet_v2.build(mobilenet_v2.fold(network), features, blocks))
        for block, pair in block_weights(Network(path), blocks, read_images(arguments.spectrograms)).items():
            note = "" if pair == WEIGHTS[block] else f"  # in the code {WEIGHTS[block]}"
            print(f"    {block!r}: {pair},{note}".replace("'", '"'))


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


def block_weights(
    network: Network, blocks: Sequence[int | str], batches: Iterable[np.ndarray]
) -> dict[int | str, tuple[float, float]]:
    """Weights of the means and of the standard deviations of each block, as in `embedding.WEIGHTS`.

    Parameters
    ----------
    network : Network
        With an output for each block.
    blocks : sequence of int or "last"
    batches : iterable of np.ndarray, shape (images, n_mels, frames, 3), int8

    Returns
    -------
    dict
        By block: SCALE over the mean variance of the entries of embeddings over slices, to whole STEPs.
    """
    bands = tuple(
        1 if block == "last" else min(rows, MAX_BANDS)
        for block, (rows, _, _) in zip(blocks, network.shapes, strict=True)
    )
    pooling = Pooling.model_validate(
        {"blocks": tuple(blocks), "bands": bands, "slices": SLICES, "std": True, "sqrt": True}
    )
    sizes = parts(pooling, [channels for _, _, channels in network.shapes])
    n, total, squares = 0, np.zeros(sum(sizes), np.int64), np.zeros(sum(sizes), np.int64)
    for images in batches:
        for image in images:
            embeddings = embed(network(image), pooling).astype(np.int64)
            n += len(embeddings)
            total += embeddings.sum(axis=0)
            squares += np.square(embeddings).sum(axis=0)
    variance = squares / n - np.square(total / n)
    means = [float(part.mean()) for part in np.split(variance, np.cumsum(sizes)[:-1])]
    rounded = [max(STEP, round(SCALE / max(mean, STEP) / STEP) * STEP) for mean in means]
    return dict(zip(blocks, zip(rounded[::2], rounded[1::2], strict=True), strict=True))


if __name__ == "__main__":
    main()

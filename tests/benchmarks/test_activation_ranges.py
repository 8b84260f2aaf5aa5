from pathlib import Path

import numpy as np
import pytest

from benchmarks.activation_ranges import SCALE, SLICES, STEP, activation_ranges, block_weights
from project_echo.features.config import LOUDEST
from project_echo.models.backend import keras
from project_echo.models.embedding import embed
from project_echo.models.litert import Network
from project_echo.models.litert_file import Int8Graph
from project_echo.models.mobilenet_v2 import RANGES
from project_echo.models.pooling import Pooling
from tests.sounds import FEATURES


def test_ranges_hold_the_activations_of_all_images() -> None:
    keras.utils.set_random_seed(1)
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3))
    network.get_layer("block_1_project_BN").beta.assign(np.linspace(-40, 20.5, 24))
    images = np.random.default_rng(1).integers(-127, 128, (3, 32, 32, 3)).astype(np.int8)
    ranges = activation_ranges(network, [images[:2], images[2:]])
    assert list(ranges) == list(RANGES)
    low, high = ranges["block_1_project"]
    assert -43 <= low <= -40 < 21 <= high <= 23
    assert all(type(bound) is int for bounds in ranges.values() for bound in bounds)


def test_weights_are_the_inverse_of_the_mean_variance_over_slices(tmp_path: Path) -> None:
    kernels = np.random.default_rng(1).normal(0, 0.5, (8, 3, 3, 3))
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *FEATURES.image_shape), 1 / LOUDEST)
    tap = graph.convolution("tap", image, kernels, np.ones(8), (0.0, 6.0), depthwise=False, stride=2, relu6=True)
    (tmp_path / "backbone.tflite").write_bytes(graph.serialize(image, [tap]))
    network = Network(tmp_path / "backbone.tflite")
    draw = np.random.default_rng(2)
    images = draw.integers(-127, 128, (5, *FEATURES.image_shape)) * draw.uniform(0.1, 1, (5, 1, 1, 1))
    images = images.astype(np.int8)
    weights = block_weights(network, [3], [images[:2], images[2:]])
    pooling = Pooling(blocks=(3,), bands=(8,), slices=SLICES, std=True, sqrt=True)
    embeddings = np.concatenate([embed(network(image), pooling) for image in images]).astype(float)
    for weight, of_statistic in zip(weights[3], np.split(embeddings, 2, axis=1), strict=True):
        assert weight == pytest.approx(SCALE / of_statistic.var(axis=0).mean(), abs=STEP / 2)

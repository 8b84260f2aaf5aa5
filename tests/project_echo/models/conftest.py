"""MobileNetV2 with weights that fill the ranges of its activations, as after training."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from project_echo.features.config import LOUDEST
from project_echo.models import mobilenet_v2
from tests.sounds import FEATURES

if TYPE_CHECKING:
    import keras


@pytest.fixture(scope="session")
def images() -> np.ndarray:
    """Images of noise, whose sizes are odd after one step of the network and after two."""
    return np.random.default_rng(1).integers(-127, 128, (16, *FEATURES.image_shape)).astype(np.int8)


@pytest.fixture(scope="session")
def mobilenet(images: np.ndarray) -> "keras.Model":
    """MobileNetV2 with random weights, normalized on the images: activations spread as after training."""
    from project_echo.models.backend import keras  # noqa: PLC0415 - takes seconds, and other tests do without

    keras.utils.set_random_seed(1)
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=FEATURES.image_shape)
    for layer in mobilenet_v2.layers():
        if layer.kind != "add":
            normalization = network.get_layer(layer.normalization)
            normalization.momentum = 0.0
            channels = normalization.gamma.shape
            mean, spread = (1.5, 2.0) if layer.relu6 else (0.0, 3.0)
            normalization.gamma.assign(np.random.default_rng(2).normal(spread, 0.3, channels))
            normalization.beta.assign(np.random.default_rng(3).normal(mean, 0.3, channels))
    network((images / LOUDEST).astype(np.float32), training=True)
    return network


@pytest.fixture(scope="session")
def weights(mobilenet: "keras.Model", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its weights, as the backbone stage writes them."""
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.weights.h5"
    mobilenet.save_weights(path)
    return path

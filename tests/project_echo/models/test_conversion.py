"""A backbone in floats as a LiteRT file, and the embeddings that come of it."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from project_echo.models import networks
from project_echo.models.backend import keras
from project_echo.models.conversion import convert
from project_echo.models.embedding import embed, steps
from project_echo.models.litert import Network
from project_echo.models.pooling import Pooling
from tests.sounds import FEATURES

pytestmark = pytest.mark.slow  # the networks of `train.trainable` all and last_n, which CI does not train

IMAGES = np.random.default_rng(1).integers(-127, 128, (2, *FEATURES.image_shape)).astype(np.int8)


@pytest.mark.parametrize(
    ("blocks", "bands", "slices"), [((3,), (2,), 1), ((3,), (2,), 4), (("last", 2, 1, 2), (1, 2, 4, 4), 1)], ids=str
)
def test_embeddings_of_the_file_are_those_of_the_keras_model(
    tmp_path: Path, blocks: tuple[int | Literal["last"], ...], bands: tuple[int, ...], slices: int
) -> None:
    """Of one block, and of blocks out of order, one of them twice."""
    keras.utils.set_random_seed(1)
    pooling = Pooling(blocks=blocks, bands=bands, slices=slices, std=True, sqrt=True)
    backbone = networks.backbone(FEATURES.image_shape, pooling)
    path = tmp_path / "backbone.tflite"
    path.write_bytes(convert(backbone, pooling.blocks))
    network = Network(path)
    for image, expected in zip(IMAGES, backbone(IMAGES.astype(np.float32), training=False).numpy(), strict=True):
        taps = network(image)
        assert not any(tap.exact for tap in taps)
        assert np.ptp(expected) > 5 * steps(pooling) / 255
        np.testing.assert_allclose(embed(taps, pooling), expected, atol=0.6)

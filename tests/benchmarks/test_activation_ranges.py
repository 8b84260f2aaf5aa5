import numpy as np

from benchmarks.activation_ranges import activation_ranges
from project_echo.models.backend import keras
from project_echo.models.mobilenet_v2 import RANGES


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

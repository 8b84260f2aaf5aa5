"""The int8 backbone, made from Keras' MobileNetV2 with weights that fill the ranges of its activations."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.features.config import LOUDEST
from project_echo.models import mobilenet_v2
from project_echo.models.backend import keras
from project_echo.models.litert import Network
from tests.project_echo.models.test_litert_file import convolve
from tests.sounds import FEATURES

BLOCKS: tuple[int | str, ...] = (3, 6, 13, "last")
Arrays = dict[str, np.ndarray]
Folded = dict[str, tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def folded(mobilenet: keras.Model) -> Folded:
    return mobilenet_v2.fold(mobilenet)


@pytest.fixture(scope="module")
def activations(mobilenet: keras.Model, images: np.ndarray) -> Arrays:
    """Keras' activations of the first image by layer, of shape (rows, columns, channels)."""
    outputs = {layer.name: mobilenet.get_layer(layer.output).output for layer in mobilenet_v2.layers()}
    values = keras.Model(mobilenet.input, outputs)((images[:1] / LOUDEST).astype(np.float32), training=False)
    return {name: value.numpy()[0] for name, value in values.items()}


def build(folded: Folded, *blocks: int | str) -> bytes:
    return mobilenet_v2.build(folded, FEATURES, blocks)


@pytest.fixture(scope="module")
def integers(
    folded: Folded, images: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> dict[int | str, np.ndarray]:
    """The taps of the int8 network for the first image, by block."""
    taps = run(build(folded, *BLOCKS), images[0], tmp_path_factory.mktemp("integers"))
    return dict(zip(BLOCKS, taps, strict=True))


def run(file: bytes, image: np.ndarray, folder: Path) -> list[np.ndarray]:
    """Real values of the taps."""
    path = folder / "backbone.tflite"
    path.write_bytes(file)
    return [tap.scale * tap.values for tap in Network(path)(image)]


def test_the_layers_are_all_of_keras_that_have_weights_or_add_and_the_others_have_a_range(
    mobilenet: keras.Model,
) -> None:
    layers = list(mobilenet_v2.layers())
    names = {layer.name for layer in layers} | {layer.normalization for layer in layers if layer.kind != "add"}
    assert names == {layer.name for layer in mobilenet.layers if layer.weights or isinstance(layer, keras.layers.Add)}
    assert mobilenet_v2.RANGES.keys() == {layer.name for layer in layers if not layer.relu6}
    assert all(low < 0 < high for low, high in mobilenet_v2.RANGES.values())


def test_the_folded_network_in_float64_has_the_activations_of_keras_in_every_layer(
    folded: Folded, activations: Arrays, images: np.ndarray
) -> None:
    flow = residual = images[0] / LOUDEST
    for layer in mobilenet_v2.layers():
        if layer.name.endswith("_expand"):
            residual = flow
        if layer.kind == "add":
            flow = residual + flow
        else:
            flow = convolve(flow, *folded[layer.name], layer.stride, layer.kind == "depthwise")
        if layer.relu6:
            flow = np.clip(flow, 0, 6)
        np.testing.assert_allclose(flow, activations[layer.name], atol=1e-4, err_msg=layer.name)


@pytest.mark.parametrize(("block", "ratio_db"), [(3, 24), (6, 21), (13, 16), ("last", 11)])
def test_the_integers_have_the_activations_of_keras_but_for_noise(
    integers: dict[int | str, np.ndarray], activations: Arrays, block: int | str, ratio_db: float
) -> None:
    """Three decibels less than measured; errors add up over the layers, and these images are noise themselves."""
    expected = activations[mobilenet_v2.tap_name(block)]
    error = integers[block] - expected
    assert 10 * np.log10(np.mean(expected**2) / np.mean(error**2)) > ratio_db


def test_taps_are_in_the_order_of_the_blocks_which_may_repeat(
    folded: Folded, integers: dict[int | str, np.ndarray], images: np.ndarray, tmp_path: Path
) -> None:
    blocks = ("last", 3, 13, 3)
    for block, tap in zip(blocks, run(build(folded, *blocks), images[0], tmp_path), strict=True):
        np.testing.assert_array_equal(tap, integers[block])


def test_layers_after_the_last_block_are_left_out(folded: Folded, images: np.ndarray, tmp_path: Path) -> None:
    early = build(folded, 3, 1)
    assert len(early) < len(build(folded, "last")) / 50
    third, first = run(early, images[0], tmp_path)
    assert (third.shape, first.shape) == ((8, 10, 144), (16, 20, 96))


def test_the_digest_is_of_the_weights_whatever_the_size_of_images_and_the_order_of_blocks(folded: Folded) -> None:
    file = build(folded, *BLOCKS)
    assert file == build(folded, *BLOCKS)
    digest = mobilenet_v2.digest(file)
    larger = FEATURES.model_copy(update={"n_mels": 64, "window_s": 2.0})
    assert digest == mobilenet_v2.digest(mobilenet_v2.build(folded, larger, ("last", 1)))
    weights, bias = folded["block_9_project"]
    for changed in ((weights * 1.01, bias), (weights, bias + 0.01)):
        assert digest != mobilenet_v2.digest(build(folded | {"block_9_project": changed}, *BLOCKS))


def test_other_integers_are_an_error_with_both_digests_unless_layers_are_left_out(folded: Folded) -> None:
    file = build(folded, "last", 3)
    with pytest.raises(EchoError) as error:
        mobilenet_v2.check(file, ("last", 3))
    assert mobilenet_v2.digest(file)[:12] in str(error.value)
    assert mobilenet_v2.DIGESTS["last"][:12] in str(error.value)
    mobilenet_v2.check(build(folded, 3), (3,))

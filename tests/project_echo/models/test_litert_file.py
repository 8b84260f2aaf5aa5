"""LiteRT files of small int8 networks, against the same operations in float64."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_echo.models.litert import Network
from project_echo.models.litert_file import Int8Graph

SCALE = 1 / 127


def convolve(images: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int, depthwise: bool) -> np.ndarray:
    """A convolution of (rows, columns, channels) as Keras pads it: "same", of odd numbers one more at the end."""
    size = weights.shape[1]
    out = [-(-length // stride) for length in images.shape[:2]]
    padding = [max(0, (n - 1) * stride + size - length) for n, length in zip(out, images.shape[:2], strict=True)]
    padded = np.pad(images, [(total // 2, total - total // 2) for total in padding] + [(0, 0)])
    result = np.zeros((*out, len(bias)))
    for row, column in np.ndindex(*out):
        window = padded[row * stride : row * stride + size, column * stride : column * stride + size]
        if depthwise:
            result[row, column] = np.sum(window * weights[0], axis=(0, 1)) + bias
        else:
            result[row, column] = np.tensordot(weights, window, axes=3) + bias
    return result


def run(file: bytes, values: np.ndarray, folder: Path) -> list[np.ndarray]:
    """Real values of the outputs for an image of integers."""
    path = folder / "network.tflite"
    path.write_bytes(file)
    return [tap.scale * tap.values for tap in Network(path)(values)]


def draw(seed: int, shape: tuple[int, ...]) -> tuple[np.random.Generator, np.ndarray]:
    """A generator, and an image of integers."""
    generator = np.random.default_rng(seed)
    return generator, generator.integers(-127, 128, shape).astype(np.int8)


@settings(max_examples=30)
@given(
    rows=st.integers(3, 9),
    columns=st.integers(3, 9),
    size=st.sampled_from([1, 3]),
    stride=st.sampled_from([1, 2]),
    depthwise=st.booleans(),
    relu6=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_convolution_is_that_of_its_floats_to_within_a_step(
    tmp_path_factory: pytest.TempPathFactory,
    rows: int,
    columns: int,
    size: int,
    stride: int,
    depthwise: bool,
    relu6: bool,
    seed: int,
) -> None:
    generator, values = draw(seed, (rows, columns, 4))
    weights = generator.normal(size=(1, size, size, 4) if depthwise else (5, size, size, 4))
    bias = generator.normal(size=4 if depthwise else 5)
    expected = convolve(values * SCALE, weights, bias, stride, depthwise)
    bounds = (0.0, 6.0) if relu6 else (expected.min() - 1, expected.max() + 1)
    graph = Int8Graph()
    image = graph.input("image", (1, *values.shape), SCALE)
    output = graph.convolution("layer", image, weights, bias, bounds, depthwise=depthwise, stride=stride, relu6=relu6)
    assert output.shape == (1, *expected.shape)
    (actual,) = run(graph.serialize(image, [output]), values, tmp_path_factory.mktemp("network"))
    # A weight is off by half a step at most, of the largest of its channel in 127.
    of_weights = size * size * (1 if depthwise else 4) * np.abs(weights).max() / 127 / 2
    assert np.abs(actual - np.clip(expected, *bounds)).max() <= output.scale + of_weights


IDENTITY = np.eye(3).reshape(3, 1, 1, 3)
plain = partial(Int8Graph.convolution, depthwise=False, stride=1, relu6=False)


def test_a_sum_is_that_of_its_inputs_to_within_a_step(tmp_path: Path) -> None:
    _, values = draw(1, (4, 5, 3))
    graph = Int8Graph()
    image = graph.input("image", (1, *values.shape), SCALE)
    tripled = plain(graph, "tripled", image, 3 * IDENTITY, np.ones(3), (-2.0, 4.0))
    total = graph.add("total", image, tripled, (-3.0, 5.0))
    (actual,) = run(graph.serialize(image, [total]), values, tmp_path)
    assert np.abs(actual - (4 * SCALE * values + 1)).max() <= total.scale + tripled.scale


def test_values_beyond_the_bounds_are_clipped(tmp_path: Path) -> None:
    _, values = draw(1, (9, 9, 3))
    graph = Int8Graph()
    image = graph.input("image", (1, *values.shape), SCALE)
    output = plain(graph, "layer", image, IDENTITY, np.zeros(3), (-0.25, 0.5))
    (actual,) = run(graph.serialize(image, [output]), values, tmp_path)
    assert (actual.min(), actual.max()) == pytest.approx((-0.25, 0.5), abs=output.scale)


@pytest.mark.parametrize("weight", [0.0, 1e-20, 1e-9])
def test_a_channel_with_weights_near_zero_is_its_bias(tmp_path: Path, weight: float) -> None:
    _, values = draw(1, (4, 5, 3))
    graph = Int8Graph()
    image = graph.input("image", (1, *values.shape), SCALE)
    bias = np.array([-5.5, 0.0, 3.25])
    output = plain(graph, "layer", image, weight * IDENTITY, bias, (-6.0, 6.0))
    (actual,) = run(graph.serialize(image, [output]), values, tmp_path)
    np.testing.assert_allclose(actual, np.broadcast_to(bias, actual.shape), atol=output.scale)


def two_layers() -> bytes:
    """The first output is that of the second layer, and it is there twice."""
    generator, _ = draw(1, (1,))
    graph = Int8Graph()
    image = graph.input("image", (1, 4, 5, 3), SCALE)
    first = plain(graph, "first", image, generator.normal(size=(2, 1, 1, 3)), np.zeros(2), (0.0, 6.0))
    second = plain(graph, "second", first, generator.normal(size=(7, 1, 1, 2)), np.ones(7), (0.0, 6.0))
    return graph.serialize(image, [second, first, second])


def test_outputs_are_in_the_order_asked_for(tmp_path: Path) -> None:
    _, values = draw(1, (4, 5, 3))
    second, first, again = run(two_layers(), values, tmp_path)
    assert (second.shape, first.shape) == ((4, 5, 7), (4, 5, 2))
    np.testing.assert_array_equal(second, again)


def test_the_file_has_the_same_bytes_each_time() -> None:
    assert two_layers() == two_layers()

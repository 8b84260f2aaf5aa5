"""The networks on tiny images, with random weights."""

from typing import Literal

import numpy as np
import pytest
from scipy.special import expit

from project_echo.core.errors import EchoError
from project_echo.features.slices import slice_edges
from project_echo.models import networks
from project_echo.models.backend import keras, tf
from project_echo.models.embedding import EPSILON, steps
from project_echo.models.head import Dense, Linear, Logistic, window_scores
from project_echo.models.pooling import Pooling

pytestmark = pytest.mark.slow  # of Keras, in which CI exports a model with the pipeline

SHAPE = (32, 39, 3)
GENERATOR = np.random.default_rng(1)
IMAGES = GENERATOR.integers(-127, 128, (3, *SHAPE)).astype(np.float32)
WIDTH = 96 + 192 + 1280  # channels of the blocks below


def pooling_of(
    blocks: tuple[int | Literal["last"], ...],
    bands: tuple[int, ...],
    slices: int = 1,
    std: bool = False,
    sqrt: bool = False,
) -> Pooling:
    return Pooling(blocks=blocks, bands=bands, slices=slices, std=std, sqrt=sqrt)


def backbone_of(pooling: Pooling) -> keras.Model:
    keras.utils.set_random_seed(1)
    return networks.backbone(SHAPE, pooling)


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    """Averages over all of three blocks."""
    return backbone_of(pooling_of((1, 6, "last"), (1, 1, 1)))


@pytest.fixture(scope="module")
def two_bands() -> keras.Model:
    """Averages over two bands of a single block."""
    return backbone_of(pooling_of((1,), (2,)))


def activations(backbone: keras.Model, *layers: str) -> list[np.ndarray]:
    """The activations of layers for IMAGES, each of shape (images, rows, columns, channels)."""
    mobilenet = backbone.get_layer(networks.MOBILENET)
    taps = keras.Model(mobilenet.input, [mobilenet.get_layer(name).output for name in layers])
    return [values.numpy() for values in taps(IMAGES / 127, training=False)]


def test_an_embedding_holds_the_averages_of_the_activations_of_the_blocks(backbone: keras.Model) -> None:
    layers = activations(backbone, "block_1_expand_relu", "block_6_expand_relu", "out_relu")
    embeddings = backbone(IMAGES, training=False)
    assert embeddings.shape == (3, 1, WIDTH)
    expected = np.concatenate([np.mean(values, axis=(1, 2)) for values in layers], axis=1)
    np.testing.assert_allclose(embeddings[:, 0], 255 / 6 * expected, atol=1e-3)


@pytest.mark.parametrize(("sqrt", "slices"), [(False, 1), (True, 3), (False, 4)])
def test_means_and_standard_deviations_are_over_slices_and_bands_from_low_to_high(sqrt: bool, slices: int) -> None:
    pooling = pooling_of((1, 3), (4, 2), slices=slices, std=True, sqrt=sqrt)
    backbone = backbone_of(pooling)
    blocks = activations(backbone, "block_1_expand_relu", "block_3_expand_relu")
    embeddings = backbone(IMAGES, training=False)
    assert embeddings.shape == (3, slices, 2 * (4 * 96 + 2 * 144))
    for number in range(slices):
        expected = []
        for block, n_bands in zip(blocks, pooling.bands, strict=True):
            edges = slice_edges(block.shape[2], slices)
            columns = slice(edges[number], edges[number + 2] if slices > 1 else None)
            bands = np.split(block[:, :, columns], n_bands, axis=1)
            expected += [band.mean(axis=(1, 2)) for band in bands]
            expected += [np.sqrt(band.var(axis=(1, 2)) + EPSILON) for band in bands]
        values = np.concatenate(expected, axis=1)
        values = steps(pooling) * (np.sqrt(values + EPSILON) if sqrt else values)
        np.testing.assert_allclose(embeddings[:, number], values, atol=5e-3)


def test_a_sound_in_another_band_changes_other_channels(two_bands: keras.Model) -> None:
    images = np.full((3, *SHAPE), -127, dtype=np.float32)
    images[1, 3:6, 10:20] = images[2, -6:-3, 10:20] = 127
    silent, low, high = two_bands(images, training=False).numpy().reshape(3, 2, 96)
    np.testing.assert_allclose(low[1], silent[1], atol=1e-6)
    np.testing.assert_allclose(high[0], silent[0], atol=1e-6)
    assert abs(low[0] - silent[0]).max() > 1e-3
    assert abs(high[1] - silent[1]).max() > 1e-3


def test_the_network_ends_at_the_last_block_that_is_used(two_bands: keras.Model) -> None:
    assert two_bands.output_shape == (None, 1, 2 * 96)
    assert two_bands.count_params() < 10_000


def test_standard_deviations_of_0_have_finite_gradients() -> None:
    backbone = backbone_of(pooling_of((1,), (1,), std=True))
    for layer in backbone.get_layer(networks.MOBILENET).layers:
        if "kernel" in {weight.name for weight in layer.weights}:
            layer.kernel.assign(0 * layer.kernel)  # padding at the borders would let activations vary over time
    with tf.GradientTape() as tape:
        embedding = backbone(IMAGES)
        total = tf.reduce_sum(embedding)
    np.testing.assert_allclose(embedding[..., 96:], 0, atol=0.1)
    gradients = [gradient for gradient in tape.gradient(total, backbone.trainable_weights) if gradient is not None]
    assert gradients
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_bands_that_do_not_divide_the_rows_are_an_error_that_names_the_parameter() -> None:
    with pytest.raises(EchoError) as error:
        backbone_of(pooling_of((1,), (3,)))
    assert "embed.bands" in str(error.value)
    assert "block 1 has 16 rows" in str(error.value)
    assert "3 bands" in str(error.value)


def test_too_many_slices_are_an_error_that_names_the_parameter() -> None:
    with pytest.raises(EchoError, match=r"embed\.slices: block last has 2 columns"):
        backbone_of(pooling_of(("last",), (1,), slices=2))


def test_images_are_scaled_to_the_range_of_the_network(two_bands: keras.Model) -> None:
    scaled = two_bands.get_layer("scale")(np.array([-127, 0, 127], dtype=np.float32))
    np.testing.assert_allclose(scaled, [-1, 0, 1], atol=1e-6)


def test_calling_the_joined_model_is_inference(backbone: keras.Model) -> None:
    embeddings = GENERATOR.normal(size=(8, WIDTH)).astype(np.float32)
    head = networks.head(WIDTH, 4, units=8, dropout=0.9, embeddings=embeddings)
    model = networks.join(backbone, head)
    before = [weight.copy() for weight in model.get_weights()]
    called = model(IMAGES).numpy()
    np.testing.assert_allclose(called, model.predict(IMAGES), atol=1e-6)
    np.testing.assert_allclose(called, head(backbone(IMAGES)[:, 0]), atol=1e-6)
    np.testing.assert_allclose(called.sum(axis=1), 1, atol=1e-6)
    assert all((old == new).all() for old, new in zip(before, model.get_weights(), strict=True))


def test_the_head_standardizes_by_the_training_embeddings() -> None:
    embeddings = GENERATOR.normal([5, -300], [1, 3], (500, 2)).astype(np.float32)
    head = networks.head(2, 2, units=0, dropout=0, embeddings=embeddings)
    standardized = head.get_layer("standardize")(embeddings).numpy()
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(standardized.std(axis=0), 1, atol=1e-3)


def test_a_channel_that_was_constant_in_training_does_not_dominate_when_it_varies() -> None:
    embeddings = GENERATOR.normal(0, [1, 0], (500, 2)).astype(np.float32)
    head = networks.head(2, 2, units=0, dropout=0, embeddings=embeddings)
    assert abs(head.get_layer("standardize")(np.ones((1, 2))).numpy()).max() < 20


def test_the_head_of_a_backbone_that_is_trained_along_does_not_standardize() -> None:
    assert "standardize" not in [layer.name for layer in networks.head(6, 3, units=4, dropout=0.5).layers]


def linear(width: int, outputs: int) -> Linear:
    """Weights whose logits are of the order of 1 for stored embeddings."""
    return Linear(GENERATOR.normal(size=(width, outputs)) / 100, GENERATOR.normal(size=outputs))


@pytest.mark.parametrize("animals", [1, 3])
@pytest.mark.parametrize("slices", [1, 2, 7])
@pytest.mark.filterwarnings("error")
def test_a_logistic_head_equals_its_network(animals: int, slices: int) -> None:
    head = Logistic(linear(6, animals))
    embeddings = GENERATOR.integers(0, 256, (20, slices, 6)).astype(np.float32)
    probabilities = networks.as_network(head, slices, 6)(embeddings).numpy()
    assert probabilities.shape == (20, animals)
    np.testing.assert_allclose(probabilities, expit(window_scores(head.slice_scores(embeddings))), atol=1e-5)


@pytest.mark.parametrize("units", [0, 5])
def test_a_dense_head_equals_its_network(units: int) -> None:
    hidden = linear(6, units) if units else None
    output = Linear(GENERATOR.normal(size=(units or 6, 3)), GENERATOR.normal(size=3))
    head = Dense(GENERATOR.uniform(50, 150, 6), np.full(6, 60.0), hidden, output)
    embeddings = GENERATOR.integers(0, 256, (20, 1, 6)).astype(np.float32)
    probabilities = networks.as_network(head, 1, 6)(embeddings).numpy()
    np.testing.assert_allclose(probabilities, expit(head.slice_scores(embeddings)[:, 0]), atol=1e-5)


@pytest.mark.parametrize("units", [0, 5])
@pytest.mark.parametrize("standardized", [True, False])
def test_a_trained_dense_head_has_the_same_probabilities_as_arrays(units: int, standardized: bool) -> None:
    """Trained on stored embeddings, which it standardizes, or on those of a backbone that was trained along."""
    embeddings = GENERATOR.integers(0, 256, (20, 6)).astype(np.float32)
    network = networks.head(6, 3, units, dropout=0.5, embeddings=embeddings if standardized else None)
    head = networks.dense_arrays(network)
    assert (head.hidden is None) == (units == 0)
    probabilities = expit(head.slice_scores(embeddings[:, np.newaxis])[:, 0])
    np.testing.assert_allclose(probabilities, network(embeddings).numpy(), atol=1e-5)


def test_a_head_without_units_has_one_layer_of_weights() -> None:
    shapes = [weight.shape for weight in networks.head(6, 3, units=0, dropout=0.5).trainable_weights]
    assert shapes == [(6, 3), (3,)]

"""The networks on tiny images, with random weights."""

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import networks
from project_echo.models.backend import keras, tf
from project_echo.models.embedding import STEPS
from project_echo.models.head import Dense, Head, Linear, Logistic
from project_echo.models.pooling import Pooling

SHAPE = (32, 39, 3)
GENERATOR = np.random.default_rng(1)
IMAGES = GENERATOR.integers(-127, 128, (3, *SHAPE)).astype(np.float32)
WIDTH = 96 + 192 + 1280  # channels of the blocks below


def backbone_of(blocks: list[int | str], bands: list[int], std: bool = False, sqrt: bool = False) -> keras.Model:
    keras.utils.set_random_seed(1)
    return networks.backbone(SHAPE, Pooling(blocks=blocks, bands=bands, std=std, sqrt=sqrt))


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    """Averages over all of three blocks."""
    return backbone_of([1, 6, "last"], [1, 1, 1])


@pytest.fixture(scope="module")
def two_bands() -> keras.Model:
    """Averages over two bands of a single block."""
    return backbone_of([1], [2])


def activations(backbone: keras.Model, *layers: str) -> list[np.ndarray]:
    """The activations of layers for IMAGES, each of shape (images, rows, columns, channels)."""
    mobilenet = backbone.get_layer(networks.MOBILENET)
    taps = keras.Model(mobilenet.input, [mobilenet.get_layer(name).output for name in layers])
    return [values.numpy() for values in taps(IMAGES / 127, training=False)]


def test_an_embedding_holds_the_averages_of_the_activations_of_the_blocks(backbone: keras.Model) -> None:
    layers = activations(backbone, "block_1_expand_relu", "block_6_expand_relu", "out_relu")
    embeddings = backbone(IMAGES, training=False)
    assert embeddings.shape == (3, WIDTH)
    expected = np.concatenate([np.mean(values, axis=(1, 2)) for values in layers], axis=1)
    np.testing.assert_allclose(embeddings, expected, atol=1e-5)


@pytest.mark.parametrize("sqrt", [False, True])
def test_means_and_standard_deviations_are_over_time_within_bands_from_low_to_high(sqrt: bool) -> None:
    backbone = backbone_of([1, 3], [4, 2], std=True, sqrt=sqrt)
    expected = []
    for block, n_bands in zip(activations(backbone, "block_1_expand_relu", "block_3_expand_relu"), (4, 2), strict=True):
        for over_time in (block.mean(axis=2), np.sqrt(block.var(axis=2) + 1e-6)):
            expected += [band.mean(axis=1) for band in np.split(over_time, n_bands, axis=1)]
    embeddings = backbone(IMAGES, training=False)
    assert embeddings.shape == (3, 2 * (4 * 96 + 2 * 144))
    values = np.concatenate(expected, axis=1)
    np.testing.assert_allclose(embeddings, np.sqrt(values + 1e-6) if sqrt else values, atol=1e-5)


def test_a_sound_in_another_band_changes_other_channels(two_bands: keras.Model) -> None:
    images = np.full((3, *SHAPE), -127, dtype=np.float32)
    images[1, 3:6, 10:20] = images[2, -6:-3, 10:20] = 127
    silent, low, high = two_bands(images, training=False).numpy().reshape(3, 2, 96)
    np.testing.assert_allclose(low[1], silent[1], atol=1e-6)
    np.testing.assert_allclose(high[0], silent[0], atol=1e-6)
    assert abs(low[0] - silent[0]).max() > 1e-3
    assert abs(high[1] - silent[1]).max() > 1e-3


def test_the_network_ends_at_the_last_block_that_is_used(two_bands: keras.Model) -> None:
    assert two_bands.output_shape == (None, 2 * 96)
    assert two_bands.count_params() < 10_000


def test_standard_deviations_of_0_have_finite_gradients() -> None:
    backbone = backbone_of([1], [1], std=True)
    for layer in backbone.get_layer(networks.MOBILENET).layers:
        if "kernel" in {weight.name for weight in layer.weights}:
            layer.kernel.assign(0 * layer.kernel)  # padding at the borders would let activations vary over time
    with tf.GradientTape() as tape:
        embedding = backbone(IMAGES)
        total = tf.reduce_sum(embedding)
    np.testing.assert_allclose(embedding[:, 96:], 0, atol=2e-3)
    gradients = [gradient for gradient in tape.gradient(total, backbone.trainable_weights) if gradient is not None]
    assert gradients
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_bands_that_do_not_divide_the_rows_are_an_error_that_names_the_parameter() -> None:
    with pytest.raises(EchoError) as error:
        backbone_of([1], [3])
    assert "embed.bands" in str(error.value)
    assert "block 1 has 16 rows" in str(error.value)
    assert "3 bands" in str(error.value)


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
    np.testing.assert_allclose(called, head(backbone(IMAGES)), atol=1e-6)
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
    return Linear(GENERATOR.normal(size=(width, outputs)) / STEPS, GENERATOR.normal(size=outputs))


def assert_network_equals(head: Head, n_labels: int) -> None:
    """The head as a network gives its probabilities, for what the backbone returns."""
    embeddings = GENERATOR.normal(0, 2, (20, 6)).astype(np.float32)
    probabilities = networks.as_network(head, 6)(embeddings).numpy()
    assert probabilities.shape == (20, n_labels)
    np.testing.assert_allclose(probabilities, np.exp(head.log_probabilities(embeddings * STEPS)), atol=1e-5)


@pytest.mark.parametrize(("animals", "background"), [(3, True), (3, False), (1, True)])
@pytest.mark.filterwarnings("error")
def test_a_logistic_head_equals_its_network(animals: int, background: bool) -> None:
    presence = linear(6, animals + 1) if background else None
    assert_network_equals(Logistic(linear(6, animals), presence), animals + background)


@pytest.mark.parametrize("units", [0, 5])
def test_a_dense_head_equals_its_network(units: int) -> None:
    hidden = linear(6, units) if units else None
    output = Linear(GENERATOR.normal(size=(units or 6, 3)), GENERATOR.normal(size=3))
    assert_network_equals(Dense(1000 * GENERATOR.normal(size=6), np.full(6, 800.0), hidden, output), 3)


@pytest.mark.parametrize("units", [0, 5])
@pytest.mark.parametrize("steps", [True, False])
def test_a_trained_dense_head_has_the_same_probabilities_as_arrays(units: int, steps: bool) -> None:
    """Trained on stored embeddings, which it standardizes, or on those of a backbone that was trained along."""
    stored = GENERATOR.integers(-3000, 3000, (20, 6)).astype(np.int16)
    embeddings = (stored if steps else stored / STEPS).astype(np.float32)
    network = networks.head(6, 3, units, dropout=0.5, embeddings=embeddings if steps else None)
    head = networks.dense_arrays(network, steps)
    assert (head.hidden is None) == (units == 0)
    np.testing.assert_allclose(np.exp(head.log_probabilities(stored)), network(embeddings).numpy(), atol=1e-5)


def test_a_head_without_units_has_one_layer_of_weights() -> None:
    shapes = [weight.shape for weight in networks.head(6, 3, units=0, dropout=0.5).trainable_weights]
    assert shapes == [(6, 3), (3,)]

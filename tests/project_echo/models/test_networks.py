"""The networks on a tiny image, with random weights."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import networks
from project_echo.models.backend import keras, tf
from project_echo.models.logistic import Linear, Logistic

SHAPE = (32, 39, 3)
TOP_DB = 80.0
GENERATOR = np.random.default_rng(1)
IMAGES = GENERATOR.uniform(-TOP_DB, 0, (3, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    return networks.backbone(SHAPE, TOP_DB, [1, 6, "last"], [1, 1, 1], False, None)


def activations(backbone: keras.Model, *layers: str) -> list[np.ndarray]:
    """What layers give for IMAGES, each of shape (images, rows, columns, channels)."""
    mobilenet = backbone.get_layer(networks.MOBILENET)
    taps = keras.Model(mobilenet.input, [mobilenet.get_layer(name).output for name in layers])
    return taps.predict(IMAGES / 40 + 1)


def test_without_bands_and_deviations_the_embedding_is_the_average_of_the_activations_of_the_chosen_blocks(
    backbone: keras.Model,
) -> None:
    layers = activations(backbone, "block_1_expand_relu", "block_6_expand_relu", "out_relu")
    found = backbone.predict(IMAGES)
    assert found.shape == (3, 96 + 192 + 1280)
    np.testing.assert_allclose(found, np.concatenate([np.mean(a, axis=(1, 2)) for a in layers], axis=1), atol=1e-5)


def test_averages_and_then_deviations_over_time_are_those_of_each_band_low_ones_first() -> None:
    keras.utils.set_random_seed(1)
    backbone = networks.backbone(SHAPE, TOP_DB, [1, 3], [4, 2], True, None)
    expected = []
    for block, n_bands in zip(activations(backbone, "block_1_expand_relu", "block_3_expand_relu"), (4, 2), strict=True):
        for over_time in (block.mean(axis=2), np.sqrt(block.var(axis=2) + 1e-6)):
            expected += [band.mean(axis=1) for band in np.split(over_time, n_bands, axis=1)]
    found = backbone.predict(IMAGES)
    assert found.shape == (3, 2 * (4 * 96 + 2 * 144))
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-5)


def test_a_sound_in_another_band_speaks_in_other_channels() -> None:
    keras.utils.set_random_seed(1)
    backbone = networks.backbone(SHAPE, TOP_DB, [1], [2], False, None)
    images = np.full((3, *SHAPE), -TOP_DB, dtype=np.float32)
    images[1, 3:6, 10:20] = images[2, -6:-3, 10:20] = 0
    silent, low, high = backbone.predict(images).reshape(3, 2, 96)
    np.testing.assert_allclose(low[1], silent[1], atol=1e-6)
    np.testing.assert_allclose(high[0], silent[0], atol=1e-6)
    assert abs(low[0] - silent[0]).max() > 1e-3
    assert abs(high[1] - silent[1]).max() > 1e-3


def test_deviations_of_what_does_not_change_over_time_are_0_and_can_still_be_trained() -> None:
    backbone = networks.backbone(SHAPE, TOP_DB, [1], [1], True, None)
    for layer in backbone.get_layer(networks.MOBILENET).layers:
        if "kernel" in {weight.name for weight in layer.weights}:
            layer.kernel.assign(0 * layer.kernel)  # at its borders the network pads, and time would be seen to begin
    with tf.GradientTape() as tape:
        embedding = backbone(IMAGES)
        total = tf.reduce_sum(embedding)
    np.testing.assert_allclose(embedding[:, 96:], 0, atol=2e-3)
    gradients = [gradient for gradient in tape.gradient(total, backbone.trainable_weights) if gradient is not None]
    assert gradients
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("n_bands", [3, 5, 32])
def test_bands_that_do_not_share_the_rows_evenly_are_an_error_that_names_the_parameter(n_bands: int) -> None:
    told = rf"embed\.bands: the 16 rows that block 1 makes of 32 mel bands cannot be shared by {n_bands} bands"
    with pytest.raises(EchoError, match=told):
        networks.backbone(SHAPE, TOP_DB, [1], [n_bands], False, None)


def test_a_single_block_is_a_network_that_ends_there() -> None:
    backbone = networks.backbone(SHAPE, TOP_DB, [1], [1], False, None)
    assert backbone.output_shape == (None, 96)
    assert backbone.count_params() < 10_000


def test_decibels_become_what_the_network_was_trained_on(backbone: keras.Model) -> None:
    scaled = backbone.get_layer("scale")(np.array([-TOP_DB, -TOP_DB / 2, 0], dtype=np.float32))
    np.testing.assert_allclose(scaled, [-1, 0, 1], atol=1e-6)


def test_weights_from_a_file_fit_an_image_of_another_size(tmp_path: Path) -> None:
    original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    path = tmp_path / "mobilenet_v2.weights.h5"
    original.save_weights(path)
    loaded = networks.backbone(SHAPE, TOP_DB, ["last"], [1], False, path)
    for expected, found in zip(original.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_calling_the_joined_model_is_inference(backbone: keras.Model) -> None:
    head = networks.head(1568, 4, units=8, dropout=0.9, embeddings=GENERATOR.normal(size=(8, 1568)).astype(np.float32))
    model = networks.join(backbone, head)
    before = [weight.copy() for weight in model.get_weights()]
    called = model(IMAGES).numpy()
    np.testing.assert_allclose(called, model.predict(IMAGES), atol=1e-6)
    np.testing.assert_allclose(called, head.predict(backbone.predict(IMAGES)), atol=1e-6)
    np.testing.assert_allclose(called.sum(axis=1), 1, atol=1e-6)
    assert all((old == new).all() for old, new in zip(before, model.get_weights(), strict=True))


def test_embedder_gives_each_image_the_same_embedding_alone_and_in_a_batch(backbone: keras.Model) -> None:
    embed = networks.embedder(backbone)
    together = embed(IMAGES).numpy()
    alone = np.concatenate([embed(IMAGES[i : i + 1]).numpy() for i in range(3)])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, backbone.predict(IMAGES), atol=1e-5)


def test_head_standardises_by_the_embeddings_of_training() -> None:
    embeddings = GENERATOR.normal([5, -300], [1, 3], (500, 2)).astype(np.float32)
    head = networks.head(2, 2, units=0, dropout=0, embeddings=embeddings)
    standardised = head.get_layer("standardise")(embeddings).numpy()
    np.testing.assert_allclose(standardised.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(standardised.std(axis=0), 1, atol=1e-3)


def test_channel_that_was_silent_in_training_does_not_drown_the_others_when_it_speaks() -> None:
    embeddings = GENERATOR.normal(0, [1, 0], (500, 2)).astype(np.float32)
    head = networks.head(2, 2, units=0, dropout=0, embeddings=embeddings)
    assert abs(head.get_layer("standardise")(np.ones((1, 2))).numpy()).max() < 20


def test_head_for_a_backbone_that_is_trained_along_does_not_standardise() -> None:
    assert "standardise" not in [layer.name for layer in networks.head(6, 3, units=4, dropout=0.5).layers]


@pytest.mark.parametrize("background", [True, False])
def test_a_logistic_head_is_the_same_as_a_network(background: bool) -> None:
    def linear(outputs: int) -> Linear:
        return Linear(GENERATOR.normal(size=(6, outputs)), GENERATOR.normal(size=outputs))

    fitted = Logistic(linear(3), linear(4) if background else None)
    embeddings = GENERATOR.normal(0, 2, (20, 6)).astype(np.float32)
    found = networks.as_network(fitted, 6).predict(embeddings)
    assert found.shape == (20, 3 + background)
    np.testing.assert_allclose(found, np.exp(fitted.log_probabilities(embeddings)), atol=1e-6)


def test_head_of_no_units_has_one_layer_of_weights() -> None:
    shapes = [weight.shape for weight in networks.head(6, 3, units=0, dropout=0.5).trainable_weights]
    assert shapes == [(6, 3), (3,)]

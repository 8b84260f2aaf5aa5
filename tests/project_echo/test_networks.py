"""The networks on a tiny image, with random weights."""

from pathlib import Path

import numpy as np
import pytest

from project_echo import networks
from project_echo.tf import keras

SHAPE = (32, 39, 3)
TOP_DB = 80.0
GENERATOR = np.random.default_rng(1)
IMAGES = GENERATOR.uniform(-TOP_DB, 0, (3, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    return networks.backbone(SHAPE, TOP_DB, [1, 6, "last"], None)


def test_embedding_is_the_average_of_the_activations_of_the_chosen_blocks(backbone: keras.Model) -> None:
    mobilenet = backbone.get_layer(networks.MOBILENET)
    layers = ("block_1_expand_relu", "block_6_expand_relu", "out_relu")
    activations = keras.Model(mobilenet.input, [mobilenet.get_layer(name).output for name in layers])
    expected = [np.mean(block, axis=(1, 2)) for block in activations.predict(IMAGES / 40 + 1)]
    found = backbone.predict(IMAGES)
    assert found.shape == (3, 96 + 192 + 1280)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-5)


def test_a_single_block_is_a_network_that_ends_there() -> None:
    backbone = networks.backbone(SHAPE, TOP_DB, [1], None)
    assert backbone.output_shape == (None, 96)
    assert backbone.count_params() < 10_000


def test_decibels_become_what_the_network_was_trained_on(backbone: keras.Model) -> None:
    scaled = backbone.get_layer("scale")(np.array([-TOP_DB, -TOP_DB / 2, 0], dtype=np.float32))
    np.testing.assert_allclose(scaled, [-1, 0, 1], atol=1e-6)


def test_weights_from_a_file_fit_an_image_of_another_size(tmp_path: Path) -> None:
    original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    path = tmp_path / "mobilenet_v2.weights.h5"
    original.save_weights(path)
    loaded = networks.backbone(SHAPE, TOP_DB, ["last"], path)
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


def test_head_of_no_units_has_one_layer_of_weights() -> None:
    shapes = [weight.shape for weight in networks.head(6, 3, units=0, dropout=0.5).trainable_weights]
    assert shapes == [(6, 3), (3,)]

"""Grad-CAM maps of small networks, most of them built by hand so that the right map is known."""

import numpy as np
import pytest

from project_echo.explain import gradcam
from project_echo.models import networks
from project_echo.models.backend import keras
from project_echo.models.pooling import Pooling

SHAPE = (32, 48, 3)
TOP_DB = 80.0
IMAGE = np.full(SHAPE, -TOP_DB, dtype=np.float32)
IMAGE[:8, :12] = -20.0  # a call, low and early
IMAGE[-8:, -12:] = -20.0  # another, high and late


def by_hand(low: list[float], high: list[float]) -> keras.Model:
    """A joined model of three labels, with taps of 4 x 4 and 8 x 8 points per cell, each pooled in two bands.

    A tap has two channels: the loudness, whose weights for the labels are `low` and `high` in the two bands, and a
    constant with a weight of zero.
    """
    scaled = keras.Input(SHAPE)
    loudness = scaled[..., :1] + 1
    channels = keras.ops.concatenate([loudness, keras.ops.ones_like(loudness)], axis=-1)
    fine = keras.layers.ReLU(name="block_6_expand_relu")(keras.layers.AveragePooling2D(4)(channels))
    coarse = keras.layers.ReLU(name="out_relu")(keras.layers.AveragePooling2D(2)(fine))
    pooled = [
        keras.ops.mean(keras.ops.reshape(tap, (-1, 2, tap.shape[1] * tap.shape[2] // 2, 2)), axis=2)
        for tap in (fine, coarse)
    ]
    embedding = keras.layers.Flatten()(keras.ops.concatenate(pooled, axis=1))
    mobilenet = keras.Model(scaled, embedding, name=networks.MOBILENET)
    head = networks.head(8, 3, units=0, dropout=0)
    zeros = [0.0, 0.0, 0.0]
    weights = np.array([low, zeros, high, zeros] * 2, dtype=np.float32)
    head.layers[-1].set_weights([weights, np.zeros(3, dtype=np.float32)])
    spectrogram = keras.Input(SHAPE)
    decibels = keras.layers.Rescaling(2 / TOP_DB, offset=1)(spectrogram)
    return networks.join(keras.Model(spectrogram, mobilenet(decibels)), head)


CORNERS = by_hand([5.0, 0.0, -1.0], [0.0, 5.0, -1.0])


def center(attention: np.ndarray) -> np.ndarray:
    """Center of mass: band, frame."""
    indices = np.indices(attention.shape)
    return (indices * attention).sum(axis=(1, 2)) / attention.sum()


@pytest.mark.parametrize("blocks", [[6, "last"], ["last", 6], [6], ["last"]])
@pytest.mark.parametrize(("label", "corner"), [(0, (4, 6)), (1, (28, 42))])
def test_the_map_peaks_at_the_sound_that_decides(blocks: list[int | str], label: int, corner: tuple[int, int]) -> None:
    attention = gradcam.attention(CORNERS, blocks, IMAGE, label)
    assert attention.shape == SHAPE[:2]
    assert attention.dtype == np.float32
    assert (attention.min(), attention.max()) == (0, 1)
    assert np.abs(center(attention) - corner).max() < 4
    assert attention[corner] > 0.7


def test_a_label_without_evidence_has_an_empty_map() -> None:
    assert not gradcam.attention(CORNERS, [6, "last"], IMAGE, 2).any()


@pytest.mark.parametrize("weight", [0.0, 1e5])  # no gradient at all; all other probabilities are 0
def test_a_label_without_a_gradient_has_an_empty_map_without_nan(weight: float) -> None:
    model = by_hand([weight, 0.0, 0.0], [weight, 0.0, 0.0])
    for label in range(3):
        assert not gradcam.attention(model, [6, "last"], IMAGE, label).any()


def test_a_label_with_a_probability_of_1_still_has_a_map() -> None:
    model = by_hand([100.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    assert model(IMAGE[np.newaxis]).numpy()[0, 0] == 1
    assert np.abs(center(gradcam.attention(model, [6, "last"], IMAGE, 0)) - (4, 6)).max() < 4


def test_silence_has_an_empty_map() -> None:
    assert not gradcam.attention(CORNERS, [6, "last"], np.full(SHAPE, -TOP_DB, dtype=np.float16), 0).any()


def test_the_map_of_mobilenet_is_reproducible_and_leaves_its_weights_unchanged() -> None:
    keras.utils.set_random_seed(1)
    pooling = Pooling(blocks=(6, 13, "last"), bands=(4, 2, 1), std=True, sqrt=False)
    backbone = networks.backbone(SHAPE, TOP_DB, pooling)
    model = networks.join(backbone, networks.head(backbone.output_shape[1], 3, units=4, dropout=0.9))
    before = [weight.copy() for weight in model.get_weights()]
    image = np.random.default_rng(1).uniform(-TOP_DB, 0, SHAPE).astype(np.float16)
    first, second = (gradcam.attention(model, [6, 13, "last"], image, 1) for _ in range(2))
    assert np.isfinite(first).all()
    assert 0 <= first.min() <= first.max() <= 1
    np.testing.assert_array_equal(first, second)  # dropout and the averages of a batch would differ
    assert all((old == new).all() for old, new in zip(before, model.get_weights(), strict=True))

"""Grad-CAM maps of small networks built by hand, so that the right map is known, or found by differences."""

from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from project_echo.explain import gradcam
from project_echo.features.config import LOUDEST
from project_echo.features.slices import slice_edges
from project_echo.models.calibration import uncalibrated
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.embedding import EPSILON, steps
from project_echo.models.head import Dense, Head, Linear, Logistic, window_scores
from project_echo.models.litert import Network
from project_echo.models.litert_file import Int8Graph, Tensor
from project_echo.models.pooling import Pooling
from tests.sounds import mel_spectrogram

SHAPE = (32, 48, 3)
SILENCE = np.full(SHAPE, -LOUDEST, dtype=np.int8)
IMAGE = SILENCE.copy()
IMAGE[:8, :12] = 64  # a call, low and early
IMAGE[-8:, -12:] = 64  # another, high and late


def classifier_of(network: bytes, folder: Path, pooling: Pooling, head: Head) -> Classifier:
    path = folder / "backbone.tflite"
    path.write_bytes(network)
    labels = ("a", "b", "c")
    embedder = PooledEmbedder(mel_spectrogram(), Network(path), pooling)
    return Classifier(labels, uncalibrated(len(labels)), None, embedder, head, folder)


def corners(
    folder: Path,
    low: list[float],
    high: list[float],
    blocks: tuple[int | Literal["last"], ...] = (6, "last"),
    slices: int = 1,
) -> Classifier:
    """A classifier of three labels, with taps of 4 x 4 and 8 x 8 points per cell, each pooled in two bands.

    With slices the labels are independent.

    A tap has two channels: the loudness, whose weights for the labels are `low` and `high` in the two bands, and a
    constant with a weight of zero.
    """
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *SHAPE), 1 / LOUDEST)
    loudness = np.zeros((2, 4, 4, 3))
    loudness[0, :, :, 0] = 1 / 16
    convolution = partial(graph.convolution, bounds=(0.0, 6.0), depthwise=False, relu6=True)
    fine = convolution("fine", image, loudness, np.ones(2), stride=4)
    mean = np.zeros((2, 2, 2, 2))
    mean[0, :, :, 0] = mean[1, :, :, 1] = 1 / 4
    coarse = convolution("coarse", fine, mean, np.zeros(2), stride=2)
    taps: dict[int | str, Tensor] = {6: fine, "last": coarse}
    pooling = Pooling(blocks=blocks, bands=(2,) * len(blocks), slices=slices, std=False, sqrt=False)
    zeros = [0.0, 0.0, 0.0]
    weights = np.array([low, zeros, high, zeros] * len(blocks))
    linear = Linear(weights / steps(pooling), np.zeros(3))
    head = Logistic(linear) if slices > 1 else Dense(np.zeros(len(weights)), np.ones(len(weights)), None, linear)
    return classifier_of(graph.serialize(image, [taps[block] for block in blocks]), folder, pooling, head)


def center(attention: np.ndarray) -> np.ndarray:
    """Center of mass: band, frame."""
    indices = np.indices(attention.shape)
    return (indices * attention).sum(axis=(1, 2)) / attention.sum()


@pytest.mark.parametrize("blocks", [(6, "last"), ("last", 6), (6,), ("last",), (6, 6)], ids=str)
@pytest.mark.parametrize(("label", "corner"), [(0, (4, 6)), (1, (28, 42))])
def test_the_map_peaks_at_the_sound_that_decides(
    tmp_path: Path, blocks: tuple[int | Literal["last"], ...], label: int, corner: tuple[int, int]
) -> None:
    attention = gradcam.attention(corners(tmp_path, [5.0, 0.0, -1.0], [0.0, 5.0, -1.0], blocks), IMAGE, label)
    assert attention.shape == SHAPE[:2]
    assert (attention.min(), attention.max()) == (0, 1)
    assert np.abs(center(attention) - corner).max() < 4
    assert attention[corner] > 0.7


def test_a_label_without_evidence_has_an_empty_map(tmp_path: Path) -> None:
    assert not gradcam.attention(corners(tmp_path, [5.0, 0.0, -1.0], [0.0, 5.0, -1.0]), IMAGE, 2).any()


def test_a_label_without_a_gradient_has_an_empty_map_without_nan(tmp_path: Path) -> None:
    classifier = corners(tmp_path, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    for label in range(3):
        assert not gradcam.attention(classifier, IMAGE, label).any()


def test_a_label_with_a_probability_of_1_still_has_a_map(tmp_path: Path) -> None:
    classifier = corners(tmp_path, [100.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    assert classifier.predict_images(IMAGE[np.newaxis])[0, 0] == 1
    assert np.abs(center(gradcam.attention(classifier, IMAGE, 0)) - (4, 6)).max() < 4


def test_silence_has_an_empty_map(tmp_path: Path) -> None:
    classifier = corners(tmp_path, [5.0, 0.0, -1.0], [0.0, 5.0, -1.0])
    assert not gradcam.attention(classifier, SILENCE, 0).any()


@pytest.mark.parametrize("label", [0, 1])
def test_the_map_of_a_label_is_empty_outside_of_the_slices_in_which_it_is_heard(tmp_path: Path, label: int) -> None:
    classifier = corners(tmp_path, [5.0, 0.0, -1.0], [0.0, 5.0, -1.0], slices=3)
    attention = gradcam.attention(classifier, IMAGE, label)
    assert np.abs(center(attention) - ((4, 6), (28, 42))[label]).max() < 4
    scores = classifier.predict_slices(IMAGE[np.newaxis])[0, :, label]
    assert scores.argmax() == (0, 2)[label]


def test_evidence_for_none_is_evidence_against_the_most_probable_label(tmp_path: Path) -> None:
    classifier = corners(tmp_path, [5.0, 5.0, 5.0], [-1.0, -2.0, -2.0], slices=3)
    hiss = SILENCE.copy()
    hiss[-8:] = 64
    assert not gradcam.attention(classifier, hiss, 0).any()
    assert center(gradcam.attention(classifier, hiss, 3))[0] == pytest.approx(28, abs=4)


DRAW = np.random.default_rng(1)


def linear(width: int, outputs: int) -> Linear:
    return Linear(DRAW.normal(size=(width, outputs)) / 50, DRAW.normal(size=outputs))


HEADS: dict[str, Head] = {
    "logistic": Logistic(linear(20, 3)),
    "single animal": Logistic(linear(20, 1)),
    "dense": Dense(np.full(20, 30.0), np.full(20, 15.0), linear(20, 6), linear(6, 3)),
    "dense, no hidden layer": Dense(np.full(20, 30.0), np.full(20, 15.0), None, linear(20, 3)),
}


def pool(activations: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Embeddings in two bands, (slices, width), with standard deviations if there is one slice, unrounded."""
    edges = slice_edges(activations.shape[1], pooling.slices)
    embeddings = []
    for start, end in zip(edges[: pooling.slices], edges[-pooling.slices :], strict=True):
        area = activations[:, start:end].reshape(2, -1, activations.shape[-1])
        values = [area.mean(axis=1), *([np.sqrt(area.var(axis=1) + EPSILON)] if pooling.std else [])]
        embeddings.append(np.concatenate(values).ravel())
    pooled = np.stack(embeddings)
    scaled: np.ndarray = steps(pooling) * (np.sqrt(pooled + EPSILON) if pooling.sqrt else pooled)
    return scaled


@pytest.mark.parametrize("sqrt", [True, False])
@pytest.mark.parametrize(("name", "slices"), [*((name, 1) for name in HEADS), ("logistic", 3), ("single animal", 3)])
def test_channels_are_weighted_by_what_raising_them_in_a_band_does_to_the_label(
    tmp_path: Path, name: str, slices: int, sqrt: bool
) -> None:
    """On a tap as fine as the image, against differences of the window's log-odds."""
    head = HEADS[name]
    channels = 10 // (1 if slices > 1 else 2)  # without standard deviations there are twice as many
    graph = Int8Graph()
    image = graph.input("spectrogram", (1, *SHAPE), 1 / LOUDEST)
    weights = np.random.default_rng(2).normal(0, 1, (channels, 1, 1, 3))
    ones = np.ones(channels)
    tap = graph.convolution("tap", image, weights, ones, (0.0, 6.0), depthwise=False, stride=1, relu6=True)
    pooling = Pooling(blocks=(1,), bands=(2,), slices=slices, std=slices == 1, sqrt=sqrt)
    classifier = classifier_of(graph.serialize(image, [tap]), tmp_path, pooling, head)
    noise = np.random.default_rng(3).integers(-127, 128, SHAPE).astype(np.int8)
    (tap_of_noise,) = classifier.embedder.network(noise)
    activations = tap_of_noise.scale * tap_of_noise.values.astype(np.float64)
    edges = slice_edges(SHAPE[1], slices)

    def score(values: np.ndarray, label: int) -> float:
        scores = window_scores(head.slice_scores(pool(values, pooling)[np.newaxis]))[0]
        return float(scores[label] if label < len(scores) else -scores.max())

    n_outputs = head.slice_scores(np.zeros((1, slices, 20))).shape[2]
    for label in range(n_outputs + isinstance(head, Logistic)):
        evidence = np.zeros(SHAPE[:2])
        for band, part, channel in np.ndindex(2, len(edges) - 1, channels):
            rows, columns = slice(16 * band, 16 * (band + 1)), slice(edges[part], edges[part + 1])
            scores = []
            for step in (-1e-4, 1e-4):
                raised = activations.copy()
                raised[rows, columns, channel] += step
                scores.append(score(raised, label))
            evidence[rows, columns] += (scores[1] - scores[0]) * activations[rows, columns, channel]
        expected = np.maximum(evidence, 0) / max(evidence.max(), 1e-30)
        np.testing.assert_allclose(gradcam.attention(classifier, noise, label), expected, atol=0.01)


def test_a_coarse_map_is_interpolated_between_the_centers_of_its_cells(tmp_path: Path) -> None:
    attention = gradcam.attention(corners(tmp_path, [5.0, 0.0, 0.0], [0.0, 0.0, 0.0], ("last",)), IMAGE, 0)
    # The call fills one cell of 8 x 8 and half of the next, which is half as loud.
    assert attention[0, :4] == pytest.approx(1)
    np.testing.assert_allclose(attention[0, 4:12], 1 - 0.5 * (np.arange(8) + 0.5) / 8, atol=0.02)
    np.testing.assert_allclose(attention[0, 12:20], 0.5 - 0.5 * (np.arange(8) + 0.5) / 8, atol=0.02)

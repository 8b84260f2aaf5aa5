"""Vectors of events: which sound they are of, for any embedder, and how the page gets them."""

import base64
from pathlib import Path

import numpy as np
import pytest

from project_echo.custom_networks.network import save_network
from project_echo.models.classifier import load_classifier
from project_echo.models.embedder import Embedder, load_embedder
from project_echo.models.pooling import Slices
from project_echo.models.projection import DIMENSIONS, project
from project_echo.reviews.vectors import encode_vectors, event_vector
from tests.project_echo.custom_networks.networks import write_tflite
from tests.sounds import FEATURES, hiss, mel_spectrogram, tone

RATE = FEATURES.sample_rate
LOW, HIGH, QUIET = tone(250, 1, RATE), tone(3000, 1, RATE), hiss(2, RATE, 0.05)


@pytest.fixture(params=["pooled", "custom"])
def embedder(request: pytest.FixtureRequest, by_pitch_or_none: Path, tmp_path: Path) -> Embedder:
    if request.param == "pooled":
        return load_classifier(by_pitch_or_none).embedder
    network = write_tflite(tmp_path / "network.tflite", rate=RATE)
    saved = save_network(network, tmp_path / "backbone", "backbone")
    return load_embedder(saved.parent, mel_spectrogram(), Slices(slices=3))


def test_an_event_as_long_as_a_window_has_the_mean_of_its_slices(embedder: Embedder) -> None:
    sound = np.concatenate([QUIET, LOW, HIGH])
    slices = embedder.embed(embedder.windows(LOW, np.zeros(1, int)))
    expected = project(slices[0]).astype(float).mean(axis=0)
    np.testing.assert_array_equal(event_vector(sound, 2, 3, embedder), expected)


def test_the_same_sound_has_nearly_the_same_vector_whatever_is_heard_around_it(by_pitch_or_none: Path) -> None:
    embedder = load_classifier(by_pitch_or_none).embedder
    low = event_vector(np.concatenate([QUIET, LOW, LOW, LOW, QUIET]), 2, 5, embedder)
    beside = event_vector(np.concatenate([HIGH, LOW, HIGH]), 1.2, 1.8, embedder)
    high = event_vector(np.concatenate([LOW, HIGH, LOW]), 1.2, 1.8, embedder)
    assert 3 * np.linalg.norm(low - beside) < np.linalg.norm(low - high)


@pytest.mark.parametrize(("seconds", "start_s", "end_s"), [(0.4, 0, 0.4), (3, 1.9, 1.91), (3, 0, 0.5), (3.3, 2, 3.3)])
def test_events_may_be_short_or_at_the_ends_of_a_recording(
    embedder: Embedder, seconds: float, start_s: float, end_s: float
) -> None:
    vector = event_vector(hiss(seconds, RATE), start_s, end_s, embedder)
    assert vector.shape == (DIMENSIONS,) and np.isfinite(vector).all() and vector.any()


def test_the_page_gets_directions_from_the_mean_in_bytes() -> None:
    common, a, b = np.random.default_rng(1).standard_normal((3, DIMENSIONS))
    vectors = [100 * common + a, None, 100 * common - a, 100 * common + b, 100 * common - b]
    texts = encode_vectors(vectors)
    assert texts[1] == ""
    bytes_of = [np.frombuffer(base64.b64decode(text), np.int8).astype(float) for text in texts if text]
    for decoded, direction in zip(bytes_of, (a, -a, b, -b), strict=True):
        assert np.abs(decoded).max() == 127
        np.testing.assert_allclose(decoded, direction * 127 / np.abs(direction).max(), atol=0.51)


def test_vectors_without_differences_are_zeros() -> None:
    (text,) = encode_vectors([np.ones(DIMENSIONS)])
    assert base64.b64decode(text) == bytes(DIMENSIONS)
    assert encode_vectors([None, None]) == ["", ""]

"""Windows of sound and their embeddings, with a custom network that takes sound or images, and with none."""

from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import card_path
from project_echo.custom_networks.network import save_network
from project_echo.features.config import LOUDEST
from project_echo.features.melspectrogram import window_starts
from project_echo.models.card import BACKBONE, NETWORK_CARD, ONNX_BACKBONE
from project_echo.models.embedder import CustomEmbedder, custom_file, load_embedder
from project_echo.models.litert_file import Int8Graph
from project_echo.models.pooling import Slices
from tests.project_echo.custom_networks.networks import WIDTH, Write, write_onnx, write_tflite
from tests.sounds import FEATURES, hiss, mel_spectrogram

RATE = FEATURES.sample_rate
SPECTROGRAM = mel_spectrogram()
SOUND = (hiss(3.3, RATE) * np.linspace(0.1, 1, round(3.3 * RATE))).astype(np.float32)


def embedder_of(network: Path, slices: int = 3) -> CustomEmbedder:
    saved = save_network(network, network.parent / "backbone", "backbone")
    embedder = load_embedder(saved.parent, SPECTROGRAM, Slices(slices=slices))
    assert isinstance(embedder, CustomEmbedder)
    return embedder


@pytest.mark.parametrize(("write", "name"), [(write_tflite, BACKBONE), (write_onnx, ONNX_BACKBONE)])
def test_windows_of_sound_are_the_samples_at_their_starts(tmp_path: Path, write: Write, name: str) -> None:
    embedder = embedder_of(write(tmp_path / f"network{Path(name).suffix}", rate=RATE, window_s=0.4))
    assert custom_file(tmp_path / "backbone") == tmp_path / "backbone" / name
    starts = window_starts(len(SOUND), FEATURES, 0.35)
    windows = embedder.windows(SOUND, starts)
    for start, window in zip(starts * FEATURES.hop_length, windows, strict=True):
        np.testing.assert_array_equal(window, SOUND[start : start + FEATURES.window_samples])
    assert np.shares_memory(windows[0], windows[1])
    embeddings = embedder.embed(windows)
    assert (embeddings.shape, embeddings.dtype) == ((len(starts), 3, WIDTH), np.uint8)
    np.testing.assert_array_equal(embeddings[2], embedder.network.embed(windows[2], 3))


def test_a_recording_shorter_than_a_window_is_padded_with_zeros(tmp_path: Path) -> None:
    embedder = embedder_of(write_tflite(tmp_path / "network.tflite", rate=RATE))
    (window,) = embedder.windows(SOUND[:1000], np.zeros(1, int))
    assert window.shape == (FEATURES.window_samples,)
    np.testing.assert_array_equal(window[:1000], SOUND[:1000])
    assert not window[1000:].any()


def test_a_network_that_takes_images_gets_ours(tmp_path: Path) -> None:
    graph = Int8Graph()
    image = graph.input("image", (1, *FEATURES.image_shape), 1 / LOUDEST)
    tap = graph.convolution(
        "layer", image, np.ones((4, 1, 1, 3)), np.zeros(4), (0.0, 6.0), depthwise=False, stride=2, relu6=True
    )
    path = tmp_path / "network.tflite"
    card = {
        "sample_rate_hz": RATE,
        "window_s": FEATURES.window_s,
        "hop_s": FEATURES.window_s,
        "input": {"tensor": "image", "kind": "log_mel"},
        "embedding": {"tensor": "layer", "time_axis": 2, "highest": 6.0},
    }
    write_tflite(tmp_path / "other.tflite", card=card)
    card_path(tmp_path / "other.tflite").rename(card_path(path))
    path.write_bytes(graph.serialize(image, [tap]))
    embedder = embedder_of(path)
    assert embedder.hears_images
    starts = window_starts(len(SOUND), FEATURES, 0.5)
    windows = embedder.windows(SOUND, starts)
    np.testing.assert_array_equal(windows, SPECTROGRAM.window_images(SOUND, starts))
    assert embedder.embed(windows).shape == (len(starts), 3, embedder.network.width)


def test_a_network_for_another_rate_is_an_error_that_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(EchoError, match=rf"Set features\.sample_rate to {2 * RATE}"):
        embedder_of(write_tflite(tmp_path / "network.tflite", rate=2 * RATE))


def test_a_folder_without_the_card_holds_no_network_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / BACKBONE).write_bytes(b"MobileNetV2")
    assert custom_file(tmp_path) is None
    with pytest.raises(EchoError, match=NETWORK_CARD):
        load_embedder(tmp_path, SPECTROGRAM, Slices(slices=1))

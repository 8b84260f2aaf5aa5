"""Custom networks, in LiteRT and ONNX files, against the means that they compute."""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import card_path, read_network_card
from project_echo.custom_networks.file import parse_network
from project_echo.custom_networks.network import CustomNetwork, save_network
from project_echo.custom_networks.onnx_file import GRAPH, INITIALIZERS, message, varint
from project_echo.custom_networks.slices import mean_over_slices, quantize
from project_echo.custom_networks.tensors import find_embedding
from project_echo.features.slices import slice_times
from project_echo.models.litert_file import Int8Graph
from tests.project_echo.custom_networks.networks import (
    EMBEDDING,
    HIGHEST,
    SCORES,
    WIDTH,
    Write,
    expected,
    write_onnx,
    write_tflite,
)
from tests.sounds import FEATURES

RATE = 8000
both = pytest.mark.parametrize(("write", "name"), [(write_tflite, "tiny.tflite"), (write_onnx, "tiny.onnx")])


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, n).astype(np.float32)


def error_of(path: Path, **arguments: Any) -> str:
    """The message of loading a network, which is one line."""
    with pytest.raises(EchoError) as error:
        CustomNetwork(path, **arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


@both
@pytest.mark.parametrize(("rate", "window_s"), [(8000, 1.0), (48_000, 1.0), (16_000, 3.0), (48_000, 3.0)])
def test_embeddings_from_inside_the_graph_of_each_of_its_windows(
    tmp_path: Path, write: Write, name: str, rate: int, window_s: float
) -> None:
    network = CustomNetwork(write(tmp_path / name, rate=rate, window_s=window_s))
    samples, size = noise(5 * rate), round(rate * window_s)
    rows = network(samples)
    assert rows.dtype == np.float32 and rows.shape == (len(network.times(samples)), network.width)
    for row, (start, end) in zip(rows, network.times(samples), strict=True):
        assert end - start == pytest.approx(window_s)
        part = samples[round(start * rate) :][:size]
        np.testing.assert_allclose(row, expected(np.pad(part, (0, size - len(part))))[0], atol=1e-6)


@both
@pytest.mark.parametrize("n", [1, RATE // 2, RATE, 2 * RATE + 1])
def test_sound_of_any_length_is_padded_at_its_end(tmp_path: Path, write: Write, name: str, n: int) -> None:
    network = CustomNetwork(write(tmp_path / name))
    rows = network(noise(n))
    starts = np.arange(len(rows)) * RATE // 2
    padded = np.pad(noise(n), (0, starts[-1] + RATE - n))
    np.testing.assert_allclose(rows, [expected(padded[s : s + RATE])[0] for s in starts], atol=1e-6)
    assert starts[-1] < n


@both
def test_time_steps_follow_one_another(tmp_path: Path, write: Write, name: str) -> None:
    network = CustomNetwork(write(tmp_path / name, steps=4))
    samples = noise(RATE)
    assert (network.steps, network.width) == (4, WIDTH)
    np.testing.assert_allclose(network(samples), expected(samples, 4), atol=1e-6)
    np.testing.assert_allclose(network.times(samples), [[0, 0.25], [0.25, 0.5], [0.5, 0.75], [0.75, 1]])


@both
def test_slices_are_stored_in_eight_bits(tmp_path: Path, write: Write, name: str) -> None:
    network = CustomNetwork(write(tmp_path / name, steps=4))
    samples = noise(2 * RATE)
    slices = network.embed(samples, 7)
    assert slices.shape == (7, WIDTH) and slices.dtype == np.uint8
    means = mean_over_slices(network(samples), network.times(samples), slice_times(7, 2.0))
    np.testing.assert_array_equal(slices, quantize(means, HIGHEST))


@both
def test_samples_are_scaled_as_the_card_says(tmp_path: Path, write: Write, name: str) -> None:
    card = {"input": {"tensor": "waveform", "kind": "waveform", "scale": 32768.0}}
    rows = CustomNetwork(write(tmp_path / name, card=card))(noise(RATE))
    np.testing.assert_allclose(rows, 32768 * expected(noise(RATE)), rtol=1e-5)


@both
def test_threads_and_copies_in_other_processes_give_the_same(tmp_path: Path, write: Write, name: str) -> None:
    network = CustomNetwork(write(tmp_path / name))
    sounds = [noise(2 * RATE, seed) for seed in range(8)]
    alone = [network(sound) for sound in sounds]
    copy = pickle.loads(pickle.dumps(network))
    with ThreadPoolExecutor(4) as pool:
        for run in (network, copy):
            np.testing.assert_array_equal(list(pool.map(run, sounds)), alone)


@both
def test_a_saved_network_has_its_embedding_as_an_output(tmp_path: Path, write: Write, name: str) -> None:
    path = write(tmp_path / name)
    saved = save_network(path, tmp_path / "model", "backbone")
    outputs = [t.name for t in parse_network(saved.read_bytes(), saved).tensors if t.role == "output"]
    assert outputs == [EMBEDDING]
    assert saved == tmp_path / "model" / f"backbone{path.suffix}" and read_network_card(saved) == read_network_card(
        path
    )
    np.testing.assert_array_equal(CustomNetwork(saved)(noise(RATE)), CustomNetwork(path)(noise(RATE)))
    again = save_network(saved, tmp_path / "again", "backbone")
    assert again.read_bytes() == saved.read_bytes()


@both
def test_a_tensor_may_be_given_by_its_index(tmp_path: Path, write: Write, name: str) -> None:
    path = write(tmp_path / name)
    (index,) = (t.index for t in parse_network(path.read_bytes(), path).tensors if t.name == EMBEDDING)
    by_name = CustomNetwork(path)(noise(RATE))
    write(path, card={"embedding": {"tensor": index, "highest": HIGHEST}})
    np.testing.assert_array_equal(CustomNetwork(path)(noise(RATE)), by_name)


@both
def test_a_file_that_changed_is_refused(tmp_path: Path, write: Write, name: str) -> None:
    path = write(tmp_path / name)
    network = CustomNetwork(path, sha256=files.sha256(path))
    assert network.sha256 == files.sha256(path)
    stored = pickle.dumps(network)
    write(path, window_s=2.0)
    assert str(path) in error_of(path, sha256=network.sha256)
    with pytest.raises(EchoError, match=name):
        pickle.loads(stored)


@both
def test_values_that_are_not_finite_are_an_error(tmp_path: Path, write: Write, name: str) -> None:
    path = write(tmp_path / name, nan=True)
    network = CustomNetwork(path)
    with pytest.raises(EchoError) as error:
        network.embed(noise(RATE), 1)
    assert all(word in str(error.value) for word in (str(path), EMBEDDING, "NaN")) and "\n" not in str(error.value)


@both
@pytest.mark.parametrize(
    ("card", "words"),
    [
        ({"embedding": {"tensor": "wrong", "highest": 1.0}}, ["embedding.tensor", "'wrong'", "inspect"]),
        ({"embedding": {"tensor": 999, "highest": 1.0}}, ["embedding.tensor", "999"]),
        ({"embedding": {"tensor": "waveform", "highest": 1.0}}, ["embedding.tensor", "input"]),
        ({"embedding": {"tensor": EMBEDDING, "highest": 1.0, "time_axis": 5}}, ["embedding.time_axis", "5"]),
        ({"input": {"tensor": "wrong", "kind": "waveform"}}, ["input.tensor", "'wrong'"]),
        ({"input": {"tensor": SCORES, "kind": "waveform"}}, ["input.tensor", SCORES]),
        ({"window_s": 2.0}, ["window_s", "16000 samples", "(1, 8000)"]),
        ({"input": {"tensor": "waveform", "kind": "log_mel"}, "hop_s": 1.0}, ["input", "n_mels", "waveform"]),
    ],
)
def test_a_card_that_does_not_fit_its_network_is_one_line(
    tmp_path: Path, write: Write, name: str, card: dict[str, Any], words: list[str]
) -> None:
    path = write(tmp_path / name, card=card)
    message = error_of(path)
    assert str(card_path(path)) in message
    assert all(word in message for word in words), message


def test_a_constant_is_no_embedding(tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "tiny.tflite", card={"embedding": {"tensor": "weights", "highest": 1.0}})
    assert "constant" in error_of(path)


@both
def test_a_damaged_or_missing_file_is_one_line(tmp_path: Path, write: Write, name: str) -> None:
    path = write(tmp_path / name)
    data = path.read_bytes()
    for damaged in (b"", b"no network", data[: len(data) // 2], b"\xff" * 100):
        path.write_bytes(damaged)
        assert str(path) in error_of(path)
    path.unlink()
    assert str(path) in error_of(path)


def test_an_onnx_file_whose_weights_are_elsewhere_is_refused(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "tiny.onnx")
    external = message(8, b"more") + varint(14 << 3) + varint(1)
    path.write_bytes(path.read_bytes() + message(GRAPH, message(INITIALIZERS, external)))
    assert "onnx.save" in error_of(path)


def test_layers_after_the_embedding_of_an_onnx_file_are_not_run(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "tiny.onnx", broken_end=True)
    np.testing.assert_allclose(CustomNetwork(path)(noise(RATE)), expected(noise(RATE)), atol=1e-6)
    write_onnx(path, broken_end=True, card={"embedding": {"tensor": SCORES, "highest": 1.0}})
    assert "cannot be run" in error_of(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "tiny.pb")
    assert ".tflite" in error_of(path) and ".onnx" in error_of(path)


def test_an_onnx_file_needs_onnxruntime_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_onnx(tmp_path / "tiny.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "project-echo[onnx]" in error_of(path)
    CustomNetwork(write_tflite(tmp_path / "tiny.tflite"))


def test_a_network_says_which_features_it_takes(tmp_path: Path) -> None:
    network = CustomNetwork(write_tflite(tmp_path / "tiny.tflite", rate=48_000))
    network.check_features(FEATURES.model_copy(update={"sample_rate": 48_000}))
    with pytest.raises(EchoError, match=r"features\.sample_rate.*48000"):
        network.check_features(FEATURES)


def test_a_network_of_images_in_integers(tmp_path: Path) -> None:
    """One convolution that passes the image on; its real values are from -1 to 1."""
    shape, path = FEATURES.image_shape, tmp_path / "images.tflite"
    graph = Int8Graph()
    image = graph.input("image", (1, *shape), 1 / 127)
    identity = np.eye(3).reshape(3, 1, 1, 3)
    output = graph.convolution(
        "layer", image, identity, np.zeros(3), (-1.0, 1.0), depthwise=False, stride=1, relu6=False
    )
    path.write_bytes(graph.serialize(image, [output]))
    card = {
        "sample_rate_hz": FEATURES.sample_rate,
        "window_s": FEATURES.window_s,
        "hop_s": FEATURES.window_s,
        "input": {"tensor": "image", "kind": "log_mel"},
        "embedding": {"tensor": "layer", "time_axis": 2, "highest": 1.0},
    }
    write_tflite(tmp_path / "other.tflite", card=card)
    card_path(tmp_path / "other.tflite").rename(card_path(path))
    network = CustomNetwork(path)
    network.check_features(FEATURES)
    values = np.random.default_rng(1).integers(-127, 128, shape).astype(np.int8)
    rows = network(values)
    np.testing.assert_allclose(rows, values.transpose(1, 0, 2).reshape(shape[1], -1) / 127, atol=0.02)
    assert network.embed(values, 3).shape == (3, shape[0] * 3)
    with pytest.raises(EchoError, match="images of shape"):
        network.check_features(FEATURES.model_copy(update={"n_mels": shape[0] + 1}))


def test_a_tensor_that_several_have_the_name_of_needs_an_index(tmp_path: Path) -> None:
    path = write_tflite(tmp_path / "tiny.tflite")
    tensors = parse_network(path.read_bytes(), path).tensors
    doubled = [replace(tensor, name="same") for tensor in tensors]
    with pytest.raises(EchoError, match="index"):
        find_embedding(doubled, "same", path)

"""What `project-echo backbone inspect` tells of a network, and the card that it writes."""

import logging
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import card_path, read_network_card
from project_echo.custom_networks.first_card import guess_card
from project_echo.custom_networks.inspect_network import inspect_network
from project_echo.custom_networks.network import CustomNetwork
from project_echo.custom_networks.probe_sounds import PEAK, probe_images, probe_sounds
from project_echo.custom_networks.tensors import TensorInfo
from tests.project_echo.custom_networks.networks import EMBEDDING, SCORES, Write, write_onnx, write_tflite
from tests.project_echo.custom_networks.test_network import both, noise


@both
@pytest.mark.parametrize(
    ("rate", "window_s", "steps"),
    [(48_000, 3.0, 1), (32_000, 5.0, 1), (16_000, 1.0, 1), (16_000, 0.975, 1), (48_000, 3.0, 4), (16_000, 3.0, 4)],
)
def test_a_first_card_is_ready_to_use(
    tmp_path: Path, write: Write, name: str, rate: int, window_s: float, steps: int
) -> None:
    path = write(tmp_path / name, rate=rate, window_s=window_s, steps=steps)
    written = read_network_card(path)
    card_path(path).unlink()
    inspect_network(path)
    card = read_network_card(path)
    assert card.embedding.tensor == EMBEDDING and card.input.tensor == "waveform"
    assert card.embedding.time_axis == written.embedding.time_axis
    assert card.window_samples == written.window_samples
    if written.window_s.is_integer() and steps == 1:
        assert card.sample_rate_hz == rate
    assert CustomNetwork(path).embed(noise(5 * card.sample_rate_hz), 7).shape == (7, 16)
    assert 0 < card.embedding.highest <= 0.5


@both
def test_the_table_lists_inputs_outputs_and_candidates(tmp_path: Path, write: Write, name: str) -> None:
    table = inspect_network(write(tmp_path / name)).set_index("name")
    assert table.loc["waveform", "role"] == "input" and table.loc["waveform", "shape"] == "1 x 8000"
    assert table.loc[SCORES, "role"] == "output"
    assert table.loc[EMBEDDING, "role"] == "inside" and table.loc[EMBEDDING, "candidate"]
    assert not table.loc["waveform", "candidate"] and set(table["dtype"]) == {"float32"}
    assert "weights" not in table.index


def test_a_card_that_is_there_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_tflite(tmp_path / "tiny.tflite")
    before = card_path(path).read_bytes()
    with caplog.at_level(logging.INFO, "project_echo"):
        inspect_network(path)
    assert card_path(path).read_bytes() == before
    assert EMBEDDING in caplog.text and str(card_path(path)) in caplog.text


def test_a_card_that_does_not_fit_is_an_error_after_the_list(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_tflite(tmp_path / "tiny.tflite", card={"window_s": 2.0})
    with caplog.at_level(logging.INFO, "project_echo"), pytest.raises(EchoError, match="window_s"):
        inspect_network(path)
    assert EMBEDDING in caplog.text


def test_a_card_is_not_written_for_a_network_that_gives_nan(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "tiny.onnx", nan=True)
    card_path(path).unlink()
    with pytest.raises(EchoError, match="NaN"):
        inspect_network(path)
    assert not card_path(path).exists()


def test_the_card_has_the_same_bytes_on_every_run(tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        path = write_tflite(tmp_path / "tiny.tflite")
        card_path(path).unlink()
        inspect_network(path)
        texts.append(card_path(path).read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [TensorInfo(0, "a", (1, 8000), "float32", "input"), TensorInfo(2, "b", (1, 3), "float32", "input")],
        [TensorInfo(0, "mel", (1, 96, 64), "float32", "input")],
    ],
)
def test_networks_that_take_something_else_are_refused(tmp_path: Path, inputs: list[TensorInfo]) -> None:
    embedding = TensorInfo(1, "embedding", (1, 64), "float32", "output")
    with pytest.raises(EchoError, match=r"other\.tflite"):
        guess_card([*inputs, embedding], tmp_path / "other.tflite")


def test_probe_sounds_are_finite_and_at_their_peak() -> None:
    for rate in (4000, 48_000):
        sounds = list(probe_sounds(rate, rate + 1))
        assert len(sounds) > 8 and all(sound.shape == (rate + 1,) for sound in sounds)
        assert np.abs(sounds).max(axis=1) == pytest.approx(PEAK)
    assert all(image.shape == (32, 40, 3) and image.dtype == np.int8 for image in probe_images((32, 40, 3)))

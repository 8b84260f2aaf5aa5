"""Cards of custom networks."""

from pathlib import Path
from typing import Any

import pytest

from project_echo.core.errors import EchoError
from project_echo.custom_networks.card import card_path, read_network_card
from tests.project_echo.custom_networks.networks import EMBEDDING, HIGHEST, write_card


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return tmp_path / "tiny.tflite"


def test_a_card_is_read_from_beside_its_network(network: Path) -> None:
    card = read_network_card(write_card(network, 48_000, 3.0, 1, {"hop_s": 1, "source": "https://example.org"}))
    assert (card.window_samples, card.hop_samples) == (144_000, 48_000)
    assert card.embedding.tensor == EMBEDDING and card.embedding.time_axis is None
    assert card.input.scale == 1 and not card.equal_bytes


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"rate": 8000}, "rate"),
        ({"name": ""}, "name"),
        ({"licence": None}, "licence"),
        ({"sample_rate_hz": 0}, "sample_rate_hz"),
        ({"window_s": float("nan")}, "window_s"),
        ({"hop_s": 1.5}, "hop_s"),
        ({"equal_bytes": True}, "equal_bytes"),
        ({"input": {"tensor": "waveform", "kind": "spectrogram"}}, "input.kind"),
        ({"input": {"tensor": "waveform", "kind": "log_mel"}}, "hop_s"),
        ({"input": {"tensor": True, "kind": "waveform"}}, "input.tensor"),
        ({"embedding": {"tensor": -1, "highest": 1}}, "embedding.tensor"),
        ({"embedding": {"tensor": EMBEDDING}}, "embedding.highest"),
        ({"embedding": {"tensor": EMBEDDING, "highest": HIGHEST, "axis": 1}}, "embedding.axis"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_card_and_the_key(
    network: Path, changed: dict[str, Any], key: str
) -> None:
    write_card(network, 8000, 1.0, 1, changed)
    with pytest.raises(EchoError) as error:
        read_network_card(network)
    assert str(card_path(network)) in str(error.value) and key in str(error.value) and "\n" not in str(error.value)


def test_a_network_without_a_card_is_told_how_to_get_one(network: Path) -> None:
    with pytest.raises(EchoError, match="backbone inspect") as error:
        read_network_card(network)
    assert str(card_path(network)) in str(error.value)

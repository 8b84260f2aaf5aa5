"""Parameters for a custom network: valid, at its rate, with the same frames."""

from pathlib import Path

import pytest

from benchmarks.clones import with_changes
from project_echo.core import files
from project_echo.custom_networks.card import card_path, read_network_card
from project_echo.custom_networks.parameters import add_network, parameters_for
from project_echo.features.config import Features
from tests.project_echo.custom_networks.networks import write_tflite
from tests.stages.workspaces import ROOT


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000, 48_000])
def test_images_keep_their_frames_at_any_rate_and_nothing_changes_at_ours(tmp_path: Path, rate: int) -> None:
    network = write_tflite(tmp_path / "network.tflite", rate=rate)
    params = files.read_yaml(ROOT / "params.yaml")
    features = Features(**params["features"])
    changed = with_changes(params, parameters_for("networks/network.tflite", read_network_card(network), features))
    of_network = Features(**changed["features"])
    assert of_network.sample_rate == rate
    assert abs(of_network.n_frames - features.n_frames) <= 3
    assert of_network.hop_length / rate == pytest.approx(features.hop_length / features.sample_rate, rel=1e-3)
    assert of_network.win_length / rate == pytest.approx(features.win_length / features.sample_rate, rel=0.02)
    assert of_network.win_length == 2 * of_network.n_fft
    assert (of_network == features) == (rate == features.sample_rate)


def test_a_project_gets_the_network_and_its_card(tmp_path: Path) -> None:
    network = write_tflite(tmp_path / "a network.tflite", rate=16_000)
    features = Features(**files.read_yaml(ROOT / "params.yaml")["features"])

    changes = add_network(network, tmp_path / "project", features)

    copied = tmp_path / "project" / changes["backbone.model"]
    assert copied.read_bytes() == network.read_bytes()
    assert card_path(copied).read_bytes() == card_path(network).read_bytes()
    assert copied.parent.name == "networks"

"""Parameters for a network of one's own: valid, at its rate, with the same frames."""

from pathlib import Path

import pytest

from benchmarks.clones import with_changes
from benchmarks.own_network import changes_for
from project_echo.core import files
from project_echo.features.config import Features
from project_echo.models.network_card import read_network_card
from tests.project_echo.models.own_networks import write_tflite
from tests.stages.workspaces import ROOT


@pytest.mark.parametrize("rate", [16_000, 22_050, 32_000, 48_000])
def test_images_keep_their_frames_at_any_rate_and_nothing_changes_at_ours(tmp_path: Path, rate: int) -> None:
    network = write_tflite(tmp_path / "network.tflite", rate=rate)
    params = files.read_yaml(ROOT / "params.yaml")
    features = Features(**params["features"])
    changed = with_changes(params, changes_for(network, read_network_card(network), features))
    assert Path(changed["backbone"]["model"]) == network
    of_network = Features(**changed["features"])
    assert of_network.sample_rate == rate
    assert abs(of_network.n_frames - features.n_frames) <= 3
    assert of_network.hop_length / rate == pytest.approx(features.hop_length / features.sample_rate)
    assert (of_network == features) == (rate == features.sample_rate)

"""Screening with a custom network, by the workers of a Dask cluster as well."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import project_echo
from project_echo.custom_networks.card import read_network_card
from project_echo.custom_networks.network import save_network
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models.card import FILTERS, HEAD, Threshold, write_card
from project_echo.models.head import Linear, Logistic, write_head
from project_echo.models.pooling import Slices
from project_echo.searches.search import list_matches
from tests.project_echo.custom_networks.networks import WIDTH, write_tflite
from tests.sounds import FEATURES, write_wav


def save_classifier(folder: Path, network: Path) -> Path:
    """Save a classifier of the level in the first and in the last part of the network's window."""
    folder.mkdir()
    saved = save_network(network, folder, "backbone")
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    weights = np.zeros((WIDTH, 2))
    weights[0, 0] = weights[-1, 1] = 0.05
    write_head(Logistic(Linear(weights, np.array([-3.0, -3.0]))), folder / HEAD)
    thresholds = [Threshold(0.5, 0.5, 0.5)] * 2
    card = read_network_card(saved)
    write_card(folder, ["early", "late"], FEATURES, Slices(slices=3), {}, thresholds=thresholds, network=card)
    return folder


def test_a_cluster_finds_what_this_process_finds(tmp_path: Path, scheduler: str) -> None:
    rate = FEATURES.sample_rate
    network = write_tflite(tmp_path / "network.tflite", rate=rate, window_s=FEATURES.window_s / 2)
    model = save_classifier(tmp_path / "model", network)
    draw = np.random.default_rng(1)
    for name in ("a.wav", "b.wav"):
        write_wav(tmp_path / "night" / name, draw.uniform(-1, 1, 6 * rate) * draw.uniform(0, 0.9, 6 * rate) ** 2, rate)

    screen = partial(project_echo.screen, tmp_path / "night", model=model)
    here = screen(output=tmp_path / "here", jobs=1).windows
    there = screen(output=tmp_path / "there", scheduler=scheduler).windows

    pd.testing.assert_frame_equal(here, there)
    assert here[["early", "late"]].nunique().min() > 2


def test_a_search_finds_sounds_like_an_example(tmp_path: Path) -> None:
    rate = FEATURES.sample_rate
    network = write_tflite(tmp_path / "network.tflite", rate=rate, window_s=FEATURES.window_s / 2)
    model = save_classifier(tmp_path / "model", network)
    draw = np.random.default_rng(1)
    night, call = draw.normal(0, 0.01, 12 * rate), draw.uniform(-0.9, 0.9, rate)
    for second in (3, 8):
        night[second * rate : (second + 1) * rate] += call
    write_wav(tmp_path / "night" / "a.wav", night, rate)
    example = write_wav(tmp_path / "call.wav", call, rate)

    project_echo.screen(tmp_path / "night", model=model, output=tmp_path / "results", embeddings=True, jobs=1)
    matches = list_matches(tmp_path / "results", [example], model, 2, 1)

    assert sorted(zip(matches["start_s"], matches["end_s"], strict=True)) == [(3, 4), (8, 9)]

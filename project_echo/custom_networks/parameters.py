"""Give a project a custom network: the file and its card, and the parameters that fit it."""

import shutil
from pathlib import Path
from typing import Any

from scipy.fft import next_fast_len

from project_echo.core import files
from project_echo.custom_networks.card import NetworkCard, card_path, read_network_card
from project_echo.features.config import Features

NETWORKS = "networks"  # folder of a project on which the stage backbone depends, so that a changed file is noticed


def add_network(network: Path, project: Path, features: Features) -> dict[str, Any]:
    """Copy a network and its card into a project's folder of networks.

    Parameters
    ----------
    network : Path
        The .tflite or .onnx file, beside its card.
    project : Path
        The folder of params.yaml.
    features : Features
        Those of params.yaml.

    Returns
    -------
    dict
        Values of params.yaml by address, with which the project uses it.

    Raises
    ------
    EchoError
        If the card is missing or invalid.
    """
    card = read_network_card(network)
    copied = project / NETWORKS / network.name
    with files.atomic_path(copied) as temporary:
        shutil.copyfile(network, temporary)
    files.write_text(card_path(network).read_text(encoding="utf-8"), card_path(copied))
    return parameters_for(f"{NETWORKS}/{network.name}", card, features)


def parameters_for(model: str, card: NetworkCard, features: Features) -> dict[str, Any]:
    """Values of params.yaml by address with which a project uses a custom network.

    Images of a network that takes waveforms are only shown, so windows of about as many seconds will do.

    Parameters
    ----------
    model : str
        Path of the network from params.yaml.
    card : NetworkCard
    features : Features
        Those of params.yaml.

    Returns
    -------
    dict
    """
    rate = card.sample_rate_hz
    ratio = rate / features.sample_rate
    # A length at which the FFT is fast.
    n_fft: int = next_fast_len(round(features.n_fft * ratio), real=True)
    return {
        "backbone.model": model,
        "features.sample_rate": rate,
        "features.n_fft": n_fft,
        "features.win_length": n_fft * (features.win_length // features.n_fft),
        "features.hop_length": round(features.hop_length * ratio),
        "features.fmax": min(features.fmax, rate / 2),
    }

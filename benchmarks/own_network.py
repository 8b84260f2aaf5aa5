"""Parameters with which this project uses a network of one's own as its backbone, for accuracy.py and field.py."""

import math
from pathlib import Path
from typing import Any

from project_echo.features.config import Features
from project_echo.models.network_card import NetworkCard


def changes_for(network: Path, card: NetworkCard, features: Features) -> dict[str, Any]:
    """Values of params.yaml by address: the network, and its sample rate.

    Images, which are shown and not heard, keep their frames: lengths are as many seconds, to a power of two.

    Parameters
    ----------
    network : Path
    card : NetworkCard
    features : Features
        Those of params.yaml.

    Returns
    -------
    dict
    """
    rate = card.sample_rate_hz
    ratio = rate / features.sample_rate

    def scaled(length: int) -> int:
        return 2 ** round(math.log2(length * ratio))

    return {
        "backbone.model": str(network.resolve()),
        "features.sample_rate": rate,
        "features.n_fft": scaled(features.n_fft),
        "features.win_lengths": [scaled(length) for length in features.win_lengths],
        "features.hop_length": round(features.hop_length * ratio),
        "features.fmax": min(features.fmax, rate / 2),
    }


def system_name(card: NetworkCard) -> str:
    """What the row of a table is called."""
    return f"this project on {card.name}'s embeddings"

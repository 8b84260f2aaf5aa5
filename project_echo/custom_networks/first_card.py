"""A first card for a network: what its tensors let us guess, with comments on what to check."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.core.validation import validate
from project_echo.custom_networks.card import NetworkCard, card_path
from project_echo.custom_networks.network import CustomNetwork
from project_echo.custom_networks.probe_sounds import probe_images, probe_sounds
from project_echo.custom_networks.tensors import NUMBERS, TensorInfo

RATES_HZ = (48_000, 32_000, 22_050, 16_000, 24_000, 44_100)  # the likelier first
SECONDS = ((3, 5, 1, 2, 4, 10), (0.5, 1.5, 2.5))  # whole ones are tried at each rate first
FALLBACK_HZ, FALLBACK_S = 16_000, 1.0
LONG_S, HOP_S = 2, 1.0  # windows as long as this and longer are a second apart
SMALLEST = 16  # entries of an embedding
SHARE, FEW = 4, 8  # the last quarter of all tensors is near the end, or so few
CHANNELS = 3  # of a log-mel image


def candidates(tensors: Sequence[TensorInfo]) -> list[TensorInfo]:
    """Tensors that may be an embedding: of numbers, of one or two axes but for axes of length 1, near the end."""
    computed = [tensor for tensor in tensors if tensor.role in {"inside", "output"}]
    n_near_end = max(len(computed) // SHARE, FEW)
    near_end = computed[-n_near_end:]
    return [
        tensor
        for tensor in computed
        if (tensor in near_end or tensor.role == "output")
        and tensor.dtype in NUMBERS
        and 1 <= len(_long_axes(tensor)) <= 2
        and (tensor.shape[-1] or 0) >= SMALLEST
    ]


def guess_card(tensors: Sequence[TensorInfo], network: Path) -> NetworkCard:
    """The card that a network's tensors suggest, with a range of embeddings as `probe_sounds` give it.

    Parameters
    ----------
    tensors : sequence of TensorInfo
    network : Path
        The file.

    Returns
    -------
    NetworkCard

    Raises
    ------
    EchoError
        If it takes no sound, computes nothing that can be an embedding, or does not run.
    """
    inputs = [tensor for tensor in tensors if tensor.role == "input"]
    if len(inputs) != 1:
        raise EchoError(f"{network} has {len(inputs)} inputs. Use a network that takes sound only.")
    (source,) = inputs
    target = _guess_embedding(tensors, network)
    values: dict[str, Any] = {"name": network.stem, "licence": "unknown", **_guess_sound(source, network)}
    values["input"]["tensor"] = _key(source, tensors)
    axis = _guess_time_axis(source, target)
    values["embedding"] = {"tensor": _key(target, tensors), "time_axis": axis, "highest": 1.0}
    card = validate(NetworkCard, values, card_path(network))
    highest = _measure_highest(CustomNetwork(network, card=card))
    return card.model_copy(update={"embedding": card.embedding.model_copy(update={"highest": highest})})


def card_text(card: NetworkCard) -> str:
    """A card as YAML, with comments on what to check."""
    embedding = card.embedding
    axis = "null" if embedding.time_axis is None else embedding.time_axis
    lines = {
        f"name: {_text(card.name)}": "",
        f"licence: {_text(card.licence)}": "? its SPDX identifier, such as Apache-2.0 or CC-BY-NC-SA-4.0",
        "# source: https://...": "where people get the file; without the first # if you know",
        f"sample_rate_hz: {card.sample_rate_hz}": "? of the sound that it takes, Hz",
        f"window_s: {card.window_s!r}": f"? length of its input, s ({card.window_samples} samples)",
        f"hop_s: {card.hop_s!r}": "step between its windows inside one of ours, s; shorter is finer and slower",
        "input:": "",
        f"  tensor: {_text(card.input.tensor)}": "",
        f"  kind: {card.input.kind}": "waveform, or log_mel for the images of this project",
        f"  scale: {card.input.scale!r}": "? by which values from -1 to 1 are multiplied; 32768.0 for those of 16 bits",
        "embedding:": "",
        f"  tensor: {_text(embedding.tensor)}": "? the layer before the one that names species or sounds",
        f"  time_axis: {axis}": "? axis of the tensor that is time, from 0; null if it has none",
        f"  highest: {embedding.highest!r}": "magnitude that is stored as the highest, as synthetic sounds give it",
        "equal_bytes: false": "its embeddings are floats, whose last bits differ between processors",
    }
    title = f"# Card of {card.name}. Check the lines with a question mark against the documentation of the network."
    return "\n".join([title, *(f"{line:<40}  # {note}" if note else line for line, note in lines.items())]) + "\n"


def _guess_embedding(tensors: Sequence[TensorInfo], network: Path) -> TensorInfo:
    found = candidates(tensors)
    if not found:
        raise EchoError(f"{network} computes no tensor that can be an embedding (time x width, or width alone).")
    if named := [tensor for tensor in found if "embedding" in tensor.name.lower()]:
        return min(named, key=lambda tensor: (len(_long_axes(tensor)), len(tensor.name)))
    outputs = [tensor for tensor in found if tensor.role == "output"]
    widths = {tensor.shape[-1] for tensor in outputs}
    # Logits, before a softmax, are as wide as the output.
    inside = [tensor for tensor in found if tensor.role == "inside" and tensor.shape[-1] not in widths]
    for n_axes in (1, 2):
        if fitting := [tensor for tensor in inside if len(_long_axes(tensor)) == n_axes]:
            return fitting[-1]
    return (outputs or found)[1 if len(outputs) > 1 else 0]


def _guess_time_axis(source: TensorInfo, target: TensorInfo) -> int | None:
    axes = _long_axes(target)
    if len(axes) == 2:
        return axes[0]
    without_batch = len(source.shape) == 1 and len(target.shape) == 2 and target.shape[0] is None
    return 0 if without_batch else None


def _guess_sound(source: TensorInfo, network: Path) -> dict[str, Any]:
    """What the input tells of kind, sample rate, window and hop."""
    axes = _long_axes(source)
    if len(source.shape) == 4 and source.shape[-1] == CHANNELS:
        return {"sample_rate_hz": 22_050, "window_s": 5.0, "hop_s": 5.0, "input": {"kind": "log_mel"}}
    if len(axes) > 1:
        raise EchoError(
            f"{network} takes {source.shape}, neither a waveform nor an image (1, n_mels, frames, {CHANNELS}). Use a "
            "version of it that takes a waveform."
        )
    rate, window_s = _guess_rate(source.shape[axes[0]] if axes else None)
    hop_s = HOP_S if window_s >= LONG_S else window_s / 2
    return {"sample_rate_hz": rate, "window_s": window_s, "hop_s": hop_s, "input": {"kind": "waveform"}}


def _guess_rate(samples: int | None) -> tuple[int, float]:
    """Sample rate, Hz, and window, s, that this number of samples suggests."""
    if samples is None:
        return FALLBACK_HZ, FALLBACK_S
    for likely_s in SECONDS:
        for rate in RATES_HZ:
            for seconds in likely_s:
                if samples == rate * seconds:
                    return rate, float(seconds)
    return FALLBACK_HZ, samples / FALLBACK_HZ


def _measure_highest(network: CustomNetwork) -> float:
    """The highest magnitude of embeddings of synthetic sounds, to three digits."""
    card = network.card
    if card.input.kind == "log_mel":
        windows = probe_images(network.image_shape)
    else:
        windows = probe_sounds(card.sample_rate_hz, card.window_samples)
    highest = max(float(np.abs(network(window)).max()) for window in windows)
    if highest == 0:
        raise EchoError(f"{network.path}: tensor {card.embedding.tensor!r} is 0 whatever the sound.")
    digits = 2 - math.floor(math.log10(highest))
    return float(round(highest, digits))


def _key(tensor: TensorInfo, tensors: Sequence[TensorInfo]) -> str | int:
    """What a card calls a tensor: its name, or its index if others have the name too."""
    is_only = tensor.name and sum(other.name == tensor.name for other in tensors) == 1
    return tensor.name if is_only else tensor.index


def _long_axes(tensor: TensorInfo) -> list[int]:
    """Axes of other lengths than 1; that of the batch may be of any length."""
    return [axis for axis, length in enumerate(tensor.shape) if length != 1 and (length is not None or axis > 0)]


def _text(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)

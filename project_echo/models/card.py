"""The folder of a trained classifier, and its card: what it is, and what its files hashed to when it was saved.

models/classifier/backbone.tflite    from an image to the activations of the backbone's blocks; or a custom network,
                                     backbone.tflite or backbone.onnx, and its card, backbone.yaml
models/classifier/head.npz           from embeddings, pooled activations, to the labels
models/classifier/mel_filters.npz    from the spectrum to mel bands
models/classifier/classifier.json    labels, features, pooling, calibration and thresholds and what they rest on, how it
                                     was trained, versions, SHA-256 of the other files, and which thresholds come from
                                     reviewed events
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema, validate
from project_echo.custom_networks.card import NetworkCard
from project_echo.features.config import Features
from project_echo.models.calibration import Calibration, uncalibrated
from project_echo.models.pooling import Pooling, Slices

BACKBONE, HEAD, FILTERS, CARD = "backbone.tflite", "head.npz", "mel_filters.npz", "classifier.json"
ONNX_BACKBONE, NETWORK_CARD = "backbone.onnx", "backbone.yaml"  # of a custom network
WEIGHTS = "backbone.weights.h5"  # Keras weights of a backbone that was trained, which only the export stage reads
PACKAGES = ("ai-edge-litert", "librosa", "numpy", "scipy")
DECIMALS = 6  # of calibration and thresholds


class Threshold(NamedTuple):
    """Threshold of the probability of a label, with its 95% confidence interval."""

    value: float
    low: float
    high: float


class CalibrationSources(Schema):
    """How much calibration and thresholds rest on."""

    sources: int  # of validation clips
    false_positive_rate: float  # for which the thresholds were chosen that `reviewed` does not name
    note: str  # a warning if the sources are too few, else empty


class CustomBackbone(Schema):
    """A custom network, by its card."""

    name: str
    licence: str


class Reviewed(Schema):
    """What a threshold that was chosen on reviewed events rests on."""

    precision: float  # that the events at or above it had to reach
    events: int  # reviewed events that it was chosen on
    recordings: int  # that these are from


class Card(Schema):
    """What classifier.json holds."""

    labels: tuple[str, ...]
    features: Features
    pooling: Pooling | Slices
    slope: tuple[float, ...]  # of each animal's log-odds
    intercept: tuple[float, ...]
    thresholds: tuple[Threshold, ...] | None
    calibration: CalibrationSources | None
    trained: dict[str, Any]
    versions: dict[str, str]
    sha256: dict[str, str]
    reviewed: dict[str, Reviewed] = Field(default_factory=dict)  # by label; in the file only if there are some
    backbone: CustomBackbone | None = None  # in the file only if it is a custom network


def write_card(
    folder: Path,
    labels: Sequence[str],
    features: Features,
    pooling: Pooling | Slices,
    trained: dict[str, Any],
    calibration: Calibration | None = None,
    thresholds: Sequence[Threshold] | None = None,
    calibrated_on: CalibrationSources | None = None,
    reviewed: Mapping[str, Reviewed] | None = None,
    network: NetworkCard | None = None,
) -> None:
    """Write classifier.json beside the other files of a classifier.

    Parameters
    ----------
    folder : Path
        Which holds the other files.
    labels : sequence of str
        The animals, in the order of the probabilities.
    features : Features
    pooling : Pooling or Slices
    trained : dict
        How it was trained: trainable, head.
    calibration : Calibration, optional
        Rounded, as its last digits depend on the processor.
    thresholds : sequence of Threshold, optional
        By which predictions are decided (`rejection.decide`).
    calibrated_on : CalibrationSources, optional
        The sources that these rest on.
    reviewed : mapping of str to Reviewed, optional
        By label, the events that its threshold was chosen on instead.
    network : NetworkCard, optional
        Of a custom network, where the backbone is one.
    """
    calibration = calibration or uncalibrated(len(labels))
    packages = (*PACKAGES, "onnxruntime") if (folder / ONNX_BACKBONE).is_file() else PACKAGES
    card = Card(
        labels=tuple(labels),
        features=features,
        pooling=pooling,
        slope=tuple(round(value, DECIMALS) for value in calibration.slope),
        intercept=tuple(round(value, DECIMALS) for value in calibration.intercept),
        thresholds=None if thresholds is None else tuple(thresholds),
        calibration=calibrated_on,
        trained=trained,
        versions={package: version(package) for package in sorted(packages)},
        sha256={path.name: files.sha256(path) for path in sorted(folder.iterdir()) if path.name != CARD},
        reviewed=dict(reviewed or {}),
        backbone=CustomBackbone(name=network.name, licence=network.licence) if network else None,
    )
    save_card(card, folder)


def save_card(card: Card, folder: Path) -> None:
    """Write a card as classifier.json of a folder."""
    empty = {name for name in ("reviewed", "backbone") if not getattr(card, name)}
    files.write_json(card.model_dump(exclude=empty), folder / CARD)


def backbone_files(card: Card) -> tuple[str, ...]:
    """Names of the files of a classifier's backbone."""
    if card.backbone is None:
        return (BACKBONE,)
    return (ONNX_BACKBONE if ONNX_BACKBONE in card.sha256 else BACKBONE, NETWORK_CARD)


def probabilities_digest(card: Card) -> str:
    """SHA-256 of what the probabilities of a classifier follow from: all but thresholds, versions and notes."""
    files_of = {name: digest for name, digest in card.sha256.items() if name in (BACKBONE, HEAD, FILTERS)}
    values = card.model_dump(mode="json", include={"labels", "features", "pooling", "slope", "intercept"})
    text = json.dumps({**values, "files": files_of}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def card_digest(folder: Path) -> str:
    """SHA-256 of classifier.json, which identifies a classifier. Raises EchoError if the folder has none."""
    if not (folder / CARD).is_file():
        raise EchoError(
            f"{folder} contains no classifier ({CARD}). Train one (project-echo train, or dvc repro), or choose "
            "another folder."
        )
    return files.sha256(folder / CARD)


def read_card(folder: Path) -> Card:
    """Read classifier.json. Raises EchoError if it is missing, or was saved by another version of this project."""
    values = files.read_json(folder / CARD)
    try:
        return validate(Card, values, folder / CARD)
    except EchoError as error:
        raise EchoError(
            f"{folder}: {CARD} was saved by another version of this project. Train again: project-echo train, or dvc "
            "repro train."
        ) from error

"""The folder of a trained classifier, and its card: what it is, and what its files hashed to when it was saved.

models/classifier/model.keras       spectrogram to probabilities, for Keras
models/classifier/model.tflite      the same for LiteRT
models/classifier/classifier.json   labels, features, temperature and threshold and what they rest on, how it was
                                    trained, versions, SHA-256 of the two
"""

from pathlib import Path
from typing import Any

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema, validate
from project_echo.features.config import Features

KERAS, LITERT, CARD = "model.keras", "model.tflite", "classifier.json"


class CalibrationSources(Schema):
    """How much temperature and threshold rest on."""

    sources: int  # of validation clips, for the temperature
    background_sources: int | None  # of validation clips of background, for the threshold
    note: str  # a warning if these are too few or the threshold is at a bound, else empty


class Card(Schema):
    """What classifier.json holds."""

    labels: tuple[str, ...]
    features: Features
    temperature: float
    threshold: float | None
    calibration: CalibrationSources | None = None  # None in a classifier of an earlier version
    trained: dict[str, Any]
    versions: dict[str, str]
    sha256: dict[str, str]


def card_digest(folder: Path) -> str:
    """SHA-256 of classifier.json, which identifies a classifier. Raises EchoError if the folder has none."""
    if not (folder / CARD).is_file():
        raise EchoError(f"{folder} contains no classifier ({CARD}). Train one (dvc repro), or choose another folder.")
    return files.sha256(folder / CARD)


def read_card(folder: Path) -> Card:
    """Read classifier.json. Raises EchoError if it is missing, or was saved by another version of this project."""
    values = files.read_json(folder / CARD)
    try:
        return validate(Card, values, folder / CARD)
    except EchoError as error:
        raise EchoError(
            f"{folder}: {CARD} was saved by another version of this project. Train again: dvc repro train."
        ) from error

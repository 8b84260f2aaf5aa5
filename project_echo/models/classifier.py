"""The trained classifier as a folder: what it carries, and its LiteRT twin, which needs no TensorFlow.

models/classifier/model.keras       spectrogram to probabilities, for Keras
models/classifier/model.tflite      the same for LiteRT
models/classifier/classifier.json   labels, features, temperature and threshold, what it was trained on, versions,
                                    SHA-256 of the two
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.validation import Schema, validate
from project_echo.features.config import Features
from project_echo.models import calibration, litert, rejection
from project_echo.models.litert import Network

KERAS, LITERT, CARD = "model.keras", "model.tflite", "classifier.json"


class Card(Schema):
    """What classifier.json holds."""

    labels: tuple[str, ...]
    features: Features
    temperature: float
    threshold: float | None
    trained: dict[str, Any]
    versions: dict[str, str]
    sha256: dict[str, str]


@dataclass(frozen=True)
class Classifier:
    """Labels, features, calibration and the network: all that prediction needs."""

    labels: tuple[str, ...]  # the animals by name, and last, if it knows background, none
    features: Features
    temperature: float
    threshold: float | None  # animal probability from which on an animal is named; None names one always
    network: Network

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, shape (clips, labels), float32, of images of shape (clips, n_mels, frames, 3)."""
        probabilities = np.empty((len(images), len(self.labels)), dtype=np.float32)
        for row, image in enumerate(images):  # one by one: as fast as in batches, and the same whatever the batch
            probabilities[row] = self.network(image[np.newaxis].astype(np.float32))[0]
        return calibration.apply_temperature(probabilities, self.temperature)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """The answer for each clip, shape (clips,), of probabilities (clips, labels): an animal's label, or none."""
        return rejection.decide(probabilities, self.labels, self.threshold)


def load(folder: Path) -> Classifier:
    """Read a classifier. Raises EchoError if the folder holds none, or a file is not the one that was saved."""
    card = validate(Card, files.read_json(folder / CARD), folder / CARD)
    for name in (KERAS, LITERT):
        if not (folder / name).is_file() or sha256(folder / name) != card.sha256.get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train anew: dvc repro train."
            )
    network = litert.load(folder / LITERT)
    return Classifier(card.labels, card.features, card.temperature, card.threshold, network)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

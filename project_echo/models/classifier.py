"""The trained classifier as a folder, and prediction with its LiteRT model, which needs no TensorFlow.

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

    labels: tuple[str, ...]  # the animals by name, then `none` if it was trained with background
    features: Features
    temperature: float
    threshold: float | None  # of the probability of any animal, below which the label is `none`; None rejects nothing
    network: Network

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of clips or windows.

        Parameters
        ----------
        images : np.ndarray of shape (clips, n_mels, frames, 3)
            In dB, as `features.melspectrogram` makes them.

        Returns
        -------
        np.ndarray of shape (clips, labels), float32
        """
        probabilities = np.empty((len(images), len(self.labels)), dtype=np.float32)
        for row, image in enumerate(images):  # one by one is as fast as in batches, and independent of the batch
            probabilities[row] = self.network(image[np.newaxis].astype(np.float32))[0]
        return calibration.apply_temperature(probabilities, self.temperature)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """The label of each clip, shape (clips,), of probabilities of shape (clips, labels)."""
        return rejection.decide(probabilities, self.labels, self.threshold)


def load(folder: Path) -> Classifier:
    """Load a classifier from its folder.

    Parameters
    ----------
    folder : Path
        What the train stage writes.

    Returns
    -------
    Classifier

    Raises
    ------
    EchoError
        If the folder holds no classifier, or one of an earlier version, or a file was changed after it was saved.
    """
    card = read_card(folder)
    for name in (KERAS, LITERT):
        if not (folder / name).is_file() or sha256(folder / name) != card.sha256.get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train again: dvc repro train."
            )
    network = litert.load(folder / LITERT)
    return Classifier(card.labels, card.features, card.temperature, card.threshold, network)


def read_card(folder: Path) -> Card:
    """Read classifier.json. Raises EchoError if it is missing, or was saved by another version of this project."""
    values = files.read_json(folder / CARD)
    try:
        return validate(Card, values, folder / CARD)
    except EchoError as error:
        raise EchoError(
            f"{folder}: {CARD} was saved by another version of this project. Train again: dvc repro train."
        ) from error


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

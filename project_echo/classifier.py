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
from ai_edge_litert.interpreter import Interpreter

from project_echo import calibration, files, rejection
from project_echo.errors import EchoError
from project_echo.features import Features
from project_echo.quiet import muted

KERAS, LITERT, CARD = "model.keras", "model.tflite", "classifier.json"


@dataclass(frozen=True)
class Classifier:
    """Labels, features, calibration and an interpreter: all that prediction needs."""

    labels: tuple[str, ...]  # the animals by name, and last, if it knows background, none
    features: Features
    temperature: float
    threshold: float | None  # animal probability from which on an animal is named; None names one always
    interpreter: Interpreter

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, shape (clips, labels), float32, of images of shape (clips, n_mels, frames, 3)."""
        source = self.interpreter.get_input_details()[0]["index"]
        answer = self.interpreter.get_output_details()[0]["index"]
        probabilities = np.empty((len(images), len(self.labels)), dtype=np.float32)
        for row, image in enumerate(images):  # one by one: as fast as in batches, and the same whatever the batch
            self.interpreter.set_tensor(source, image[np.newaxis].astype(np.float32))
            self.interpreter.invoke()
            probabilities[row] = self.interpreter.get_tensor(answer)[0]
        return calibration.scale(probabilities, self.temperature)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """The answer for each clip, shape (clips,), of probabilities (clips, labels): an animal's label, or none."""
        return rejection.decide(probabilities, self.labels, self.threshold)


def load(folder: Path) -> Classifier:
    """Read a classifier. Raises EchoError if the folder holds none, or a file is not the one that was saved."""
    card: dict[str, Any] = files.read_json(folder / CARD)
    for name in (KERAS, LITERT):
        if not (folder / name).is_file() or sha256(folder / name) != card["sha256"].get(name):
            raise EchoError(
                f"{folder / name} is missing or was changed after it was saved. Train anew: dvc repro train."
            )
    with muted():  # LiteRT announces its delegate
        interpreter = Interpreter(str(folder / LITERT), num_threads=1)
        interpreter.allocate_tensors()
    return Classifier(
        tuple(card["labels"]), Features(**card["features"]), card["temperature"], card["threshold"], interpreter
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

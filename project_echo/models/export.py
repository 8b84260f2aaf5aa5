"""A trained model to disk: Keras, LiteRT and the card that goes with them, byte for byte the same on every run."""

import json
import re
import zipfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.quiet import silenced_stderr
from project_echo.features.config import Features
from project_echo.models import calibration, classifier
from project_echo.models.backend import keras, tf

from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # isort: skip

TOLERANCE = 1e-3  # largest difference in a probability between the twins
PACKAGES = ("keras", "tensorflow", "ai-edge-litert", "librosa", "numpy", "scikit-learn")


def save(
    model: keras.Model,
    labels: list[str],
    features: Features,
    trained: dict[str, Any],
    folder: Path,
    temperature: float = 1.0,
    threshold: float | None = None,
) -> None:
    """Write `model`, from spectrogram to probabilities, as models/classifier; `trained` says on what and how.

    `temperature` and `threshold` are for those who predict with it: what they show to people is scaled and decided by
    them (calibration.apply_temperature, rejection.decide).
    """
    model.save(folder / classifier.KERAS)
    _same_every_time(folder / classifier.KERAS)
    (folder / classifier.LITERT).write_bytes(_litert(model))
    card = {
        "labels": labels,
        "features": features.model_dump(),
        "temperature": temperature,
        "threshold": threshold,
        "trained": trained,
        "versions": {package: version(package) for package in PACKAGES},
        "sha256": {name: classifier.sha256(folder / name) for name in (classifier.KERAS, classifier.LITERT)},
    }
    files.write_json(card, folder / classifier.CARD)


def compare_twins(folder: Path, batches: Iterable[np.ndarray]) -> float:
    """Largest difference between the probabilities of the two models on batches of images of real clips.

    Raises EchoError if it is more than TOLERANCE: what is screened with would not be what was trained.
    """
    model = keras.models.load_model(folder / classifier.KERAS)
    twin = classifier.load(folder)
    differences = []
    for images in batches:
        expected = np.concatenate([model(image[np.newaxis], training=False).numpy() for image in images])
        differences.append(np.abs(twin.predict(images) - calibration.apply_temperature(expected, twin.temperature)).max())
    difference = float(np.max(differences))
    if not difference < TOLERANCE:  # nor if it is not a number
        raise EchoError(
            f"{folder / classifier.LITERT} differs from {classifier.KERAS} by up to {difference:.2g} in a probability "
            f"(limit {TOLERANCE:g}). Report it with the versions in {classifier.CARD}."
        )
    return difference


def _litert(model: keras.Model) -> bytes:
    """The model in LiteRT's format, in float32.

    Through a graph frozen here: TFLiteConverter.from_keras_model gives the same by way of a SavedModel on disk, in four
    times the time.
    """
    function = tf.function(lambda images: model(images, training=False))
    graph = function.get_concrete_function(tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, "spectrogram"))
    with silenced_stderr():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(graph)])
        converted: bytes = converter.convert()
    return converted


def _same_every_time(archive: Path) -> None:
    """Rewrite a .keras archive without what changes between runs: dates, and memory addresses as names of objects."""
    with zipfile.ZipFile(archive) as old:
        members = {name: old.read(name) for name in sorted(old.namelist())}
    metadata = json.loads(members["metadata.json"])
    members["metadata.json"] = json.dumps({**metadata, "date_saved": ""}).encode()
    numbers: dict[bytes, int] = {}
    members["config.json"] = re.sub(
        rb'(?<="shared_object_id": )\d+',
        lambda address: b"%d" % numbers.setdefault(address[0], len(numbers)),
        members["config.json"],
    )
    with files.atomic_path(archive) as beside, zipfile.ZipFile(beside, "w") as new:
        for name, data in members.items():
            new.writestr(zipfile.ZipInfo(name), data)  # dated 1980, as a ZipInfo is without a date

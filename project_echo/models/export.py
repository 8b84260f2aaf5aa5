"""Saving a trained model: Keras, LiteRT and classifier.json, with the same bytes on every run."""

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
from project_echo.models import calibration
from project_echo.models.backend import keras, tf
from project_echo.models.card import CARD, KERAS, LITERT, CalibrationSources, read_card
from project_echo.models.litert import Network

from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # isort: skip

TOLERANCE = 1e-3  # largest difference in a probability between the Keras and the LiteRT model
PACKAGES = ("keras", "tensorflow", "ai-edge-litert", "librosa", "numpy", "scikit-learn")


def save(
    model: keras.Model,
    labels: list[str],
    features: Features,
    trained: dict[str, Any],
    folder: Path,
    temperature: float = 1.0,
    threshold: float | None = None,
    calibrated_on: CalibrationSources | None = None,
) -> None:
    """Save a model as models/classifier.

    Parameters
    ----------
    model : keras.Model
        From spectrogram to probabilities.
    labels : list of str
        In the order of the probabilities.
    features : Features
    trained : dict
        How it was trained: trainable, head, and the pooling.
    folder : Path
        An existing folder to write into.
    temperature, threshold : float
        By which predictions are scaled and decided (`calibration.apply_temperature`, `rejection.decide`).
    calibrated_on : CalibrationSources, optional
        The sources that these two rest on.
    """
    model.save(folder / KERAS)
    _make_reproducible(folder / KERAS)
    (folder / LITERT).write_bytes(_litert(model))
    card = {
        "labels": labels,
        "features": features.model_dump(),
        "temperature": temperature,
        "threshold": threshold,
        "calibration": None if calibrated_on is None else calibrated_on.model_dump(),
        "trained": trained,
        "versions": {package: version(package) for package in PACKAGES},
        "sha256": {name: files.sha256(folder / name) for name in (KERAS, LITERT)},
    }
    files.write_json(card, folder / CARD)


def compare_litert(folder: Path, batches: Iterable[np.ndarray]) -> float:
    """Compare the LiteRT model with the Keras model.

    Parameters
    ----------
    folder : Path
        What `save` wrote.
    batches : iterable of np.ndarray, shape (clips, n_mels, frames, 3)
        Images of real clips.

    Returns
    -------
    float
        The largest difference between their probabilities.

    Raises
    ------
    EchoError
        If it is not below TOLERANCE: what is screened with would not be what was trained.
    """
    model = keras.models.load_model(folder / KERAS)
    network, temperature = Network(folder / LITERT), read_card(folder).temperature
    differences = []
    for images in batches:
        for image in images[:, np.newaxis]:
            expected, converted = model(image, training=False).numpy(), network(image.astype(np.float32))
            scaled = [calibration.apply_temperature(values, temperature) for values in (expected, converted)]
            differences.append(np.abs(scaled[0] - scaled[1]).max())
    difference = float(np.max(differences))
    if not difference < TOLERANCE:  # nor if it is not a number
        raise EchoError(
            f"{folder / LITERT} differs from {KERAS} by up to {difference:.2g} in a probability "
            f"(limit {TOLERANCE:g}). Report it with the versions in {CARD}."
        )
    return difference


def _litert(model: keras.Model) -> bytes:
    """Convert a model to LiteRT's format, in float32.

    The graph is frozen here: TFLiteConverter.from_keras_model gives the same by way of a SavedModel on disk, in four
    times the time.
    """
    function = tf.function(lambda images: model(images, training=False))
    graph = function.get_concrete_function(tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, "spectrogram"))
    with silenced_stderr():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(graph)])
        converted: bytes = converter.convert()
    return converted


def _make_reproducible(archive: Path) -> None:
    """Rewrite a .keras archive without what changes between runs: dates, and memory addresses used as object ids."""
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
    with files.atomic_path(archive) as temporary, zipfile.ZipFile(temporary, "w") as new:
        for name, data in members.items():
            new.writestr(zipfile.ZipInfo(name), data)  # ZipInfo's default date is 1980

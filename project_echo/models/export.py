"""The Keras model of the whole, for those who want one, and how much it differs from the classifier in integers."""

import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from project_echo.core import files
from project_echo.models import networks
from project_echo.models.backend import keras
from project_echo.models.card import WEIGHTS
from project_echo.models.classifier import Classifier
from project_echo.models.embedder import PooledEmbedder
from project_echo.models.training import log_odds

KERAS = "model.keras"


@dataclass(frozen=True)
class Difference:
    """How much the probabilities of the Keras model differ from those of the classifier, over clips."""

    clips: int
    largest: float  # difference in a probability
    median: float  # over clips, of the largest difference of each
    same_label: float  # share of clips with the same most probable animal


def keras_model(classifier: Classifier, weights: Path) -> keras.Model:
    """A classifier as one Keras model, from images, as the spectrograms stage stores them, to probabilities.

    Parameters
    ----------
    classifier : Classifier
    weights : Path
        Keras weights of the frozen backbone. A classifier whose backbone was trained has its own.

    Returns
    -------
    keras.Model
        Its probabilities are of the animals, and not calibrated.

    Raises
    ------
    ValueError
        If its backbone is a custom network.
    """
    if not isinstance(classifier.embedder, PooledEmbedder):
        raise ValueError("a custom network is not of Keras")
    own, pooling = classifier.folder / WEIGHTS, classifier.embedder.pooling
    backbone = networks.backbone(classifier.features.image_shape, pooling, None if own.is_file() else weights)
    if own.is_file():
        backbone.load_weights(own)
    return networks.join(backbone, networks.as_network(classifier.head, *backbone.output_shape[1:]))


def save(model: keras.Model, path: Path) -> None:
    """Save a model as a .keras file, with the same bytes on every run."""
    model.save(path)
    _make_reproducible(path)


def compare(model: keras.Model, classifier: Classifier, batches: Iterable[np.ndarray]) -> Difference:
    """Compare the Keras model with the classifier.

    Parameters
    ----------
    model : keras.Model
    classifier : Classifier
    batches : iterable of np.ndarray, shape (clips, n_mels, frames, 3), int8
        Images of real clips.

    Returns
    -------
    Difference
    """
    n_animals = len(classifier.calibration.slope)
    pairs = [
        (
            classifier.calibration.probabilities(log_odds(model, images)[:, :n_animals]),
            classifier.predict_images(images)[:, :n_animals],
        )
        for images in batches
    ]
    of_model, of_classifier = (np.concatenate(probabilities) for probabilities in zip(*pairs, strict=True))
    differences = np.abs(of_model - of_classifier).max(axis=1)
    same = of_model.argmax(axis=1) == of_classifier.argmax(axis=1)
    return Difference(len(differences), float(differences.max()), float(np.median(differences)), float(same.mean()))


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

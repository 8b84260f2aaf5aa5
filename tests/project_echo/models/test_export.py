"""Two twins and a card, the same bytes on every run."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.models import classifier, export, networks
from project_echo.models.backend import keras, repeatable
from project_echo.models.logistic import Linear, Logistic
from tests.sounds import FEATURES

IMAGES = np.random.default_rng(1).uniform(-80, 0, (4, *FEATURES.image_shape)).astype(np.float16)
FILES = (classifier.KERAS, classifier.LITERT, classifier.CARD)


def network(seed: int) -> keras.Model:
    """A small network from spectrogram to three probabilities; layers have the same names every time."""
    keras.utils.clear_session()
    repeatable(seed)
    backbone = networks.backbone(FEATURES.image_shape, FEATURES.top_db, [1, 3], [2, 1], True, None)
    return networks.join(backbone, networks.head(backbone.output_shape[1], 3, units=4, dropout=0.5))


def saved(model: keras.Model, folder: Path, temperature: float = 1.0, threshold: float | None = None) -> Path:
    folder.mkdir()
    export.save(model, ["a", "b", "none"], FEATURES, {"head": "dense"}, folder, temperature, threshold)
    return folder


def test_the_same_training_saves_the_same_bytes_whenever_and_wherever_it_runs(tmp_path: Path) -> None:
    first, second = network(seed=1), network(seed=1)  # both alive, so at different addresses
    first.save(tmp_path / "first.keras")
    saved(first, tmp_path / "first")
    time.sleep(2.1)  # dates in a ZIP archive count in steps of two seconds
    second.save(tmp_path / "second.keras")
    saved(second, tmp_path / "second")
    # The reason for the care: Keras' own archives do differ.
    assert (tmp_path / "first.keras").read_bytes() != (tmp_path / "second.keras").read_bytes()
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_keras_model_comes_back_as_it_was(tmp_path: Path) -> None:
    model = network(seed=1)
    loaded = keras.models.load_model(saved(model, tmp_path / "model") / classifier.KERAS)
    np.testing.assert_array_equal(loaded.predict(IMAGES), model.predict(IMAGES))


def test_twins_agree(tmp_path: Path) -> None:
    folder = saved(network(seed=1), tmp_path / "model")
    assert export.compare_twins(folder, [IMAGES]) < 1e-3
    model = keras.models.load_model(folder / classifier.KERAS)
    np.testing.assert_allclose(classifier.load(folder).predict(IMAGES), model.predict(IMAGES), atol=1e-3)


def test_a_logistic_head_is_saved_and_comes_back_in_both_twins(tmp_path: Path) -> None:
    backbone = networks.backbone(FEATURES.image_shape, FEATURES.top_db, [1, 3], [2, 1], True, None)
    width, draw = backbone.output_shape[1], np.random.default_rng(2)
    head = Logistic(*(Linear(draw.normal(size=(width, n)), draw.normal(size=n)) for n in (2, 3)))
    folder = saved(networks.join(backbone, networks.as_network(head, width)), tmp_path / "model")
    expected = np.exp(head.log_probabilities(backbone.predict(IMAGES)))
    assert np.ptp(expected, axis=0).min() > 1e-3  # the images are told apart
    model = keras.models.load_model(folder / classifier.KERAS)
    np.testing.assert_allclose(model.predict(IMAGES), expected, atol=1e-5)
    np.testing.assert_allclose(classifier.load(folder).predict(IMAGES), expected, atol=1e-4)
    assert export.compare_twins(folder, [IMAGES]) < 1e-4


def test_twins_are_compared_at_the_temperature_that_is_predicted_with(tmp_path: Path) -> None:
    folder = saved(network(seed=1), tmp_path / "model", temperature=0.1)
    assert export.compare_twins(folder, [IMAGES]) < 1e-3


def replace_twin(folder: Path, other: Path) -> None:
    """Put another model's LiteRT file in, with its digest on the card."""
    shutil.copy(other / classifier.LITERT, folder / classifier.LITERT)
    card = json.loads((folder / classifier.CARD).read_text())
    card["sha256"][classifier.LITERT] = classifier.sha256(folder / classifier.LITERT)
    (folder / classifier.CARD).write_text(json.dumps(card))


def test_twin_of_another_model_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    folder = saved(network(seed=1), tmp_path / "model")
    other = network(seed=2)
    other.layers[-1].set_weights([100 * weight for weight in other.layers[-1].get_weights()])
    replace_twin(folder, saved(other, tmp_path / "other"))
    with pytest.raises(EchoError, match=r"model\.tflite differs from model\.keras by up to"):
        export.compare_twins(folder, [IMAGES])


def test_twin_whose_probabilities_are_not_numbers_is_an_error(tmp_path: Path) -> None:
    folder = saved(network(seed=1), tmp_path / "model")
    other = network(seed=1)
    other.layers[-1].set_weights([np.nan * weight for weight in other.layers[-1].get_weights()])
    replace_twin(folder, saved(other, tmp_path / "other"))
    with pytest.raises(EchoError, match=r"model\.tflite differs"):
        export.compare_twins(folder, [IMAGES])


def test_card_says_labels_features_and_versions_but_no_date_or_place(tmp_path: Path) -> None:
    card = json.loads((saved(network(seed=1), tmp_path / "model") / classifier.CARD).read_text())
    assert card["labels"] == ["a", "b", "none"]
    assert (card["temperature"], card["threshold"]) == (1.0, None)
    assert Features(**card["features"]) == FEATURES
    assert card["trained"] == {"head": "dense"}
    assert set(card["versions"]) == set(export.PACKAGES)
    assert str(tmp_path) not in json.dumps(card)

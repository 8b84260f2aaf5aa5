"""A saved model: Keras, LiteRT and classifier.json agree, and are the same bytes on every run."""

import datetime
import json
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features.config import Features
from project_echo.models import classifier, export, networks
from project_echo.models.backend import keras, repeatable
from project_echo.models.card import CARD, KERAS, LITERT
from project_echo.models.logistic import Linear, Logistic
from project_echo.models.pooling import Pooling
from tests.sounds import FEATURES

IMAGES = np.random.default_rng(1).uniform(-80, 0, (4, *FEATURES.image_shape)).astype(np.float16)
FILES = (KERAS, LITERT, CARD)
POOLING = Pooling(blocks=(1, 3), bands=(2, 1), std=True, sqrt=False)


def network() -> keras.Model:
    """A small network from spectrogram to three probabilities; its layers always have the same names."""
    keras.utils.clear_session()
    repeatable(1)
    backbone = networks.backbone(FEATURES.image_shape, FEATURES.top_db, POOLING)
    return networks.join(backbone, networks.head(backbone.output_shape[1], 3, units=4, dropout=0.5))


def save(model: keras.Model, folder: Path) -> Path:
    folder.mkdir()
    export.save(model, ["a", "b", "none"], FEATURES, {"head": "dense"}, folder)
    return folder


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network()


@pytest.fixture(scope="module")
def saved(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(model, tmp_path_factory.mktemp("export") / "model")


@pytest.fixture
def saved_copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def edit_card(folder: Path, **values: object) -> None:
    files.write_json(files.read_json(folder / CARD) | values, folder / CARD)


def test_the_same_model_is_saved_as_the_same_bytes_at_another_time_and_address(
    model: keras.Model, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "first.keras")
    later = time.time() + 3 * 86_400
    monkeypatch.setattr(zipfile, "time", SimpleNamespace(time=lambda: later, localtime=time.localtime))
    second = network()  # the first is still alive, so this one is at another address
    second.save(tmp_path / "second.keras")
    save(second, tmp_path / "second")
    # What this guards against: Keras' own archives do differ.
    assert (tmp_path / "first.keras").read_bytes() != (tmp_path / "second.keras").read_bytes()
    for name in FILES:
        assert (saved / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_the_keras_model_is_loaded_as_it_was_saved(model: keras.Model, saved: Path) -> None:
    loaded = keras.models.load_model(saved / KERAS)
    np.testing.assert_array_equal(loaded(IMAGES), model(IMAGES))


def test_the_litert_model_gives_the_probabilities_of_the_keras_model(model: keras.Model, saved: Path) -> None:
    assert export.compare_litert(saved, [IMAGES[:1], IMAGES[1:]]) < export.TOLERANCE
    np.testing.assert_allclose(classifier.load_classifier(saved).predict_images(IMAGES), model(IMAGES), atol=1e-3)


def test_a_logistic_head_is_saved_in_both_formats(tmp_path: Path) -> None:
    backbone = networks.backbone(FEATURES.image_shape, FEATURES.top_db, POOLING)
    width, draw = backbone.output_shape[1], np.random.default_rng(2)
    head = Logistic(*(Linear(draw.normal(size=(width, n)), draw.normal(size=n)) for n in (2, 3)))
    folder = save(networks.join(backbone, networks.as_network(head, width)), tmp_path / "model")
    expected = np.exp(head.log_probabilities(backbone(IMAGES).numpy()))
    assert np.ptp(expected, axis=0).min() > 1e-3  # the images differ
    loaded = keras.models.load_model(folder / KERAS)
    np.testing.assert_allclose(loaded(IMAGES), expected, atol=1e-5)
    np.testing.assert_allclose(classifier.load_classifier(folder).predict_images(IMAGES), expected, atol=1e-4)
    assert export.compare_litert(folder, [IMAGES]) < 1e-4


def test_the_models_are_compared_at_the_temperature_of_the_card(saved_copy: Path) -> None:
    edit_card(saved_copy, temperature=0.2)  # differences between logits grow fivefold
    assert export.compare_litert(saved_copy, [IMAGES]) < export.TOLERANCE


@pytest.mark.parametrize("change", [lambda weight: 100 * weight, lambda weight: np.nan * weight], ids=["other", "NaN"])
def test_a_litert_model_with_other_probabilities_is_an_error_that_names_both_files(
    saved_copy: Path, tmp_path: Path, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    other = network()
    other.layers[-1].set_weights([change(weight) for weight in other.layers[-1].get_weights()])
    shutil.copy(save(other, tmp_path / "other") / LITERT, saved_copy)
    digests = {name: files.sha256(saved_copy / name) for name in (KERAS, LITERT)}
    edit_card(saved_copy, sha256=digests)
    with pytest.raises(EchoError) as error:
        export.compare_litert(saved_copy, [IMAGES])
    assert str(saved_copy / LITERT) in str(error.value)
    assert KERAS in str(error.value)


def test_the_card_has_labels_features_and_versions_but_no_date_or_path(saved: Path) -> None:
    card = files.read_json(saved / CARD)
    assert card["labels"] == ["a", "b", "none"]
    assert (card["temperature"], card["threshold"]) == (1.0, None)
    assert Features(**card["features"]) == FEATURES
    assert card["trained"] == {"head": "dense"}
    assert set(card["versions"]) == set(export.PACKAGES)
    assert str(saved) not in json.dumps(card)
    assert str(datetime.date.today().year) not in json.dumps({**card, "sha256": {}})

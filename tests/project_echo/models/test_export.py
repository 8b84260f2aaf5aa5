"""The Keras model of a classifier: its probabilities, and the same bytes on every run."""

import re
import shutil
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.models import export, mobilenet_v2, networks
from project_echo.models.backend import keras, repeatable
from project_echo.models.calibration import Calibration, uncalibrated
from project_echo.models.card import BACKBONE, FILTERS, HEAD, WEIGHTS, write_card
from project_echo.models.classifier import Classifier, load_classifier
from project_echo.models.conversion import convert
from project_echo.models.head import Dense, Head, Linear, Logistic, window_scores, write_head
from project_echo.models.pooling import Pooling
from tests.sounds import FEATURES

pytestmark = pytest.mark.slow  # CI exports a model with the pipeline, and tests what integers change in it

POOLING = Pooling(blocks=(6, 13), bands=(4, 1), slices=2, std=True, sqrt=True)
WIDTH = 2 * (4 * 192 + 576)
LABELS = ["a", "b"]


def linear(width: int, outputs: int, seed: int) -> Linear:
    """Weights whose logits are of the order of 1 for embeddings of the order of 100."""
    draw = np.random.default_rng(seed)
    return Linear(draw.normal(0, 0.01 / np.sqrt(width), (width, outputs)), np.zeros(outputs))


def save(folder: Path, backbone: bytes, head: Head, pooling: Pooling, calibration: Calibration) -> Classifier:
    (folder / BACKBONE).write_bytes(backbone)
    write_head(head, folder / HEAD)
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    write_card(folder, LABELS, FEATURES, pooling, {}, calibration)
    return load_classifier(folder)


@pytest.fixture(scope="module")
def frozen(mobilenet: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A logistic head on the backbone in integers."""
    file = mobilenet_v2.build(mobilenet_v2.fold(mobilenet), FEATURES, POOLING.blocks)
    head = Logistic(linear(WIDTH, 2, 1))
    return save(tmp_path_factory.mktemp("frozen"), file, head, POOLING, Calibration((0.8, 1.2), (0.5, -0.5)))


def export_in_a_new_session(classifier: Classifier, weights: Path) -> keras.Model:
    keras.utils.clear_session()  # as in a process of its own, where layers are numbered from the start
    repeatable(0)
    return export.keras_model(classifier, weights)


@pytest.fixture(scope="module")
def model(frozen: Classifier, weights: Path) -> keras.Model:
    return export_in_a_new_session(frozen, weights)


@pytest.fixture(scope="module")
def saved(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keras") / export.KERAS
    export.save(model, path)
    return path


def test_the_keras_model_is_the_floats_of_the_classifier(
    frozen: Classifier, model: keras.Model, weights: Path, images: np.ndarray
) -> None:
    embeddings = networks.backbone(FEATURES.image_shape, POOLING, weights)(images.astype(np.float32)).numpy()
    assert embeddings.shape == (len(images), 2, WIDTH)
    expected = expit(window_scores(frozen.head.slice_scores(embeddings)))
    assert np.ptp(expected, axis=0).min() > 0.005  # the images differ
    np.testing.assert_allclose(model(images.astype(np.float32)).numpy(), expected, atol=1e-4)


def test_integers_change_probabilities_little(frozen: Classifier, model: keras.Model, images: np.ndarray) -> None:
    """By 0.06 here, on noise, which the network was not trained on; some images are as much one label as another."""
    difference = export.compare(model, frozen, [images[:10], images[10:]])
    assert difference.clips == len(images)
    assert 0 < difference.median <= difference.largest < 0.1
    assert difference.same_label > 0.5


def test_the_comparison_is_of_calibrated_probabilities(
    frozen: Classifier, model: keras.Model, images: np.ndarray, tmp_path: Path
) -> None:
    shutil.copytree(frozen.folder, tmp_path, dirs_exist_ok=True)
    write_card(tmp_path, LABELS, FEATURES, POOLING, {}, Calibration((1e-6, 1e-6), (1.0, -1.0)))
    assert export.compare(model, load_classifier(tmp_path), [images]).largest < 1e-3  # all are those of the intercept


@pytest.mark.parametrize("units", [0, 4])
def test_a_classifier_whose_backbone_was_trained_has_the_probabilities_of_its_keras_model(
    weights: Path, images: np.ndarray, tmp_path: Path, units: int
) -> None:
    keras.utils.set_random_seed(1)
    pooling = Pooling(blocks=(3, 1), bands=(2, 1), slices=1, std=True, sqrt=False)
    backbone = networks.backbone(FEATURES.image_shape, pooling)  # other weights than the frozen ones
    trained = networks.join(backbone, networks.head(backbone.output_shape[-1], 2, units, dropout=0.5))
    backbone.save_weights(tmp_path / WEIGHTS)
    head = networks.dense_arrays(trained.get_layer("head"))
    assert isinstance(head, Dense)
    classifier = save(tmp_path, convert(backbone, pooling.blocks), head, pooling, uncalibrated(2))
    expected = trained(images.astype(np.float32)).numpy()
    exported = export.keras_model(classifier, weights)
    np.testing.assert_allclose(exported(images.astype(np.float32)).numpy(), expected, atol=1e-5)
    # The classifier's embeddings are rounded to steps.
    np.testing.assert_allclose(classifier.predict_images(images), expected, atol=0.1)
    assert export.compare(exported, classifier, [images]).largest < 0.1


def test_the_same_model_is_saved_as_the_same_bytes_at_another_time_and_address(
    frozen: Classifier,
    model: keras.Model,
    saved: Path,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model.save(tmp_path / "first.keras")
    later = time.time() + 3 * 86_400
    monkeypatch.setattr(zipfile, "time", SimpleNamespace(time=lambda: later, localtime=time.localtime))
    again = export_in_a_new_session(frozen, weights)  # the first is still alive, so this one is at another address
    again.save(tmp_path / "second.keras")
    # What this guards against: Keras' own archives do differ.
    assert (tmp_path / "first.keras").read_bytes() != (tmp_path / "second.keras").read_bytes()
    export.save(again, tmp_path / "again.keras")
    assert saved.read_bytes() == (tmp_path / "again.keras").read_bytes()


def test_the_saved_model_needs_no_code_of_this_project(model: keras.Model, saved: Path, images: np.ndarray) -> None:
    with zipfile.ZipFile(saved) as archive:
        config = archive.read("config.json").decode()
    # Of what the model is made of; a class that was registered under a package has one before ">".
    modules, names = (re.findall(rf'"{key}": ("?[^",]*"?)', config) for key in ("module", "registered_name"))
    assert {module.partition(".")[0] for module in modules} == {'"keras', '"keras"'}
    assert not any(">" in name for name in names)
    assert '"class_name": "Lambda"' not in config
    loaded = keras.models.load_model(saved)
    values = images.astype(np.float32)
    np.testing.assert_allclose(loaded(values).numpy(), model(values).numpy(), atol=1e-6)

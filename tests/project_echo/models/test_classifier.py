"""A saved classifier answers without TensorFlow, and only if it is the one that was saved."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features import melspectrogram
from project_echo.features.config import Features
from project_echo.models import classifier, export, networks
from project_echo.models.backend import keras

ROOT = Path(__file__).parents[3]
FEATURES = Features(
    sample_rate=8000,
    window_s=1.0,
    n_fft=512,
    win_lengths=(128, 256, 512),
    hop_length=200,
    n_mels=32,
    fmin=50.0,
    fmax=4000.0,
    top_db=80.0,
)
LABELS = ["<i>fox</i>", "Ñandú", "none"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras.utils.set_random_seed(1)
    backbone = networks.backbone(FEATURES.image_shape, FEATURES.top_db, [1, 3], [2, 1], True, None)
    model = networks.join(backbone, networks.head(backbone.output_shape[1], 3, units=8, dropout=0.5))
    model.layers[-1].set_weights([5 * weight for weight in model.layers[-1].get_weights()])  # far from a third each
    folder = tmp_path_factory.mktemp("classifier")
    export.save(model, LABELS, FEATURES, {}, folder)
    return folder


IMAGES = np.random.default_rng(2).uniform(-80, 0, (5, *FEATURES.image_shape)).astype(np.float16)


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_classifier_carries_its_labels_and_features(saved: Path) -> None:
    loaded = classifier.load(saved)
    assert loaded.labels == tuple(LABELS)
    assert loaded.features == FEATURES


def test_window_of_a_recording_gives_the_probabilities_of_the_same_stretch_cut_out(saved: Path) -> None:
    loaded = classifier.load(saved)
    draw = np.random.default_rng(1)
    recording = (draw.standard_normal(28_000) * np.linspace(0.01, 0.3, 28_000)).astype(np.float32)
    starts = melspectrogram.window_starts(len(recording), FEATURES, hop_window_s=0.4)
    windows = loaded.predict(melspectrogram.window_images(recording, starts, FEATURES))
    cut = [recording[start * 200 : start * 200 + FEATURES.window_samples] for start in starts]
    clips = loaded.predict(np.stack([melspectrogram.image(samples, FEATURES) for samples in cut]))
    assert windows.shape == (7, 3)
    assert np.ptp(windows, axis=0).max() > 0.01  # the windows are told apart
    np.testing.assert_allclose(windows, clips, atol=1e-6)


def test_answer_does_not_depend_on_what_else_is_asked(saved: Path) -> None:
    loaded = classifier.load(saved)
    together = loaded.predict(IMAGES)
    alone = np.concatenate([classifier.load(saved).predict(IMAGES[i : i + 1]) for i in range(5)])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    assert loaded.predict(IMAGES[:0]).shape == (0, 3)


def with_card(folder: Path, **values: float | None) -> classifier.Classifier:
    """The classifier with other values on its card."""
    files.write_json(files.read_json(folder / classifier.CARD) | values, folder / classifier.CARD)
    return classifier.load(folder)


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_probabilities_are_those_at_the_temperature(saved: Path, copy: Path, temperature: float) -> None:
    plain = classifier.load(saved).predict(IMAGES)
    scaled = with_card(copy, temperature=temperature).predict(IMAGES)
    assert (scaled.shape, scaled.dtype) == (plain.shape, np.float32)
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(scaled.argmax(axis=1), plain.argmax(axis=1))
    # Odds between any two labels: at a temperature their logarithm is divided by it.
    odds, expected = (np.log(found[:, :1] / found[:, 1:]) for found in (scaled, plain))
    np.testing.assert_allclose(odds, expected / temperature, atol=1e-3)
    surer = scaled.max(axis=1) > plain.max(axis=1)
    assert (surer == (temperature < 1)).all()


PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.05, 0.0, 0.95]])


def test_what_is_less_probably_an_animal_than_the_threshold_is_none(copy: Path) -> None:
    assert with_card(copy, threshold=0.39).decide(PROBABILITIES).tolist() == ["<i>fox</i>", "Ñandú", "none"]
    assert with_card(copy, threshold=0.5).decide(PROBABILITIES).tolist() == ["<i>fox</i>", "none", "none"]


def test_without_a_threshold_an_animal_is_always_named(saved: Path) -> None:
    loaded = classifier.load(saved)
    assert loaded.threshold is None
    assert loaded.decide(PROBABILITIES).tolist() == ["<i>fox</i>", "Ñandú", "<i>fox</i>"]


@pytest.mark.parametrize("name", [classifier.KERAS, classifier.LITERT])
@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_changed_or_missing_file_is_refused_by_name(copy: Path, name: str, harm: str) -> None:
    path = copy / name
    if harm == "changed":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()
    with pytest.raises(EchoError, match=rf"{name} is missing or was changed"):
        classifier.load(copy)


def test_folder_without_a_card_is_an_error_that_names_it(copy: Path) -> None:
    (copy / classifier.CARD).unlink()
    with pytest.raises(EchoError, match=r"classifier\.json is not there"):
        classifier.load(copy)


@pytest.mark.parametrize(
    "code",
    [
        "from pathlib import Path; from project_echo.models import classifier; classifier.load(Path(sys.argv[1]))",
        "import stages.infer, stages.evaluate",
    ],
    ids=["load", "stages"],
)
def test_prediction_needs_no_tensorflow(saved: Path, code: str) -> None:
    code = f"import sys; {code}; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    command = [sys.executable, "-c", code, str(saved)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False False\n", "")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ({"temperature": "warm"}, "temperature"),
        ({"features": {"sample_rate": 22050}}, "features.*missing"),
        ({"labels": None}, "labels"),
    ],
)
def test_a_card_that_holds_something_else_is_refused_by_file_and_key(copy: Path, harm: dict, told: str) -> None:
    files.write_json(files.read_json(copy / classifier.CARD) | harm, copy / classifier.CARD)
    with pytest.raises(EchoError, match=rf"classifier\.json: .*{told}"):
        classifier.load(copy)

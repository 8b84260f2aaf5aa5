"""A saved classifier predicts without TensorFlow, and only from files that were not changed."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.features import melspectrogram
from project_echo.features.config import LOUDEST, Features
from project_echo.features.librosa_filters import compute_mel_filters
from project_echo.features.mel_filters import write_mel_filters
from project_echo.features.slices import slice_times
from project_echo.models import classifier, embedder
from project_echo.models.calibration import Calibration
from project_echo.models.card import (
    BACKBONE,
    CARD,
    FILTERS,
    HEAD,
    CalibrationSources,
    Threshold,
    read_card,
    write_card,
)
from project_echo.models.embedding import embed
from project_echo.models.head import Dense, Linear, Logistic, window_scores, write_head
from project_echo.models.litert import Network
from project_echo.models.litert_file import Int8Graph
from project_echo.models.pooling import Pooling
from project_echo.models.windows import WINDOWS_PER_BLOCK
from tests.sounds import mel_spectrogram

ROOT = Path(__file__).parents[3]
FEATURES = Features(
    sample_rate=8000,
    window_s=1.0,
    n_fft=256,
    win_length=512,
    hop_length=200,
    n_mels=32,
    fmin=50.0,
    fmax=4000.0,
    top_db=80.0,
)
LABELS = ["<i>fox</i>", "Ñandú"]
POOLINGS = {
    "logistic": Pooling(blocks=(1, "last"), bands=(2, 1), slices=4, std=True, sqrt=False),
    "dense": Pooling(blocks=(1, "last"), bands=(2, 1), slices=1, std=True, sqrt=False),
}
WIDTH = 2 * (2 * 6 + 4)  # of an embedding


def backbone() -> bytes:
    """A network of two convolutions with random weights, whose outputs are both pooled."""
    draw, graph = np.random.default_rng(1), Int8Graph()
    image = graph.input("spectrogram", (1, *FEATURES.image_shape), 1 / LOUDEST)
    taps, flow = [], image
    for name, channels in (("first", 6), ("second", 4)):
        weights = draw.normal(0, 0.3, (channels, 3, 3, flow.shape[3]))
        flow = graph.convolution(
            name, flow, weights, np.full(channels, 0.5), (0, 6), depthwise=False, stride=2, relu6=True
        )
        taps.append(flow)
    return graph.serialize(image, taps)


def linear(width: int, outputs: int, size: float) -> Linear:
    """Random weights of a size."""
    return Linear(np.random.default_rng(width).normal(0, size, (width, outputs)), np.zeros(outputs))


@pytest.fixture(scope="module", params=["logistic", "dense"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classifier")
    (folder / BACKBONE).write_bytes(backbone())
    write_mel_filters(compute_mel_filters(FEATURES), folder / FILTERS)
    if request.param == "logistic":
        write_head(Logistic(linear(WIDTH, 2, 0.04)), folder / HEAD)
    else:
        write_head(
            Dense(np.full(WIDTH, 40.0), np.full(WIDTH, 20.0), linear(WIDTH, 8, 0.3), linear(8, 2, 0.3)), folder / HEAD
        )
    write_card(folder, LABELS, FEATURES, POOLINGS[request.param], {})
    return folder


IMAGES = np.random.default_rng(2).integers(-127, 128, (5, *FEATURES.image_shape), np.int8)
SPECTROGRAM = mel_spectrogram(FEATURES)


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_a_classifier_has_its_labels_and_features(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    assert loaded.labels == tuple(LABELS)
    assert loaded.features == FEATURES
    np.testing.assert_array_equal(loaded.slice_times, slice_times(loaded.embedder.pooling.slices, 1.0))


def test_a_window_of_a_recording_has_the_probabilities_of_a_clip_of_the_same_samples(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    draw = np.random.default_rng(1)
    recording = (draw.standard_normal(28_000) * np.linspace(0.01, 0.3, 28_000)).astype(np.float32)
    starts = melspectrogram.window_starts(len(recording), FEATURES, hop_s=0.4)
    windows = loaded.predict_images(SPECTROGRAM.window_images(recording, starts))
    segments = [recording[start * 200 : start * 200 + FEATURES.window_samples] for start in starts]
    clips = loaded.predict_images(np.stack([SPECTROGRAM.image(samples) for samples in segments]))
    assert windows.shape == (7, 2)
    assert np.ptp(windows, axis=0).max() > 0.01  # the windows differ
    np.testing.assert_array_equal(windows, clips)
    slices = loaded.predict_slices(SPECTROGRAM.window_images(recording, starts))
    assert slices.shape == (7, loaded.embedder.pooling.slices, 2)
    np.testing.assert_array_equal(
        slices, loaded.predict_slices(np.stack([SPECTROGRAM.image(samples) for samples in segments]))
    )


def test_a_window_has_the_highest_probability_of_its_slices_which_is_that_of_the_two_highest_together(
    saved: Path,
) -> None:
    loaded = classifier.load_classifier(saved)
    slices, windows = loaded.predict_slices(IMAGES), loaded.predict_images(IMAGES)
    assert (slices.dtype, windows.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(windows, slices.max(axis=1))
    embeddings = np.stack([embed(loaded.embedder.network(image), loaded.embedder.pooling) for image in IMAGES])
    scores = loaded.head.slice_scores(embeddings)
    np.testing.assert_allclose(windows, expit(window_scores(scores)), atol=1e-6)
    together = window_scores(scores)[:, np.newaxis]
    np.testing.assert_allclose(slices, expit(np.minimum(scores, together)), atol=1e-6)
    assert (np.round(slices.astype(float), 6).astype(np.float32) == slices).all()


def test_a_prediction_does_not_depend_on_the_rest_of_the_batch(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    batch = loaded.predict_images(IMAGES)
    alone = np.concatenate([classifier.load_classifier(saved).predict_images(IMAGES[i : i + 1]) for i in range(5)])
    np.testing.assert_array_equal(batch, alone)
    assert loaded.predict_images(IMAGES[:0]).shape == (0, 2)
    assert loaded.predict_slices(IMAGES[:0]).shape == (0, loaded.embedder.pooling.slices, 2)


def with_card(folder: Path, **values: object) -> classifier.Classifier:
    """The classifier with other values in classifier.json."""
    files.write_json(files.read_json(folder / CARD) | values, folder / CARD)
    return classifier.load_classifier(folder)


@pytest.mark.parametrize(("slope", "intercept"), [([0.5, 2.0], [0.0, 1.0]), ([1.0, 1.0], [-1.0, 0.0])])
def test_the_log_odds_of_each_label_are_scaled_and_shifted(
    saved: Path, copy: Path, slope: list[float], intercept: list[float]
) -> None:
    plain = classifier.load_classifier(saved).predict_slices(IMAGES)
    calibrated = with_card(copy, slope=slope, intercept=intercept)
    assert calibrated.calibration == Calibration(tuple(slope), tuple(intercept))
    expected = np.array(slope) * logit(plain.astype(float)) + np.array(intercept)
    np.testing.assert_allclose(logit(calibrated.predict_slices(IMAGES).astype(float)), expected, atol=2e-3)


PROBABILITIES = np.array([[0.5, 0.3], [0.1, 0.3], [0.05, 0.0]])


def test_windows_that_reach_no_threshold_are_none(copy: Path) -> None:
    loaded = with_card(copy, thresholds=[[0.5, 0.4, 0.6], [0.3, 0.1, 0.5]])
    assert loaded.thresholds == loaded.event_thresholds == (0.5, 0.3)
    assert loaded.decide(PROBABILITIES).tolist() == ["<i>fox</i>", "Ñandú", "none"]
    stricter = with_card(copy, thresholds=[[0.6, 0.4, 0.7], [0.3, 0.1, 0.5]])
    assert stricter.decide(PROBABILITIES).tolist() == ["Ñandú", "Ñandú", "none"]


def test_without_thresholds_every_window_gets_a_label_and_events_have_those_of_even_odds(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    assert loaded.thresholds is None
    assert loaded.event_thresholds == (0.5, 0.5)
    assert loaded.decide(PROBABILITIES).tolist() == ["<i>fox</i>", "Ñandú", "<i>fox</i>"]


def test_a_dense_head_of_a_single_animal_has_no_column_for_none(tmp_path: Path) -> None:
    (tmp_path / BACKBONE).write_bytes(backbone())
    write_mel_filters(compute_mel_filters(FEATURES), tmp_path / FILTERS)
    write_head(Dense(np.full(WIDTH, 40.0), np.full(WIDTH, 20.0), None, linear(WIDTH, 2, 0.1)), tmp_path / HEAD)
    write_card(tmp_path, LABELS[:1], FEATURES, POOLINGS["dense"], {}, thresholds=[Threshold(0.5, 0.5, 0.5)])
    loaded = classifier.load_classifier(tmp_path)
    assert loaded.predict_slices(IMAGES).shape == (5, 1, 1)
    assert list(loaded.predict(SOUND, 8000).columns) == ["start_s", "end_s", LABELS[0]]
    assert set(loaded.decide(np.array([[0.6], [0.4]]))) == {LABELS[0], "none"}


def test_calibration_and_what_it_rests_on_are_in_the_card_with_six_decimals(copy: Path) -> None:
    sources = CalibrationSources(sources=12, false_positive_rate=0.05, note="few")
    fitted = Calibration((1 / 3, 1.0), (2 / 3, 0.0))
    pooling = read_card(copy).pooling
    write_card(copy, LABELS, FEATURES, pooling, {}, fitted, [Threshold(0.4, 0.3, 0.5)] * 2, sources)
    card = read_card(copy)
    assert (card.slope, card.intercept) == ((0.333333, 1), (0.666667, 0))
    assert card.thresholds == ((0.4, 0.3, 0.5),) * 2
    assert card.calibration == sources


@pytest.mark.parametrize("name", [BACKBONE, HEAD, FILTERS])
@pytest.mark.parametrize("state", ["changed", "missing"])
def test_a_changed_or_missing_file_is_an_error_that_names_it(copy: Path, name: str, state: str) -> None:
    path = copy / name
    if state == "changed":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()
    with pytest.raises(EchoError) as error:
        classifier.load_classifier(copy)
    assert str(path) in str(error.value)


def test_a_folder_without_classifier_json_is_an_error_that_names_it(copy: Path) -> None:
    (copy / CARD).unlink()
    with pytest.raises(EchoError) as error:
        classifier.load_classifier(copy)
    assert str(copy) in str(error.value) and CARD in str(error.value)


def loaded_packages(imports: str, folder: Path) -> set[str]:
    """Packages that a process loads which imports modules and loads a classifier. It prints nothing else."""
    code = (
        f"import sys; import {imports}; from project_echo.models.classifier import load_classifier; "
        "load_classifier(sys.argv[1]); print(*{name.partition('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_prediction_needs_no_tensorflow(saved: Path) -> None:
    assert not loaded_packages("stages.infer, stages.evaluate", saved) & {"tensorflow", "keras", "librosa", "numba"}


def test_screening_needs_nothing_that_training_needs(saved: Path) -> None:
    packages = loaded_packages("project_echo.screening.batch, project_echo.screening.writers", saved)
    assert not packages & {"tensorflow", "keras", "librosa", "numba", "sklearn"}


def test_workers_of_a_screening_load_no_packages_for_tables_progress_or_yaml(saved: Path) -> None:
    packages = loaded_packages("project_echo.core.parallel, project_echo.screening.worker", saved)
    assert not packages & {"pandas", "pyarrow", "tqdm", "yaml"}


EARLIER_FEATURES = {
    **{name: value for name, value in FEATURES.model_dump().items() if name != "window_s"},
    "seconds": 1.0,
}


@pytest.mark.parametrize(
    "values",
    [
        {"slope": "steep"},
        {"temperature": 1.0},
        {"threshold": 0.5},
        {"thresholds": [0.5, 0.5]},
        {"features": {"sample_rate": 22050}},
        {"features": EARLIER_FEATURES},
        {"labels": None},
        {"pooling": {"blocks": ["last"], "bands": [1], "std": True, "sqrt": True}},
        {"calibrated": True},
    ],
)
def test_a_classifier_of_an_earlier_version_is_an_error_that_names_the_folder_and_says_to_train_again(
    copy: Path, values: dict[str, object]
) -> None:
    files.write_json(files.read_json(copy / CARD) | values, copy / CARD)
    for read in (classifier.load_classifier, read_card):
        with pytest.raises(EchoError) as error:
            read(copy)
        message = str(error.value)
        assert str(copy) in message
        assert "dvc repro train" in message
        assert "\n" not in message


SOUND = (np.random.default_rng(1).standard_normal(28_000) * np.linspace(0.01, 0.3, 28_000)).astype(np.float32)


def test_a_waveform_has_the_windows_of_a_recording(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    windows = loaded.predict(SOUND, 8000, hop_seconds=0.4)
    starts = melspectrogram.window_starts(len(SOUND), FEATURES, hop_s=0.4)
    assert windows["start_s"].tolist() == pytest.approx(starts * 200 / 8000)
    expected = loaded.predict_images(SPECTROGRAM.window_images(SOUND, starts))
    np.testing.assert_array_equal(windows[LABELS].to_numpy(), expected)
    assert loaded.predict(SOUND, 8000)["start_s"].tolist() == [0, 1, 2]


def test_a_waveform_has_a_row_for_each_slice_if_asked_for(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    n_slices = loaded.embedder.pooling.slices
    slices, windows = (loaded.predict(SOUND, 8000, hop_seconds=1.0, slices=which) for which in (True, False))
    assert list(slices.columns) == list(windows.columns) == ["start_s", "end_s", *LABELS]
    assert len(slices) == len(windows) * n_slices == 3 * n_slices
    highest = slices[LABELS].groupby(np.arange(len(slices)) // n_slices).max()
    np.testing.assert_array_equal(highest, windows[LABELS])
    np.testing.assert_allclose(slices["start_s"][1:], slices["end_s"][:-1])  # one after the other
    assert slices["start_s"].iloc[0] == 0 and slices["end_s"].iloc[-1] == 3


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_a_waveform_may_have_any_float_dtype_and_rate(saved: Path, dtype: type, rate: int) -> None:
    windows = classifier.load_classifier(saved).predict(SOUND.astype(dtype), rate)
    assert len(windows) == 28_000 // rate or len(windows) == 1


@pytest.mark.parametrize("n_samples", [1, 5, 7999])
def test_a_waveform_shorter_than_a_window_is_one_that_ends_with_it(saved: Path, n_samples: int) -> None:
    windows = classifier.load_classifier(saved).predict(SOUND[:n_samples], 8000)
    assert windows[["start_s", "end_s"]].to_numpy().tolist() == [[0, n_samples / 8000]]


@pytest.mark.parametrize(
    ("samples", "sample_rate", "hop_seconds", "name"),
    [
        (SOUND.reshape(2, -1), 8000, None, "samples"),
        (np.ones(8000, np.int16), 8000, None, "samples"),
        (SOUND[:0], 8000, None, "samples"),
        (np.array([0.0, np.nan]), 8000, None, "samples"),
        (np.array([0.0, 1e30]), 8000, None, "samples"),
        (SOUND, 0, None, "sample_rate"),
        (SOUND, 8000.5, None, "sample_rate"),
        (SOUND, 44.1, None, "sample_rate"),
        (SOUND, 44, None, "sample_rate"),
        (SOUND, np.inf, None, "sample_rate"),
        (SOUND, 3_000_000_000, None, "sample_rate"),
        (SOUND, 8000, 1e300, "hop_seconds"),
        (SOUND, 8000, 0.0, "hop_seconds"),
        (SOUND, 8000, np.nan, "hop_seconds"),
    ],
)
def test_a_wrong_argument_is_an_error_that_names_it(
    saved: Path, samples: np.ndarray, sample_rate: int, hop_seconds: float | None, name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        classifier.load_classifier(saved).predict(samples, sample_rate, hop_seconds=hop_seconds)


def test_a_classifier_is_loaded_once_until_it_is_trained_again(copy: Path) -> None:
    loaded = classifier.load_classifier(copy)
    assert classifier.load_classifier(str(copy)) is loaded
    assert with_card(copy, slope=[2.0, 1.0]).calibration.slope == (2, 1)


def test_a_long_waveform_is_read_in_blocks(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The images of all its windows at once would fill the memory."""
    loaded = classifier.load_classifier(saved)
    blocks: list[int] = []

    def count(_: classifier.Classifier, images: np.ndarray) -> np.ndarray:
        blocks.append(len(images))
        return np.zeros((len(images), 4, 2), np.float32)

    monkeypatch.setattr(classifier.Classifier, "predict_slices", count)
    assert len(loaded.predict(np.tile(SOUND, 30), 8000, hop_seconds=0.5)) == sum(blocks)
    assert max(blocks) <= 2 * WINDOWS_PER_BLOCK


def test_a_classifier_knows_its_folder_and_can_be_sent_to_another_process(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    assert Path(loaded) == saved and "0x" not in repr(loaded)
    copied = pickle.loads(pickle.dumps(loaded))
    assert copied == loaded
    np.testing.assert_array_equal(copied.predict_images(IMAGES), loaded.predict_images(IMAGES))


def test_threads_load_a_classifier_once(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(embedder, "Network", lambda path: loaded.append(path) or Network(path))
    with ThreadPoolExecutor(4) as threads:
        same = set(map(id, threads.map(classifier.load_classifier, [copy] * 8)))
    assert len(same) == len(loaded) == 1


def test_threads_may_share_a_classifier(saved: Path) -> None:
    loaded = classifier.load_classifier(saved)
    expected = loaded.predict_images(IMAGES)
    with ThreadPoolExecutor(4) as threads:
        for predicted in threads.map(lambda _: loaded.predict_images(IMAGES), range(40)):
            np.testing.assert_array_equal(predicted, expected)

"""The train stage in its four ways, on a backbone of one layer, or MobileNetV2's first block with random weights."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.core.tables import read_table, write_table
from project_echo.evaluation.decision import calibrate
from project_echo.evaluation.predictions import KEYS
from project_echo.models import classifier
from project_echo.models.calibration import uncalibrated
from project_echo.models.card import BACKBONE, CARD, FILTERS, HEAD, WEIGHTS, probabilities_digest, read_card
from project_echo.models.pooling import Pooling
from project_echo.models.thresholds import COLUMNS, MODEL, write_thresholds
from stages import embed, train
from tests.conftest import LABELS
from tests.sounds import FEATURES
from tests.stages.workspaces import NO_CLIPS, change_params, write_params, write_split

SLICES = {"logistic": 3, "dense": 1}  # of a window; the dense head takes it as a whole


def pooling_of(head: str) -> dict[str, Any]:
    return {"blocks": [1], "bands": [2], "slices": SLICES[head], "std": True, "sqrt": True}


FALSE_POSITIVE_RATE = 0.3
TRAINED = [pytest.param(trainable, "dense", marks=pytest.mark.slow) for trainable in ("last_n", "all")]
WAYS = [("none", "logistic"), ("none", "dense"), *TRAINED]
SMALL = {"C": 10.0, "head_units": 8, "batch_size": 4, "learning_rate": 0.01, "last_n": 2}
Train = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, spectrograms: Path, backbone: Path) -> Iterator[Path]:
    """The working directory of these tests, with all inputs of the stage, with and without background."""
    folder = tmp_path_factory.mktemp("train")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_params(folder)
        change_params(folder, "rejection", false_positive_rate=FALSE_POSITIVE_RATE)
        for head in SLICES:
            change_params(folder, "embed", **pooling_of(head))
            embed.main(NO_CLIPS, spectrograms, backbone, folder / f"embeddings of {head}")
        write_split(folder / "split.csv", background=True)
        write_split(folder / "animals.csv", background=False)
        write_predictions(folder / "split.csv", folder / "predictions of split.csv")
        write_predictions(folder / "animals.csv", folder / "predictions of animals.csv")
        write_table(pd.DataFrame(columns=list(COLUMNS)), folder / "thresholds.csv")
        write_thresholds(reviewed_thresholds(LABELS[1]), folder / "reviewed.csv")
        write_thresholds(reviewed_thresholds("owl"), folder / "unknown.csv")
        yield folder


def reviewed_thresholds(label: str, model: str = "") -> pd.DataFrame:
    return pd.DataFrame([(label, 0.8765, 0.75, 0.9, 0.95, 40, 12, model)], columns=[*COLUMNS, MODEL])


def write_predictions(split: Path, path: Path) -> None:
    """A table of predictions in which every clip is a validation clip of two draws, mostly correct."""
    clips = read_table(split)
    rows = pd.concat([clips.assign(draw=number) for number in range(2)], ignore_index=True)
    scores = np.random.default_rng(1).normal(-1, 1, (len(rows), len(LABELS)))
    scores += 3 * (rows["label"].to_numpy()[:, np.newaxis] == np.array(LABELS))
    rows = rows.assign(train=4, held_out="", part="validation", view=0, truth=rows["label"].replace(NONE, ""))
    rows = rows.assign(background_source=rows["source"], second_source=rows["source"])[KEYS]
    write_table(rows.join(pd.DataFrame(scores, columns=LABELS)), path)


@pytest.fixture(scope="module")
def run(inputs: Path, spectrograms: Path, backbone: Path, request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Train once; the folder of the classifier and its history."""

    def run_stage(
        name: str,
        trainable: str,
        head: str,
        split: str = "split.csv",
        predictions: str | None = None,
        thresholds: str = "thresholds.csv",
    ) -> Path:
        weights = backbone
        if head == "dense":
            # Imported here, as the logistic head needs no TensorFlow.
            from project_echo.models.backend import keras  # noqa: PLC0415

            keras.utils.clear_session()  # as in a process of its own, where layers are numbered from the start
            weights = request.getfixturevalue("keras_backbone")
        epochs = 40 if trainable == "none" else 2
        change_params(inputs, "train", trainable=trainable, head=head, epochs=epochs, **SMALL)
        if predictions is None:  # crossval predicts what the head learns from
            predictions = "predictions of animals.csv" if head == "dense" else f"predictions of {split}"
        folder = inputs / name
        paths = (spectrograms, inputs / f"embeddings of {head}", inputs / split, weights, inputs / predictions)
        train.main(*paths, inputs / thresholds, folder / "model", folder / "history.csv")
        return folder

    return run_stage


@pytest.fixture(scope="module")
def trained(run: Callable[..., Path]) -> Train:
    """What the stage wrote in a way of training, run once for all tests."""
    return cache(lambda trainable, head: run(f"{trainable} {head}", trainable, head))


def images_to_predict(spectrograms: Path) -> np.ndarray:
    """An image of each of low, high and hum."""
    return np.concatenate([files.read_array(spectrograms / f"{name}/5.npy")[:1] for name in ("low", "high", "hum")])


def assert_same_files(first: Path, second: Path) -> None:
    paths = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    assert len(paths) == 5
    for path in paths:
        assert (first / path).read_bytes() == (second / path).read_bytes(), path


@pytest.mark.parametrize(("trainable", "head"), WAYS)
def test_the_folder_holds_what_a_classifier_needs_and_the_card_says_how_it_was_trained(
    trained: Train, trainable: str, head: str
) -> None:
    folder = trained(trainable, head) / "model"
    weights = [] if trainable == "none" else [WEIGHTS]  # which the export stage reads
    assert sorted(path.name for path in folder.iterdir()) == sorted([BACKBONE, HEAD, FILTERS, CARD, *weights])
    loaded = classifier.load_classifier(folder)
    assert loaded.features == FEATURES
    assert loaded.embedder.pooling == Pooling(**pooling_of(head))
    assert loaded.labels == tuple(LABELS)
    assert (loaded.thresholds is None) == (head == "dense")
    assert read_card(folder).trained == {"trainable": trainable, "head": head}


@pytest.mark.parametrize(("trainable", "head"), WAYS)
def test_the_history_has_a_row_per_epoch(trained: Train, trainable: str, head: str) -> None:
    history = read_table(trained(trainable, head) / "history.csv")
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    if head == "logistic":
        assert len(history) == 1
    elif trainable == "none":
        assert 2 < len(history) <= 40
    else:
        assert len(history) == 2


def test_training_again_writes_the_same_bytes(run: Callable[..., Path], trained: Train) -> None:
    assert_same_files(trained("none", "logistic"), run("logistic again", "none", "logistic"))


@pytest.mark.parametrize("head", ["logistic", "dense"])
def test_a_head_learns_what_the_frozen_backbone_tells_apart(trained: Train, spectrograms: Path, head: str) -> None:
    low, high, hum = classifier.load_classifier(trained("none", head) / "model").predict_images(
        images_to_predict(spectrograms)
    )
    assert (low.argmax(), high.argmax()) == (0, 1)
    assert head == "dense" or hum.max() < min(low.max(), high.max())


def test_a_frozen_backbone_and_the_filters_are_those_of_the_earlier_stages(
    trained: Train, spectrograms: Path, backbone: Path
) -> None:
    folder = trained("none", "logistic") / "model"
    assert (folder / BACKBONE).read_bytes() == (backbone / BACKBONE).read_bytes()
    assert (folder / FILTERS).read_bytes() == (spectrograms / FILTERS).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("trainable", ["last_n", "all"])
def test_a_trained_backbone_is_saved_in_floats_as_it_is_after_training(
    trained: Train, keras_backbone: Path, spectrograms: Path, trainable: str
) -> None:
    from project_echo.models import networks  # noqa: PLC0415

    folder = trained(trainable, "dense") / "model"
    before, after = (
        networks.backbone(FEATURES.image_shape, Pooling(**pooling_of("dense")), weights)
        for weights in (keras_backbone / "mobilenet_v2.weights.h5", None)
    )
    after.load_weights(folder / WEIGHTS)
    images = images_to_predict(spectrograms)
    embeddings = after(images.astype(np.float32), training=False).numpy()
    assert np.abs(embeddings - before(images.astype(np.float32), training=False).numpy()).max() > 1e-3
    loaded = classifier.load_classifier(folder)
    expected = expit(loaded.head.slice_scores(embeddings)[:, 0])
    np.testing.assert_allclose(loaded.predict_images(images), expected, atol=0.05)  # of embeddings that are rounded


def test_background_does_not_change_the_dense_head(run: Callable[..., Path], trained: Train) -> None:
    assert_same_files(trained("none", "dense"), run("dense, animals only", "none", "dense", split="animals.csv"))


def test_calibration_and_thresholds_come_from_validation_clips_of_sources_that_are_not_tested(
    trained: Train, inputs: Path
) -> None:
    loaded = classifier.load_classifier(trained("none", "logistic") / "model")
    split = read_table(inputs / "split.csv")
    tested = set(split.loc[split["part"] == "test", "source"])
    predictions, labels = read_table(inputs / "predictions of split.csv"), [*LABELS, NONE]
    decision = calibrate(predictions, labels, FALSE_POSITIVE_RATE, tested, "logistic")
    other = calibrate(predictions, labels, FALSE_POSITIVE_RATE, set(), "logistic")
    assert decision.thresholds is not None
    assert loaded.thresholds == pytest.approx([threshold.value for threshold in decision.thresholds])
    for name in ("slope", "intercept"):
        values = getattr(loaded.calibration, name)
        assert values == pytest.approx(getattr(decision.calibration, name), abs=1e-6)
        assert values != pytest.approx(getattr(other.calibration, name), abs=1e-6)


def test_the_dense_head_is_not_calibrated(trained: Train) -> None:
    loaded = classifier.load_classifier(trained("none", "dense") / "model")
    assert loaded.calibration == uncalibrated(len(LABELS))


def test_the_card_says_how_many_sources_were_calibrated_on_and_that_they_are_few(trained: Train) -> None:
    card = read_card(trained("none", "logistic") / "model")
    assert card.calibration is not None
    assert card.calibration.sources == 15  # of 18, without the tested
    assert card.calibration.false_positive_rate == FALSE_POSITIVE_RATE
    assert "15 sources" in card.calibration.note


def test_a_reviewed_threshold_takes_the_place_of_the_calibrated_one_and_the_card_says_what_it_rests_on(
    run: Callable[..., Path], trained: Train, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = trained("none", "logistic") / "model"
    before = files.read_json(model / CARD)
    stated = reviewed_thresholds(LABELS[1], probabilities_digest(read_card(model)))
    write_thresholds(stated, inputs / "reviewed.csv")
    capsys.readouterr()
    folder = run("reviewed", "none", "logistic", thresholds="reviewed.csv") / "model"
    assert "1 of 1" in capsys.readouterr().out
    after = files.read_json(folder / CARD)
    assert "reviewed" not in before
    assert after.pop("reviewed") == {LABELS[1]: {"precision": 0.95, "events": 40, "recordings": 12}}
    assert after["thresholds"] == [before["thresholds"][0], [0.8765, 0.75, 0.9]]
    assert after == before | {"thresholds": after["thresholds"]}
    assert classifier.load_classifier(folder).thresholds == (before["thresholds"][0][0], 0.8765)


def test_thresholds_that_were_chosen_on_another_classifier_are_left_out_with_a_warning(
    run: Callable[..., Path], trained: Train, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = trained("none", "logistic")
    write_thresholds(reviewed_thresholds(LABELS[1], "0" * 64), inputs / "other.csv")
    capsys.readouterr()
    assert_same_files(expected, run("other", "none", "logistic", thresholds="other.csv"))
    output = capsys.readouterr().out
    assert "0 of 1" in output and "warning" in output and "other.csv" in output


def test_reviewed_thresholds_are_not_for_the_dense_head_which_has_none(
    run: Callable[..., Path], trained: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = trained("none", "dense")
    capsys.readouterr()
    assert_same_files(expected, run("dense, reviewed", "none", "dense", thresholds="reviewed.csv"))
    assert "0 of 1" in capsys.readouterr().out


def test_a_reviewed_threshold_of_another_label_is_an_error_that_names_the_row(
    run: Callable[..., Path], inputs: Path
) -> None:
    with pytest.raises(EchoError, match=r"unknown\.csv, row 2 \('owl'\)"):
        run("failed", "none", "logistic", thresholds="unknown.csv")
    assert not (inputs / "failed").exists()


def test_a_single_animal_is_trained_against_background(run: Callable[..., Path], inputs: Path) -> None:
    split = read_table(inputs / "split.csv")
    write_table(split[split["label"] != LABELS[1]], inputs / "one.csv")
    predictions = read_table(inputs / "predictions of split.csv")
    one = predictions[predictions["label"] != LABELS[1]].drop(columns=LABELS[1])
    write_table(one, inputs / "predictions of one.csv")
    folder = run("one animal", "none", "logistic", split="one.csv", predictions="predictions of one.csv")
    loaded = classifier.load_classifier(folder / "model")
    assert loaded.labels == (LABELS[0],)
    assert loaded.thresholds is not None and len(loaded.thresholds) == 1
    assert read_table(folder / "history.csv")["accuracy"].tolist() == [1]


def test_without_background_labels_are_told_from_each_other(run: Callable[..., Path]) -> None:
    loaded = classifier.load_classifier(run("animals only", "none", "logistic", split="animals.csv") / "model")
    assert loaded.labels == tuple(LABELS)
    assert loaded.thresholds is not None


def test_the_dense_head_takes_no_slices(inputs: Path) -> None:
    change_params(inputs, "train", trainable="none", head="dense", **SMALL)
    embeddings, split, predictions, thresholds, failed = (
        inputs / name
        for name in ("embeddings of logistic", "split.csv", "predictions of split.csv", "thresholds.csv", "failed")
    )
    with pytest.raises(EchoError, match=r"embed\.slices is 3.*train\.head"):
        train.main(inputs, embeddings, split, inputs, predictions, thresholds, failed / "model", failed / "history.csv")
    assert not (inputs / "failed").exists()


def test_no_validation_clips_to_calibrate_on_are_an_error_and_nothing_is_written(
    run: Callable[..., Path], inputs: Path
) -> None:
    rows = read_table(inputs / "predictions of split.csv")
    write_table(rows[rows["source"].str.endswith("5")], inputs / "predictions of tested sources.csv")
    with pytest.raises(EchoError, match=r"crossval\.draws"):
        run("failed", "none", "logistic", predictions="predictions of tested sources.csv")
    assert not (inputs / "failed").exists()


def test_a_leaky_split_is_an_error_that_names_the_source_and_nothing_is_written(
    run: Callable[..., Path], inputs: Path
) -> None:
    table = read_table(inputs / "split.csv")
    table.loc[5, "source"] = table.loc[0, "source"]
    write_table(table, inputs / "leaky.csv")
    with pytest.raises(EchoError, match="source low-0 "):
        run("failed", "none", "logistic", split="leaky.csv", predictions="predictions of split.csv")
    assert not (inputs / "failed").exists()


def test_a_logistic_head_on_a_trained_backbone_is_an_error_that_names_the_key(
    run: Callable[..., Path], inputs: Path
) -> None:
    with pytest.raises(EchoError, match=r"params\.yaml: .*train.*head.*trainable all"):
        run("failed", "all", "logistic")
    assert not (inputs / "failed").exists()

"""The train stage in its four ways, on a network of a few layers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.evaluation import crossval
from project_echo.models import calibration, classifier, networks
from project_echo.models.backend import keras
from stages import embed, train

LABELS = ["<b>low & slow</b>", "high pitched"]


@pytest.fixture
def predictions(workspace: Path, split_with_background: Path) -> Path:
    """What crossval says of every clip as a validation clip of two draws: mostly right."""
    clips = files.read_table(split_with_background)
    labels = [*LABELS, "none"]
    rows = pd.concat([clips.assign(draw=number) for number in range(2)], ignore_index=True)
    logits = np.random.default_rng(1).normal(size=(len(rows), 3))
    logits[np.arange(len(rows)), rows["label"].map(labels.index)] += 2
    rows = rows.assign(train=4, left_out="", part="validation")[crossval.KEYS]
    path = workspace / "crossval.csv"
    files.write_table(rows.join(pd.DataFrame(log_softmax(logits, axis=1), columns=labels)), path)
    return path


def without_background(*tables: Path) -> None:
    for path in tables:
        table = files.read_table(path)
        files.write_table(table[table["label"] != "none"].drop(columns="none", errors="ignore"), path)


def change(predictions: Path, changed: Callable[[pd.DataFrame], np.ndarray]) -> None:
    """Double the log-probabilities of some rows: surer than before."""
    rows = files.read_table(predictions)
    rows.loc[changed(rows), [*LABELS, "none"]] *= 2
    files.write_table(rows, predictions)


@pytest.fixture
def run(
    workspace: Path,
    spectrograms: Path,
    backbone: Path,
    split_with_background: Path,
    predictions: Path,
    set_params: Callable[..., None],
) -> Callable[..., Path]:
    """Embed once, then train as often as one likes; gives the classifier's folder."""
    set_params("embed", blocks=[1], bands=[2], deviations=True)
    embed.main(spectrograms, backbone, workspace / "embeddings")

    def train_once(name: str, **params: object) -> Path:
        set_params(
            "train", **({"epochs": 2, "head_units": 8, "batch_size": 4, "learning_rate": 0.01, "last_n": 2} | params)
        )
        keras.utils.clear_session()  # as in a process of its own: layers are numbered from the start
        if params.get("head") == "dense":
            without_background(predictions)  # as crossval writes it then
        folder = workspace / name
        paths = (spectrograms, workspace / "embeddings", split_with_background, backbone, predictions)
        train.main(*paths, folder / "model", folder / "history.csv")
        return folder

    return train_once


def clips(spectrograms: Path) -> np.ndarray:
    return np.concatenate([files.read_array(spectrograms / f"{name}/5.npy")[:1] for name in ("low", "high", "hum")])


WAYS = [("none", "logistic"), ("none", "dense"), ("last_n", "dense"), ("all", "dense")]


@pytest.mark.parametrize(("trainable", "head"), WAYS)
def test_classifier_has_twins_that_agree_and_comes_out_the_same_again(
    run: Callable[..., Path], spectrograms: Path, trainable: str, head: str
) -> None:
    first = run("first", trainable=trainable, head=head)
    loaded = classifier.load(first / "model")
    # The dense head knows the animals alone.
    assert loaded.labels == (tuple(LABELS) if head == "dense" else (*LABELS, "none"))
    twin = keras.models.load_model(first / "model/model.keras")
    expected = calibration.scale(twin.predict(clips(spectrograms)), loaded.temperature)
    np.testing.assert_allclose(loaded.predict(clips(spectrograms)), expected, atol=1e-3)
    card = files.read_json(first / "model" / classifier.CARD)
    pooling = {"blocks": [1], "bands": [2], "deviations": True, "root": True}
    assert card["trained"] == {"trainable": trainable, "head": head, **pooling}
    history = files.read_table(first / "history.csv")
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert len(history) == (2 if head == "dense" else 1)

    second = run("second", trainable=trainable, head=head)
    for path in [path for path in first.rglob("*") if path.is_file()]:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


@pytest.mark.parametrize("head", ["logistic", "dense"])
def test_learns_what_can_be_told_apart_on_a_backbone_that_stays_as_it_is(
    run: Callable[..., Path], spectrograms: Path, backbone: Path, head: str
) -> None:
    folder = run("first", trainable="none", head=head, C=1.0, epochs=40)
    low, high, hum = classifier.load(folder / "model").predict(clips(spectrograms))
    assert (low.argmax(), high.argmax()) == (0, 1)
    assert head == "dense" or hum.argmax() == 2
    model = keras.models.load_model(folder / "model/model.keras")
    given = networks.backbone((32, 39, 3), 80.0, [1], [2], True, backbone / "mobilenet_v2.weights.h5")
    found, expected = (network.get_layer(networks.MOBILENET).get_weights() for network in (model, given))
    assert [weight.tobytes() for weight in found] == [weight.tobytes() for weight in expected]


def test_a_dense_head_is_the_same_whatever_background_there_is(run: Callable[..., Path], split: Path) -> None:
    with_background = run("first", trainable="none", head="dense")
    without_background(split)
    without = run("second", trainable="none", head="dense")
    for path in [path for path in with_background.rglob("*") if path.is_file()]:
        assert path.read_bytes() == (without / path.relative_to(with_background)).read_bytes(), path.name


def test_temperature_and_threshold_come_from_validation_clips_and_test_sources_have_no_say(
    run: Callable[..., Path], predictions: Path, split: Path
) -> None:
    table = files.read_table(split)
    tested = set(table.loc[table["part"] == "test", "source"])
    first = run("first") / "model"
    change(predictions, lambda rows: rows["source"].isin(tested))
    second = run("second") / "model"
    assert (second / classifier.CARD).read_bytes() == (first / classifier.CARD).read_bytes()
    change(predictions, lambda rows: ~rows["source"].isin(tested))
    before, after = classifier.load(first), classifier.load(run("third") / "model")
    # Twice as sure, and half as much to be believed: probabilities are what they were.
    assert after.temperature == pytest.approx(2 * before.temperature, rel=1e-3)
    assert after.threshold == pytest.approx(before.threshold, abs=1e-3)


@pytest.mark.parametrize("false_alarms", [0.3, 0.6])
def test_at_the_threshold_no_more_background_is_named_than_asked_for(
    run: Callable[..., Path], predictions: Path, set_params: Callable[..., None], false_alarms: float
) -> None:
    set_params("rejection", false_alarms=false_alarms)
    loaded = classifier.load(run("first") / "model")
    rows = files.read_table(predictions)
    rows = rows[(rows["label"] == "none") & (rows["source"] != "hum-5")]  # that one is tested
    named = loaded.decide(calibration.scale(np.exp(rows[[*LABELS, "none"]].to_numpy()), loaded.temperature)) != "none"
    assert false_alarms - 1 / len(rows) < named.mean() <= false_alarms


def test_without_background_there_is_no_threshold(run: Callable[..., Path], predictions: Path, split: Path) -> None:
    without_background(split, predictions)
    loaded = classifier.load(run("first") / "model")
    assert loaded.labels == tuple(LABELS)
    assert loaded.threshold is None


@pytest.mark.parametrize(("sources", "told"), [("low|high|hum", "clip of other"), ("hum", "clip of background")])
def test_draws_that_leave_nothing_to_calibrate_by_are_an_error_that_says_to_draw_more(
    run: Callable[..., Path], predictions: Path, workspace: Path, sources: str, told: str
) -> None:
    rows = files.read_table(predictions)
    files.write_table(rows[~rows["source"].str.match(sources) | rows["source"].str.endswith("5")], predictions)
    with pytest.raises(EchoError, match=rf"{told} .* Raise crossval\.draws"):
        run("first")
    assert not (workspace / "first").exists()


def test_a_logistic_head_on_a_backbone_that_is_trained_along_is_an_error_that_names_the_key(
    run: Callable[..., Path], workspace: Path
) -> None:
    with pytest.raises(EchoError, match=r"params\.yaml: .*train.*head: with trainable all .* set it to dense"):
        run("first", trainable="all", head="logistic")
    assert not (workspace / "first").exists()


def test_source_on_two_sides_is_an_error_and_nothing_is_written(
    run: Callable[..., Path], split: Path, workspace: Path
) -> None:
    table = files.read_table(split)
    table.loc[5, "source"] = table.loc[0, "source"]
    files.write_table(table, split)
    with pytest.raises(EchoError, match="source low-0 stands on two sides"):
        run("first", trainable="none")
    assert not (workspace / "first").exists()


def test_training_that_diverges_is_an_error_and_nothing_is_written(run: Callable[..., Path], workspace: Path) -> None:
    with pytest.raises(EchoError, match=r"Lower train\.learning_rate"):
        run("first", trainable="none", head="dense", learning_rate=1e38)
    assert not (workspace / "first").exists()

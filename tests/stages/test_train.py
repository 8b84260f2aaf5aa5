"""The train stage in its three ways, on a network of a few layers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from project_echo import classifier, files, networks
from project_echo.errors import EchoError
from project_echo.tf import keras
from stages import embed, train

LABELS = ["<b>low & slow</b>", "high pitched"]


@pytest.fixture
def run(
    workspace: Path, spectrograms: Path, backbone: Path, split: Path, set_params: Callable[..., None]
) -> Callable[..., Path]:
    """Embed once, then train as often as one likes; gives the classifier's folder."""
    set_params("embed", blocks=[1])
    embed.main(spectrograms, backbone, workspace / "embeddings")

    def train_once(name: str, **params: object) -> Path:
        set_params(
            "train", **({"epochs": 2, "head_units": 8, "batch_size": 4, "learning_rate": 0.01, "last_n": 2} | params)
        )
        keras.utils.clear_session()  # as in a process of its own: layers are numbered from the start
        folder = workspace / name
        train.main(spectrograms, workspace / "embeddings", split, backbone, folder / "model", folder / "history.csv")
        return folder

    return train_once


def clips(spectrograms: Path) -> np.ndarray:
    return np.concatenate([files.read_array(spectrograms / f"{name}/5.npy")[:1] for name in ("low", "high")])


@pytest.mark.parametrize("trainable", ["none", "last_n", "all"])
def test_classifier_has_twins_that_agree_and_comes_out_the_same_again(
    run: Callable[..., Path], spectrograms: Path, trainable: str
) -> None:
    first = run("first", trainable=trainable)
    loaded = classifier.load(first / "model")
    assert loaded.labels == tuple(LABELS)
    twin = keras.models.load_model(first / "model/model.keras")
    np.testing.assert_allclose(loaded.predict(clips(spectrograms)), twin.predict(clips(spectrograms)), atol=1e-3)
    card = files.read_json(first / "model" / classifier.CARD)
    assert card["trained"] == {"trainable": trainable, "examples": 16, "blocks": [1]}  # 4 sources, 2 views, 2 labels
    history = files.read_table(first / "history.csv")
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]

    second = run("second", trainable=trainable)
    for path in [path for path in first.rglob("*") if path.is_file()]:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_learns_what_can_be_told_apart_on_a_backbone_that_stays_as_it_is(
    run: Callable[..., Path], spectrograms: Path, backbone: Path
) -> None:
    folder = run("first", trainable="none", epochs=40)
    low, high = classifier.load(folder / "model").predict(clips(spectrograms))
    assert (low.argmax(), high.argmax()) == (0, 1)
    model = keras.models.load_model(folder / "model/model.keras")
    given = networks.backbone((32, 39, 3), 80.0, [1], backbone / "mobilenet_v2.weights.h5")
    found, expected = (network.get_layer(networks.MOBILENET).get_weights() for network in (model, given))
    assert [weight.tobytes() for weight in found] == [weight.tobytes() for weight in expected]


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
        run("first", trainable="none", learning_rate=1e38)
    assert not (workspace / "first").exists()

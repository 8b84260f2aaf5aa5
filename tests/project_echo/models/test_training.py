"""Training with Keras, on embeddings that are well separated and on a network of a few layers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.datasets.examples import Examples
from project_echo.models import networks, training
from project_echo.models.backend import keras, repeatable
from project_echo.models.pooling import Pooling
from project_echo.models.recipe import Recipe

pytestmark = pytest.mark.slow  # in CI the stages train, and export, such networks

SHAPE = (32, 39, 3)
RECIPE = Recipe(
    trainable="none",
    last_n=2,
    head="dense",
    C=1.0,
    class_weight="balanced",
    head_units=8,
    dropout=0.2,
    weight_decay=0.001,
    learning_rate=0.01,
    batch_size=8,
    epochs=40,
    patience=5,
    seed=1,
)


def clusters(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Well separated embeddings of three labels, and the labels."""
    labels = np.arange(n) % 3
    noise = np.random.default_rng(seed).normal(0, 0.3, (n, 5))
    return (3 * np.eye(5)[labels] + noise).astype(np.float32), labels


TRAIN, VALIDATION = clusters(60, seed=1), clusters(15, seed=2)


# The head


def test_the_head_learns_well_separated_labels() -> None:
    repeatable(1)
    head, history = training.fit_head(*TRAIN, VALIDATION, 3, RECIPE)
    unseen, labels = clusters(30, seed=3)
    assert (head.predict(unseen).argmax(axis=1) == labels).all()
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert history["epoch"].tolist() == list(range(1, len(history) + 1))
    assert history["val_accuracy"].iloc[-1] == 1


def test_training_stops_when_the_validation_loss_stops_falling_and_keeps_the_best_epoch() -> None:
    repeatable(1)
    vectors, labels = VALIDATION
    wrong = vectors, (labels + 1) % 3  # what lowers the training loss raises this one, from the first epoch on
    head, history = training.fit_head(*TRAIN, wrong, 3, RECIPE)
    assert len(history) == history["val_loss"].idxmin() + 1 + RECIPE.patience < RECIPE.epochs
    head.compile(loss="sparse_categorical_crossentropy")
    assert head.evaluate(*wrong)[0] == pytest.approx(history["val_loss"].min(), rel=1e-4)


@pytest.mark.parametrize(("class_weight", "expected"), [(None, 2 / 10), ("balanced", 2 / 2 / (2 / 2 + 8 / 18))])
def test_balanced_class_weights_let_a_rare_class_count_as_much_as_a_common_one(
    class_weight: str | None, expected: float
) -> None:
    embeddings = np.repeat([[0], [1]], 10, axis=0).astype(np.float32)
    labels = np.array([0] * 18 + [1] * 2)  # of ten equal embeddings, two are of the rare class
    repeatable(1)
    changes = {"head_units": 0, "learning_rate": 0.1, "batch_size": 20, "class_weight": class_weight, "epochs": 20}
    validation = embeddings[:10], labels[:10]  # their loss falls in every epoch, so the last one is kept
    head, _ = training.fit_head(embeddings, labels, validation, 2, RECIPE.model_copy(update=changes))
    assert head.predict(embeddings)[-1, 1] == pytest.approx(expected, abs=0.1)


def test_training_that_diverges_is_an_error_that_names_the_parameter() -> None:
    with pytest.raises(EchoError, match=r"train\.learning_rate"):
        training.fit_head(*TRAIN, VALIDATION, 3, RECIPE.model_copy(update={"learning_rate": 1e38, "epochs": 2}))


# Batches


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of 10 clips, two views each; the first value of each says which it is."""
    folder = tmp_path_factory.mktemp("spectrograms")
    for clip in range(10):
        views = np.random.default_rng(clip).integers(-127, 128, (2, *SHAPE))
        views[:, 0, 0, 0] = [-2 * clip, -2 * clip - 1]
        files.write_array(views.astype(np.int8), folder / f"pond/{clip}.npy")
    return folder


FIRST_VALUES = [-float(view) for view in range(20)]


def examples(n_clips: int = 10, n_views: int = 2) -> Examples:
    names = np.array([f"pond/{clip}" for clip in range(n_clips)], dtype=object)
    return Examples(
        np.repeat(names, n_views), np.tile(np.arange(n_views), n_clips), np.repeat(np.arange(n_clips) % 2, n_views)
    )


def read_epoch(batches: training.Batches) -> tuple[list[float], list[int]]:
    """The first value and the label of every image of an epoch, in order."""
    pairs = [batches[index] for index in range(len(batches))]
    values = np.concatenate([batch[:, 0, 0, 0] for batch, _ in pairs]).tolist()
    batches.on_epoch_end()
    return values, np.concatenate([labels for _, labels in pairs]).tolist()


def test_every_epoch_holds_every_example_once_with_its_label(images: Path) -> None:
    batches = training.Batches(images, examples(), batch_size=8, seed=1)
    assert [len(batches[index][1]) for index in range(len(batches))] == [8, 8, 4]
    for _ in range(3):
        values, labels = read_epoch(batches)
        assert sorted(values) == sorted(FIRST_VALUES)
        assert labels == [int(-value) // 2 % 2 for value in values]


def test_every_epoch_has_another_order_which_depends_on_the_seed(images: Path) -> None:
    batches = training.Batches(images, examples(), 8, seed=1)
    orders = [read_epoch(batches)[0] for _ in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    same, other = training.Batches(images, examples(), 8, seed=1), training.Batches(images, examples(), 8, seed=2)
    assert [read_epoch(same)[0] for _ in range(3)] == orders
    assert read_epoch(other)[0] != orders[0]


def test_without_a_seed_the_order_is_kept(images: Path) -> None:
    batches = training.Batches(images, examples(), 8)
    assert read_epoch(batches)[0] == read_epoch(batches)[0] == FIRST_VALUES


# The network

Weights = dict[str, np.ndarray]


def weights_of(model: keras.Model) -> Weights:
    return {weight.path: weight.numpy() for weight in model.weights}


def train_network(images: Path, trainable: str) -> tuple[Weights, Weights, pd.DataFrame]:
    """Train for two epochs: weights before and after by name, and the history."""
    recipe = RECIPE.model_copy(update={"epochs": 2, "trainable": trainable, "head_units": 4})
    repeatable(recipe.seed)
    backbone = networks.backbone(SHAPE, Pooling(blocks=(1,), bands=(2,), slices=1, std=True, sqrt=False))
    repeatable(recipe.seed)  # as in train_network, so the head has the same weights at first
    head = networks.head(backbone.output_shape[-1], 2, recipe.head_units, recipe.dropout)
    before = weights_of(backbone) | weights_of(head)
    model, history = training.train_network(backbone, images, examples(), examples(n_views=1), 2, recipe)
    return before, weights_of(model), history


@pytest.fixture(scope="module")
def all_trained(images: Path) -> tuple[Weights, Weights, pd.DataFrame]:
    return train_network(images, "all")


@pytest.fixture(scope="module")
def last_2_trained(images: Path) -> tuple[Weights, Weights, pd.DataFrame]:
    return train_network(images, "last_n")


def changed_layers(before: Weights, after: Weights) -> set[str]:
    """Names of the layers whose weights differ."""
    return {path.split("/")[-2] for path in before if (before[path] != after[path]).any()}


HEAD = {"hidden", "probabilities"}


def test_last_n_trains_that_many_layers_from_the_end_no_batch_normalization_and_the_head(
    last_2_trained: tuple[Weights, Weights, pd.DataFrame],
) -> None:
    before, after, _ = last_2_trained
    assert changed_layers(before, after) == {"expanded_conv_project", "block_1_expand"} | HEAD


def test_all_trains_every_layer_including_batch_normalization_and_the_head(
    all_trained: tuple[Weights, Weights, pd.DataFrame],
) -> None:
    before, after, history = all_trained
    assert before.keys() == after.keys()
    layers = {path.split("/")[-2] for path in before}
    assert changed_layers(before, after) == layers > HEAD | {"bn_Conv1", "expanded_conv_project"}
    assert len(history) == 2


@pytest.mark.slow
def test_training_the_network_again_gives_the_same_bytes(
    images: Path, all_trained: tuple[Weights, Weights, pd.DataFrame]
) -> None:
    _, first, history = all_trained
    _, second, history_again = train_network(images, "all")
    assert {path: values.tobytes() for path, values in second.items()} == {
        path: values.tobytes() for path, values in first.items()
    }
    pd.testing.assert_frame_equal(history_again, history)

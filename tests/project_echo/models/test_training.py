"""Training, on embeddings that can be told apart and on a network of a few layers."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.datasets.examples import Examples
from project_echo.models import networks, training
from project_echo.models.backend import repeatable
from project_echo.models.recipe import Recipe

SHAPE = (32, 39, 3)
RECIPE = Recipe(
    trainable="none",
    last_n=2,
    head="dense",
    C=1.0,
    class_weights=True,
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
    """Embeddings of three labels that stand well apart, and the labels."""
    labels = np.arange(n) % 3
    noise = np.random.default_rng(seed).normal(0, 0.3, (n, 5))
    return (3 * np.eye(5)[labels] + noise).astype(np.float32), labels


TRAIN, VALIDATION = clusters(60, seed=1), clusters(15, seed=2)


def weights_of(seed: int, recipe: Recipe = RECIPE) -> list[np.ndarray]:
    repeatable(seed)
    head, _ = training.fit_head(*TRAIN, VALIDATION, 3, replace(recipe, epochs=3))
    return head.get_weights()


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


# The head


def test_head_learns_labels_that_can_be_told_apart() -> None:
    repeatable(1)
    head, history = training.fit_head(*TRAIN, VALIDATION, 3, RECIPE)
    unseen, labels = clusters(30, seed=3)
    assert (head.predict(unseen).argmax(axis=1) == labels).all()
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert history["epoch"].tolist() == list(range(1, len(history) + 1))
    assert history["val_accuracy"].iloc[-1] == 1


def test_training_stops_when_validation_gets_no_better_and_keeps_the_best_epoch() -> None:
    repeatable(1)
    vectors, labels = VALIDATION
    wrong = vectors, (labels + 1) % 3  # what helps in training harms here, from the first epoch on
    head, history = training.fit_head(*TRAIN, wrong, 3, RECIPE)
    assert len(history) == history["val_loss"].idxmin() + 1 + RECIPE.patience < RECIPE.epochs
    head.compile(loss="sparse_categorical_crossentropy")
    assert head.evaluate(*wrong)[0] == pytest.approx(history["val_loss"].min(), rel=1e-4)


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first = weights_of(seed=1)
    assert same(first, weights_of(seed=1))
    assert not same(first, weights_of(seed=2))


def test_class_weights_let_a_rare_class_count_as_much_as_a_common_one() -> None:
    heard = np.repeat([[0], [1]], 10, axis=0).astype(np.float32)
    labels = np.array([0] * 18 + [1] * 2)  # of ten that sound alike, two are of the rare class

    def probability_of_rare(class_weights: bool) -> float:
        repeatable(1)
        recipe = replace(RECIPE, head_units=0, learning_rate=0.1, batch_size=20, class_weights=class_weights)
        clear = heard[:10], labels[:10]  # these get better with every epoch, so the last one is kept
        head, _ = training.fit_head(heard, labels, clear, 2, recipe)
        return float(head.predict(heard)[-1, 1])

    assert probability_of_rare(class_weights=False) == pytest.approx(2 / 10, abs=0.1)
    assert probability_of_rare(class_weights=True) == pytest.approx(2 / 2 / (2 / 2 + 8 / 18), abs=0.1)


def test_training_that_diverges_is_an_error_that_says_what_to_lower() -> None:
    with pytest.raises(EchoError, match=r"train\.learning_rate"):
        training.fit_head(*TRAIN, VALIDATION, 3, replace(RECIPE, learning_rate=1e38))


# Batches


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of 10 clips, two views each; a value in each says which it is."""
    folder = tmp_path_factory.mktemp("spectrograms")
    for clip in range(10):
        views = np.random.default_rng(clip).uniform(-80, 0, (2, *SHAPE))
        views[:, 0, 0, 0] = [-clip, -clip - 0.5]
        files.write_array(views.astype(np.float16), folder / f"pond/{clip}.npy")
    return folder


def some(n_clips: int = 10, n_views: int = 2) -> Examples:
    names = np.array([f"pond/{clip}" for clip in range(n_clips)], dtype=object)
    return Examples(
        np.repeat(names, n_views), np.tile(np.arange(n_views), n_clips), np.repeat(np.arange(n_clips) % 2, n_views)
    )


def epoch(batches: training.Batches) -> tuple[list[float], list[int]]:
    read = [batches[place] for place in range(len(batches))]
    marks = np.concatenate([x[:, 0, 0, 0] for x, _ in read]).tolist()
    batches.on_epoch_end()
    return marks, np.concatenate([y for _, y in read]).tolist()


def test_every_epoch_holds_every_example_once_with_its_label(images: Path) -> None:
    batches = training.Batches(images, some(), batch_size=8, seed=1)
    assert [len(batches[place][1]) for place in range(len(batches))] == [8, 8, 4]
    for _ in range(3):
        marks, labels = epoch(batches)
        assert sorted(marks) == sorted([-clip - half for clip in range(10) for half in (0, 0.5)])
        assert labels == [int(-mark) % 2 for mark in marks]


def test_every_epoch_has_an_order_of_its_own_which_the_seed_decides(images: Path) -> None:
    batches = training.Batches(images, some(), 8, seed=1)
    orders = [epoch(batches)[0] for _ in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    again, other = training.Batches(images, some(), 8, seed=1), training.Batches(images, some(), 8, seed=2)
    assert [epoch(again)[0] for _ in range(3)] == orders
    assert epoch(other)[0] != orders[0]


def test_without_a_seed_the_order_stays(images: Path) -> None:
    batches = training.Batches(images, some(), 8)
    assert epoch(batches)[0] == epoch(batches)[0] == [-clip - half for clip in range(10) for half in (0, 0.5)]


# The network


@cache
def fit(images: Path, trainable: str, last_n: int = 2) -> tuple[dict, dict]:
    """Train for two epochs; weights by name before and after."""
    repeatable(1)
    backbone = networks.backbone(SHAPE, 80.0, [1], [2], True, None)
    model = networks.join(backbone, networks.head(backbone.output_shape[1], 2, units=4, dropout=0.2))
    before = {weight.path: weight.numpy() for weight in model.weights}
    batches = training.Batches(images, some(), batch_size=8, seed=1)
    held_out = training.Batches(images, some(n_views=1), batch_size=8)
    recipe = replace(RECIPE, epochs=2, trainable=trainable, last_n=last_n)
    history = training.fit_network(model, batches, held_out, recipe)
    assert len(history) == 2
    after = {weight.path: weight.numpy() for weight in model.weights}
    return before, after


def changed(before: dict, after: dict) -> set[str]:
    """Names of the layers of MobileNetV2 whose weights moved."""
    return {path.split("/")[-2] for path in before if "head" not in path and (before[path] != after[path]).any()}


def test_last_n_trains_that_many_layers_from_the_end_and_no_batch_normalisation(images: Path) -> None:
    before, after = fit(images, "last_n", last_n=2)
    assert changed(before, after) == {"expanded_conv_project", "block_1_expand"}
    before, after = fit(images, "last_n", last_n=1)
    assert changed(before, after) == {"block_1_expand"}


def test_all_trains_every_layer_and_batch_normalisation_too(images: Path) -> None:
    before, after = fit(images, "all")
    assert changed(before, after) == {path.split("/")[-2] for path in before if "head" not in path}


def test_training_the_network_trains_the_head_too(images: Path) -> None:
    before, after = fit(images, "last_n")
    moved = {path for path in before if "head" in path and (before[path] != after[path]).any()}
    assert {path.split("/")[-2] for path in moved} == {"hidden", "probabilities"}


def test_training_the_network_gives_the_same_bytes_again(images: Path) -> None:
    first, second = fit(images, "all")[1], fit.__wrapped__(images, "all")[1]
    assert same(list(first.values()), list(second.values()))

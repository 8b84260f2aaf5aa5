"""Training a head: the same on every run, and the same as the network that is saved."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from project_echo.models import heads, networks
from project_echo.models.backend import keras
from project_echo.models.logistic import Logistic
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params

RECIPE = load_params("train", Recipe, Path(__file__).parents[3] / "params.yaml")
LOGISTIC = RECIPE.model_copy(update={"head": "logistic", "C": 0.1})
DENSE = RECIPE.model_copy(update={"head": "dense", "head_units": 4, "batch_size": 16, "epochs": 2})
BOTH = pytest.mark.parametrize("recipe", [LOGISTIC, DENSE], ids=["logistic", "dense"])
ANIMALS, WIDTH = 3, 6


def clusters(n: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Well separated embeddings, shape (n, views, width), and their targets; from ANIMALS on they are background."""
    targets = np.arange(n) % classes
    noise = np.random.default_rng(seed).normal(0, 0.3, (n, 2, WIDTH))
    return (2 * np.eye(WIDTH)[targets][:, None] + noise).astype(np.float32), targets


TRAIN = clusters(40, ANIMALS + 1, seed=1)
HELD_OUT, HELD_OUT_TARGETS = clusters(20, ANIMALS + 1, seed=2)
VALIDATION = HELD_OUT[:, 0], HELD_OUT_TARGETS


@cache
def fit(recipe: Recipe, background: bool = True, run: int = 1) -> tuple[Logistic | keras.Model, pd.DataFrame]:
    """A head and its history; each `run` trains again."""
    (train, targets), (held_out, held_out_targets) = TRAIN, VALIDATION
    if not background:
        train, targets = train[targets < ANIMALS], targets[targets < ANIMALS]
        held_out, held_out_targets = held_out[held_out_targets < ANIMALS], held_out_targets[held_out_targets < ANIMALS]
    return heads.fit(train, targets, (held_out, held_out_targets), ANIMALS, recipe)


@BOTH
def test_a_head_is_the_same_whatever_was_drawn_at_random_before(recipe: Recipe) -> None:
    first, history = fit(recipe)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])  # draws weights at random
    np.random.default_rng().random()
    second, history_again = fit(recipe, run=2)
    values, expected = (heads.log_probabilities(head, VALIDATION[0]) for head in (second, first))
    assert values.tobytes() == expected.tobytes()
    pd.testing.assert_frame_equal(history_again, history)


def test_another_seed_gives_another_dense_head() -> None:
    recipes = DENSE, DENSE.model_copy(update={"seed": DENSE.seed + 1})
    first, second = (heads.log_probabilities(fit(recipe)[0], VALIDATION[0]) for recipe in recipes)
    assert (first != second).any()


def test_the_dense_head_does_not_learn_from_background() -> None:
    (with_background, history), (without, expected) = fit(DENSE), fit(DENSE, background=False)
    values = [heads.log_probabilities(head, VALIDATION[0]) for head in (with_background, without)]
    np.testing.assert_array_equal(*values)
    pd.testing.assert_frame_equal(history, expected)
    assert with_background.output_shape == (None, ANIMALS)


def test_the_logistic_head_has_a_history_of_one_row_with_loss_and_accuracy() -> None:
    head, history = fit(LOGISTIC)
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    (row,) = history.to_dict("records")
    assert row["epoch"] == 1
    assert row["accuracy"] == row["val_accuracy"] == 1
    for loss, (embeddings, targets) in {"loss": (TRAIN[0][:, 0], TRAIN[1]), "val_loss": VALIDATION}.items():
        assert row[loss] == pytest.approx(log_loss(targets, np.exp(heads.log_probabilities(head, embeddings))))


def test_the_dense_head_is_a_network_already() -> None:
    head, _ = fit(DENSE)
    assert networks.as_network(head, WIDTH) is head
    expected = np.log(head.predict(VALIDATION[0]))
    np.testing.assert_allclose(heads.log_probabilities(head, VALIDATION[0]), expected, atol=1e-5)


@BOTH
def test_log_probabilities_are_finite_however_confident_a_head_is(recipe: Recipe) -> None:
    head, _ = fit(recipe)
    assert np.isfinite(heads.log_probabilities(head, 1e4 * VALIDATION[0])).all()


@BOTH
def test_a_single_animal_is_told_from_background(recipe: Recipe) -> None:
    embeddings, targets = clusters(40, 2, seed=3)
    held_out, held_out_targets = clusters(20, 2, seed=4)
    validation = held_out[:, 0], held_out_targets
    learning = recipe.model_copy(update={"learning_rate": 0.03, "epochs": 20})
    head, history = heads.fit(embeddings, targets, validation, 1, learning)
    log_probabilities = heads.log_probabilities(head, validation[0])
    assert log_probabilities.shape == (20, 2)
    assert (log_probabilities.argmax(axis=1) == held_out_targets).mean() > 0.9
    assert history["val_accuracy"].iloc[-1] > 0.9
    saved = networks.as_network(head, WIDTH)(validation[0]).numpy()
    np.testing.assert_allclose(saved, np.exp(log_probabilities), atol=1e-5)

"""Training a head: the same on every run, and without background where it has no label."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from project_echo.models import heads
from project_echo.models.backend import keras
from project_echo.models.head import Dense, Head, Logistic
from project_echo.models.recipe import Recipe
from project_echo.pipeline.params import load_params
from tests.project_echo.models.embeddings import clusters

RECIPE = load_params("train", Recipe, Path(__file__).parents[3] / "params.yaml")
LOGISTIC = RECIPE.model_copy(update={"head": "logistic", "C": 0.1})
DENSE = RECIPE.model_copy(update={"head": "dense", "head_units": 4, "batch_size": 16, "epochs": 2})
BOTH = pytest.mark.parametrize("recipe", [LOGISTIC, DENSE], ids=["logistic", "dense"])
ANIMALS = 3
SIZES = [4, 2]


TRAIN = clusters(40, ANIMALS + 1, seed=1)
HELD_OUT, HELD_OUT_TARGETS = clusters(20, ANIMALS + 1, seed=2)
VALIDATION = HELD_OUT[:, 0], HELD_OUT_TARGETS


@cache
def fit(recipe: Recipe, background: bool = True, run: int = 1) -> tuple[Head, pd.DataFrame]:
    """A head and its history; each `run` trains again."""
    (train, targets), (held_out, held_out_targets) = TRAIN, VALIDATION
    if not background:
        train, targets = train[targets < ANIMALS], targets[targets < ANIMALS]
        held_out, held_out_targets = held_out[held_out_targets < ANIMALS], held_out_targets[held_out_targets < ANIMALS]
    return heads.fit(train, SIZES, targets, (held_out, held_out_targets), ANIMALS, recipe)


@BOTH
def test_a_head_is_the_same_whatever_was_drawn_at_random_before(recipe: Recipe) -> None:
    first, history = fit(recipe)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])  # draws weights at random
    np.random.default_rng().random()
    second, history_again = fit(recipe, run=2)
    values, expected = (head.log_probabilities(VALIDATION[0]) for head in (second, first))
    assert values.tobytes() == expected.tobytes()
    pd.testing.assert_frame_equal(history_again, history)


def test_another_seed_gives_another_dense_head() -> None:
    recipes = DENSE, DENSE.model_copy(update={"seed": DENSE.seed + 1})
    first, second = (fit(recipe)[0].log_probabilities(VALIDATION[0]) for recipe in recipes)
    assert (first != second).any()


def test_the_dense_head_does_not_learn_from_background() -> None:
    (with_background, history), (without, expected) = fit(DENSE), fit(DENSE, background=False)
    values = [head.log_probabilities(VALIDATION[0]) for head in (with_background, without)]
    np.testing.assert_array_equal(*values)
    pd.testing.assert_frame_equal(history, expected)
    assert values[0].shape == (len(VALIDATION[0]), ANIMALS)


def test_the_logistic_head_has_a_history_of_one_row_with_loss_and_accuracy() -> None:
    head, history = fit(LOGISTIC)
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    (row,) = history.to_dict("records")
    assert row["epoch"] == 1
    assert row["accuracy"] == row["val_accuracy"] == 1
    for loss, (embeddings, targets) in {"loss": (TRAIN[0][:, 0], TRAIN[1]), "val_loss": VALIDATION}.items():
        assert row[loss] == pytest.approx(log_loss(targets, np.exp(head.log_probabilities(embeddings))))


@BOTH
def test_a_head_is_arrays(recipe: Recipe) -> None:
    head, _ = fit(recipe)
    assert isinstance(head, Logistic if recipe is LOGISTIC else Dense)


@BOTH
def test_log_probabilities_are_finite_however_confident_a_head_is(recipe: Recipe) -> None:
    head, _ = fit(recipe)
    assert np.isfinite(head.log_probabilities(1e4 * VALIDATION[0])).all()


@BOTH
def test_a_single_animal_is_told_from_background(recipe: Recipe) -> None:
    embeddings, targets = clusters(40, 2, seed=3)
    held_out, held_out_targets = clusters(20, 2, seed=4)
    validation = held_out[:, 0], held_out_targets
    learning = recipe.model_copy(update={"learning_rate": 0.03, "epochs": 20})
    head, history = heads.fit(embeddings, SIZES, targets, validation, 1, learning)
    log_probabilities = head.log_probabilities(validation[0])
    assert log_probabilities.shape == (20, 2)
    assert (log_probabilities.argmax(axis=1) == held_out_targets).mean() > 0.9
    assert history["val_accuracy"].iloc[-1] > 0.9

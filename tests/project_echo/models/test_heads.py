"""One way to train a head: the same again, whatever else goes on, and the same in the network that is saved."""

from dataclasses import replace
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

PARAMS = load_params(Path(__file__).parents[3] / "params.yaml")
LOGISTIC = replace(Recipe(**dict(PARAMS.train)), head="logistic", C=0.1)
DENSE = replace(LOGISTIC, head="dense", head_units=4, batch_size=16, epochs=2)
ANIMALS, WIDTH = 3, 6


def clusters(n: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings (n, views, width) of classes that stand apart, and their targets; from ANIMALS on background."""
    targets = np.arange(n) % classes
    noise = np.random.default_rng(seed).normal(0, 0.3, (n, 2, WIDTH))
    return (2 * np.eye(WIDTH)[targets][:, None] + noise).astype(np.float32), targets


TRAIN = clusters(40, ANIMALS + 1, seed=1)
_held_out = clusters(20, ANIMALS + 1, seed=2)
VALIDATION = _held_out[0][:, 0], _held_out[1]


@cache
def fit(recipe: Recipe, background: bool = True, time: int = 1) -> tuple[Logistic | keras.Model, pd.DataFrame]:
    (train, known), (held_out, decided) = TRAIN, VALIDATION
    if not background:
        train, known = train[known < ANIMALS], known[known < ANIMALS]
        held_out, decided = held_out[decided < ANIMALS], decided[decided < ANIMALS]
    return heads.fit(train, known, (held_out, decided), ANIMALS, recipe)


@pytest.mark.parametrize("recipe", [LOGISTIC, DENSE], ids=["logistic", "dense"])
def test_a_head_comes_out_the_same_again_whatever_was_drawn_before(recipe: Recipe) -> None:
    first, history = fit(recipe)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])  # draws weights at random
    np.random.default_rng().random()
    second, again = fit(recipe, time=2)
    found, expected = (heads.log_probabilities(head, VALIDATION[0]) for head in (second, first))
    assert found.tobytes() == expected.tobytes()
    pd.testing.assert_frame_equal(again, history)


def test_another_seed_is_another_dense_head() -> None:
    seeds = DENSE.seed, DENSE.seed + 1
    first, second = (heads.log_probabilities(fit(replace(DENSE, seed=seed))[0], VALIDATION[0]) for seed in seeds)
    assert (first != second).any()


def test_the_dense_head_does_not_learn_from_background() -> None:
    (beside, history), (alone, expected) = fit(DENSE), fit(DENSE, background=False)
    np.testing.assert_array_equal(*(heads.log_probabilities(head, VALIDATION[0]) for head in (beside, alone)))
    pd.testing.assert_frame_equal(history, expected)
    assert beside.output_shape == (None, ANIMALS)


def test_the_logistic_head_has_a_history_of_one_row_that_says_how_good_it_is() -> None:
    head, history = fit(LOGISTIC)
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    (row,) = history.to_dict("records")
    assert row["epoch"] == 1
    assert row["accuracy"] == row["val_accuracy"] == 1
    for loss, (embeddings, targets) in {"loss": (TRAIN[0][:, 0], TRAIN[1]), "val_loss": VALIDATION}.items():
        assert row[loss] == pytest.approx(log_loss(targets, np.exp(heads.log_probabilities(head, embeddings))))


@pytest.mark.parametrize("background", [True, False])
def test_the_logistic_head_is_the_same_as_a_network(background: bool) -> None:
    head, _ = fit(LOGISTIC, background)
    network = networks.as_network(head, WIDTH)
    found = network.predict(5 * VALIDATION[0])
    assert found.shape == (20, ANIMALS + background)
    np.testing.assert_allclose(found, np.exp(heads.log_probabilities(head, 5 * VALIDATION[0])), atol=1e-5)


def test_the_dense_head_is_a_network_already() -> None:
    head, _ = fit(DENSE)
    assert networks.as_network(head, WIDTH) is head
    expected = np.log(head.predict(VALIDATION[0]))
    np.testing.assert_allclose(heads.log_probabilities(head, VALIDATION[0]), expected, atol=1e-5)


@pytest.mark.parametrize("recipe", [LOGISTIC, DENSE], ids=["logistic", "dense"])
def test_log_probabilities_are_finite_however_sure_a_head_is(recipe: Recipe) -> None:
    head, _ = fit(recipe)
    assert np.isfinite(heads.log_probabilities(head, 1e4 * VALIDATION[0])).all()

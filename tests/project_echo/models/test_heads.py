"""Training a head: the same on every run, and the dense one without background where it has no output for it."""

from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from project_echo.core.errors import EchoError
from project_echo.core.labels import NONE
from project_echo.datasets.examples import Embeddings
from project_echo.datasets.views import UNKNOWN, training_slices
from project_echo.models import heads, logistic
from project_echo.models.backend import keras
from project_echo.models.head import Dense, Head, Logistic, window_scores
from project_echo.models.recipe import Recipe, check_slices
from project_echo.pipeline.params import load_params
from tests.project_echo.models.embeddings import clusters, names, views_of

RECIPE = load_params("train", Recipe, Path(__file__).parents[3] / "params.yaml")
LOGISTIC = RECIPE.model_copy(update={"head": "logistic", "C": 10.0})
DENSE = RECIPE.model_copy(update={"head": "dense", "head_units": 4, "batch_size": 16, "epochs": 2})
BOTH = pytest.mark.parametrize("recipe", [LOGISTIC, DENSE], ids=["logistic", "dense"])
ANIMALS = ["boar", "fox", "owl"]
WIDTH = 6
WEIGHTS = np.repeat([0.5, 2.0], [4, 2])


def embedded(n: int, seed: int, animals: list[str] = ANIMALS, views: int = 1) -> tuple[np.ndarray, list[str]]:
    """Embeddings of the only slice of clips and their copies, shape (views, 1, width), and the labels of the clips."""
    rows, targets = clusters(n * views, len(animals) + 1, seed)
    order = np.argsort(targets, kind="stable")
    return rows[order][:, np.newaxis], names(targets[order][::views], animals)


TRAIN, LABELS = embedded(40, seed=1)
HELD_OUT, HELD_OUT_LABELS = embedded(20, seed=2)
VALIDATION = HELD_OUT, np.array(HELD_OUT_LABELS)


@cache
def fit(recipe: Recipe, background: bool = True, run: int = 1) -> tuple[Head, pd.DataFrame]:
    """A head and its history; each `run` trains again."""
    views = views_of(LABELS, ANIMALS)
    (embeddings, validation), held_out = (TRAIN, HELD_OUT), VALIDATION[1]
    if not background:
        kept = np.flatnonzero(views.label != NONE)
        embeddings, views = embeddings[kept], views[kept]
        validation, held_out = validation[held_out != NONE], held_out[held_out != NONE]
    return heads.fit(embeddings, WEIGHTS, views, (validation, held_out), ANIMALS, recipe)


@BOTH
def test_a_head_is_the_same_whatever_was_drawn_at_random_before(recipe: Recipe) -> None:
    first, history = fit(recipe)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])  # draws weights at random
    np.random.default_rng().random()
    second, history_again = fit(recipe, run=2)
    values, expected = (head.slice_scores(HELD_OUT) for head in (second, first))
    assert values.tobytes() == expected.tobytes()
    pd.testing.assert_frame_equal(history_again, history)


@pytest.mark.slow
def test_another_seed_gives_another_dense_head() -> None:
    recipes = DENSE, DENSE.model_copy(update={"seed": DENSE.seed + 1})
    first, second = (fit(recipe)[0].slice_scores(HELD_OUT) for recipe in recipes)
    assert (first != second).any()


def test_the_dense_head_does_not_learn_from_background() -> None:
    (with_background, history), (without, expected) = fit(DENSE), fit(DENSE, background=False)
    values = [head.slice_scores(HELD_OUT) for head in (with_background, without)]
    np.testing.assert_array_equal(values[0], values[1])
    pd.testing.assert_frame_equal(history, expected)
    assert values[0].shape == (len(HELD_OUT), 1, len(ANIMALS))


@pytest.mark.slow
def test_the_dense_head_does_not_learn_from_copies_with_a_second_call() -> None:
    embeddings, labels = embedded(20, seed=5, views=2)
    seconds = ["fox" if number % 2 else "" for number in range(20)]
    views = views_of(labels, ANIMALS, copies=1, seconds=seconds)
    changed = embeddings.copy()
    changed[views.second_label != ""] = 0
    first, second = (
        heads.fit(values, WEIGHTS, views, VALIDATION, ANIMALS, DENSE)[0].slice_scores(HELD_OUT)
        for values in (embeddings, changed)
    )
    np.testing.assert_array_equal(first, second)
    changed[views.second_label == ""] = 0
    third = heads.fit(changed, WEIGHTS, views, VALIDATION, ANIMALS, DENSE)[0].slice_scores(HELD_OUT)
    assert (third != first).any()


def test_the_logistic_head_learns_from_the_truth_of_every_second_slice() -> None:
    """The label of the clip does not count: the first slice alone holds the call."""
    rows, targets = clusters(60, 4, seed=1)
    calls, silence = rows[targets < 3], rows[targets == 3]
    embeddings = np.stack([calls, calls, *[np.resize(silence, calls.shape)] * 5], axis=1)
    views = views_of(names(targets[targets < 3], ANIMALS), ANIMALS, slices=7)
    views.truth[:, 1:] = 0
    fitted, _ = heads.fit(embeddings, WEIGHTS, views, (embeddings, views.label), ANIMALS, LOGISTIC)
    scores = fitted.slice_scores(embeddings)
    assert ((scores[:, 0] > 0) == (views.truth[:, 0] == 1)).mean() > 0.95
    assert (scores[:, 2:] < 0).mean() > 0.95
    changed = embeddings.copy()
    changed[:, 1::2] = 255 - changed[:, 1::2]
    again, _ = heads.fit(changed, WEIGHTS, views, (embeddings, views.label), ANIMALS, LOGISTIC)
    np.testing.assert_array_equal(again.slice_scores(embeddings), scores)


def test_a_label_of_which_all_is_unknown_is_as_probable_as_not() -> None:
    views = views_of(LABELS, ANIMALS)
    views.truth[:, :, 1] = UNKNOWN
    head, _ = heads.fit(TRAIN, WEIGHTS, views, VALIDATION, ANIMALS, LOGISTIC)
    assert (head.slice_scores(HELD_OUT)[..., 1] == 0).all()


def test_the_logistic_head_has_a_history_of_one_row_with_loss_and_accuracy() -> None:
    head, history = fit(LOGISTIC)
    assert list(history.columns) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    (row,) = history.to_dict("records")
    assert row["epoch"] == 1
    assert row["accuracy"] == row["val_accuracy"] == 1
    for loss, (embeddings, labels) in {"loss": (TRAIN, np.array(LABELS)), "val_loss": VALIDATION}.items():
        probabilities = 1 / (1 + np.exp(-window_scores(head.slice_scores(embeddings))))
        truth = labels[:, np.newaxis] == np.array(ANIMALS)
        assert row[loss] == pytest.approx(log_loss(truth.ravel(), probabilities.ravel()))


def test_the_history_is_of_the_clips_themselves_and_accuracy_of_animals_alone() -> None:
    embeddings, labels = embedded(20, seed=5, views=2)
    views = views_of(labels, ANIMALS, copies=1)
    head, history = heads.fit(embeddings, WEIGHTS, views, (HELD_OUT[:1], np.array([NONE])), ANIMALS, LOGISTIC)
    originals = views.view == 0
    scores, truth = window_scores(head.slice_scores(embeddings[originals])), views.label[originals]
    animal = truth != NONE
    expected = np.mean(np.array(ANIMALS)[scores[animal].argmax(axis=1)] == truth[animal])
    assert history["accuracy"].item() == pytest.approx(expected)
    assert np.isnan(history["val_accuracy"].item()) and np.isfinite(history["val_loss"].item())


class Counted:
    """Embeddings that note which slices are asked for, and how many views at a time."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.slices, self.views = values, 0, [0]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, tuple):
            self.slices += len(index[0])
        else:
            self.views.append(len(index))
        return self.values[index]


def test_only_what_is_used_is_read_and_a_few_views_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, labels = embedded(40, seed=5, views=3)
    views = views_of(labels, ANIMALS, copies=2)
    expected, history = heads.fit(embeddings, WEIGHTS, views, VALIDATION, ANIMALS, LOGISTIC)
    learned, held_out = Counted(embeddings), Counted(HELD_OUT)
    monkeypatch.setattr(heads, "VIEWS_AT_ONCE", 7)
    by = cast(Embeddings, held_out), VALIDATION[1]
    head, again = heads.fit(cast(Embeddings, learned), WEIGHTS, views, by, ANIMALS, LOGISTIC)
    assert head.slice_scores(HELD_OUT).tobytes() == expected.slice_scores(HELD_OUT).tobytes()
    pd.testing.assert_frame_equal(again, history, check_exact=True)
    assert max(learned.views) <= 7 and max(held_out.views) <= 7
    assert sum(learned.views) == 40  # the clips themselves
    assert (learned.slices, held_out.slices) == (len(training_slices(views)[0]), 0)
    monkeypatch.setattr(logistic, "MAX_ROWS", 60)
    fewer = Counted(embeddings)
    heads.fit(cast(Embeddings, fewer), WEIGHTS, views, VALIDATION, ANIMALS, LOGISTIC)
    assert fewer.slices == 60


@BOTH
def test_a_head_is_arrays_whose_scores_are_finite_however_confident_it_is(recipe: Recipe) -> None:
    head, _ = fit(recipe)
    assert isinstance(head, Logistic if recipe is LOGISTIC else Dense)
    assert np.isfinite(head.slice_scores(1e4 * HELD_OUT.astype(float))).all()


@BOTH
def test_a_single_animal_is_told_from_background(recipe: Recipe) -> None:
    (embeddings, labels), (held_out, truth) = embedded(40, 3, ["boar"]), embedded(20, 4, ["boar"])
    learning = recipe.model_copy(update={"learning_rate": 0.03, "epochs": 20})
    views = views_of(labels, ["boar"])
    head, history = heads.fit(embeddings, WEIGHTS, views, (held_out, np.array(truth)), ["boar"], learning)
    scores = head.slice_scores(held_out)
    assert scores.shape == (20, 1, 2 if recipe is DENSE else 1)
    assert ((scores[:, 0, 0] > 0) == (np.array(truth) == "boar")).mean() > 0.9
    assert history["val_accuracy"].iloc[-1] > 0.9


def test_the_outputs_of_the_dense_head_are_the_animals_or_a_single_one_and_none() -> None:
    truths = np.array(["fox", NONE, "boar", "newt"])
    assert heads.dense_targets(truths, ["boar", "fox"]).tolist() == [1, -1, 0, -1]
    assert heads.dense_targets(truths, ["fox"]).tolist() == [0, 1, -1, -1]


def test_the_dense_head_takes_a_single_slice_and_the_logistic_one_any_number() -> None:
    check_slices("dense", 1)
    check_slices("logistic", 1)
    check_slices("logistic", 7)
    with pytest.raises(EchoError, match=r"embed\.slices is 7.*train\.head"):
        check_slices("dense", 7)

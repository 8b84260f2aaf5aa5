"""Training a head on embeddings of the frozen backbone, shared by train and crossval."""

import numpy as np
import pandas as pd
from scipy.special import log_expit

from project_echo.core.labels import NONE, PARTIAL
from project_echo.datasets.examples import Embeddings
from project_echo.datasets.views import Views, training_slices
from project_echo.models import logistic
from project_echo.models.head import Dense, Head, Logistic, window_scores
from project_echo.models.recipe import Recipe

VIEWS_AT_ONCE = 64  # that are read and scored, which bounds memory


def fit(
    embeddings: np.ndarray | Embeddings,
    weights: np.ndarray,
    views: Views,
    validation: tuple[np.ndarray | Embeddings, np.ndarray],
    labels: list[str],
    recipe: Recipe,
) -> tuple[Head, pd.DataFrame]:
    """Train a head on the embeddings of views of clips.

    Parameters
    ----------
    embeddings : np.ndarray or Embeddings, of shape (views, slices, width), uint8
    weights : np.ndarray of shape (width,)
        What `embedding.entry_weights` returns.
    views : Views
        The logistic head learns from every label of the slices that `training_slices` chooses; the dense one from the
        label of the clip, without copies that hold a second call, without partially labelled clips, and without
        background unless there is a single animal.
    validation : tuple
        Embeddings of shape (clips, slices, width) and labels of shape (clips,). The dense head stops training by them;
        for the logistic head they only enter the history.
    labels : list of str
        The animals.
    recipe : Recipe

    Returns
    -------
    head : Logistic or Dense
    history : pd.DataFrame
        A row per epoch with epoch, loss, val_loss, accuracy and val_accuracy; one row for the logistic head.
    """
    if recipe.head == "dense":
        return fit_dense(embeddings, views, validation, labels, recipe)
    head = fit_logistic(embeddings, weights, views, recipe)
    original = np.flatnonzero((views.view == 0) & (views.label != PARTIAL))
    held_out, truths = validation
    learned = _measures(predict(head, embeddings, original), views.label[original], labels)
    unseen = _measures(predict(head, held_out, np.arange(len(held_out))), truths, labels)
    row = {"epoch": 1} | learned | {f"val_{name}": value for name, value in unseen.items()}
    return head, pd.DataFrame([row])[["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]]


def fit_logistic(embeddings: np.ndarray | Embeddings, weights: np.ndarray, views: Views, recipe: Recipe) -> Logistic:
    """Train the logistic head; see `fit`."""
    of_view, of_slice = training_slices(views)
    drawn = logistic.draw_rows(len(of_view), recipe.seed)
    of_view, of_slice = of_view[drawn], of_slice[drawn]
    truth, balanced = views.truth[of_view, of_slice], recipe.class_weight == "balanced"
    return Logistic(logistic.fit(embeddings[of_view, of_slice], weights, truth, recipe.C, balanced, recipe.seed))


def predict(head: Head, embeddings: np.ndarray | Embeddings, indices: np.ndarray) -> np.ndarray:
    """Log-odds of windows.

    Parameters
    ----------
    head : Logistic or Dense
    embeddings : np.ndarray or Embeddings, of shape (views, slices, width)
    indices : np.ndarray of int, shape (n,)
        Of the views.

    Returns
    -------
    np.ndarray of shape (n, outputs)
    """
    # Sums of the logistic head are exact; the last bits of the dense one's depend on how many rows are multiplied.
    size = VIEWS_AT_ONCE if isinstance(head, Logistic) else len(indices)
    batches = (indices[start : start + size] for start in range(0, len(indices), size))
    return np.concatenate([window_scores(head.slice_scores(embeddings[batch])) for batch in batches])


def _measures(scores: np.ndarray, truths: np.ndarray, labels: list[str]) -> dict[str, float]:
    """Mean log loss of all labels, and the accuracy on clips of animals of the most probable one."""
    is_label = truths[:, np.newaxis] == np.array(labels)
    loss = -log_expit(np.where(is_label, scores, -scores)).mean()
    animals = truths != NONE
    accuracy = is_label[animals, scores[animals].argmax(axis=1)].mean() if animals.any() else np.nan
    return {"loss": float(loss), "accuracy": float(accuracy)}


def dense_targets(truths: np.ndarray, labels: list[str]) -> np.ndarray:
    """True outputs of the dense head, shape (clips,), from labels; -1 for clips that it does not learn from."""
    outputs = labels if len(labels) > 1 else [*labels, NONE]
    codes = {label: code for code, label in enumerate(outputs)}
    return np.array([codes.get(label, -1) for label in truths], int)


def fit_dense(
    embeddings: np.ndarray | Embeddings,
    views: Views,
    validation: tuple[np.ndarray | Embeddings, np.ndarray],
    labels: list[str],
    recipe: Recipe,
) -> tuple[Dense, pd.DataFrame]:
    """Train the dense head; see `fit`. There is one slice, the whole window."""
    # TensorFlow takes seconds to import, and the logistic head does without.
    from project_echo.models import networks, training  # noqa: PLC0415
    from project_echo.models.backend import keras, repeatable  # noqa: PLC0415

    keras.utils.clear_session()  # Keras keeps every graph that it has made: many draws would fill the memory
    repeatable(recipe.seed)
    targets = np.where(views.second_label == "", dense_targets(views.label, labels), -1)
    held_out = dense_targets(validation[1], labels)
    network, history = training.fit_head(
        embeddings[targets >= 0, 0].astype(np.float32),
        targets[targets >= 0],
        (validation[0][held_out >= 0, 0].astype(np.float32), held_out[held_out >= 0]),
        max(2, len(labels)),
        recipe,
    )
    return networks.dense_arrays(network), history

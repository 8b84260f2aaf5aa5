"""Training a head on embeddings of the frozen backbone, shared by train and crossval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from project_echo.models import logistic
from project_echo.models.head import Head
from project_echo.models.logistic import BLOCK, Embeddings
from project_echo.models.recipe import Recipe


def fit(
    embeddings: Embeddings,
    sizes: Sequence[int],
    targets: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    n_animals: int,
    recipe: Recipe,
) -> tuple[Head, pd.DataFrame]:
    """Train a head on the embeddings of clips and their augmented copies.

    Parameters
    ----------
    embeddings : Embeddings of shape (clips, views, width)
    sizes : sequence of int
        Entries of each part of an embedding.
    targets : np.ndarray of int, shape (clips,)
        Indices of labels. From `n_animals` on they are background, from which only the logistic head learns; the dense
        one does if there is a single animal.
    validation : tuple of np.ndarray
        Embeddings of shape (clips, width) and targets of shape (clips,). The dense head stops training by them; for
        the logistic head they only enter the history.
    n_animals : int
    recipe : Recipe

    Returns
    -------
    head : Logistic or Dense
    history : pd.DataFrame
        A row per epoch with epoch, loss, val_loss, accuracy and val_accuracy; one row for the logistic head.
    """
    if recipe.head == "logistic":
        balanced = recipe.class_weight == "balanced"
        head = logistic.fit(embeddings, sizes, targets, n_animals, recipe.C, balanced, recipe.seed)
        blocks = np.split(np.arange(len(targets)), range(BLOCK, len(targets), BLOCK))
        train = np.concatenate([head.log_probabilities(embeddings[block][:, 0]) for block in blocks])
        return head, _history((train, targets), (head.log_probabilities(validation[0]), validation[1]))
    # TensorFlow takes seconds to import, and the logistic head does without.
    from project_echo.models import networks, training  # noqa: PLC0415
    from project_echo.models.backend import keras, repeatable  # noqa: PLC0415

    keras.utils.clear_session()  # Keras keeps every graph that it has made: many draws would fill the memory
    repeatable(recipe.seed)

    n_labels = max(2, n_animals)
    learned, validated = targets < n_labels, validation[1] < n_labels
    views, width = embeddings.shape[1:]
    network, history = training.fit_head(
        embeddings[learned].reshape(-1, width).astype(np.float32),
        np.repeat(targets[learned], views),
        (validation[0][validated].astype(np.float32), validation[1][validated]),
        n_labels,
        recipe,
    )
    return networks.dense_arrays(network, steps=True), history


def _history(train: tuple[np.ndarray, np.ndarray], validation: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """A history of one row, from log-probabilities, shape (clips, labels), and targets, shape (clips,)."""
    row: dict[str, float] = {"epoch": 1}
    for prefix, (logs, targets) in (("", train), ("val_", validation)):
        row[f"{prefix}loss"] = -float(logs[np.arange(len(targets)), targets].mean())
        row[f"{prefix}accuracy"] = float((logs.argmax(axis=1) == targets).mean())
    return pd.DataFrame([row])[["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]]

"""The one way to train a head on embeddings of the frozen backbone, shared by train and crossval."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from project_echo.models import logistic
from project_echo.models.calibration import SMALLEST
from project_echo.models.logistic import BLOCK, Embeddings, Logistic
from project_echo.models.recipe import Recipe

if TYPE_CHECKING:
    from project_echo.models.backend import keras


def fit(
    embeddings: Embeddings,
    targets: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    n_animals: int,
    recipe: Recipe,
) -> tuple["Logistic | keras.Model", pd.DataFrame]:
    """Train on clips and their copies: embeddings of shape (clips, views, width), targets of shape (clips,).

    Targets from `n_animals` on are background, of which only the logistic head learns. `validation` has embeddings of
    shape (clips, width) and targets; the dense head stops by them, the logistic one has nothing to decide. Returns the
    head and its history: a row per epoch with epoch, loss, val_loss, accuracy and val_accuracy; the logistic head has
    one row, of the end.
    """
    if recipe.head == "logistic":
        head = logistic.fit(embeddings, targets, n_animals, recipe.C, recipe.class_weights, recipe.seed)
        blocks = np.split(np.arange(len(targets)), range(BLOCK, len(targets), BLOCK))
        learned = np.concatenate([head.log_probabilities(embeddings[block][:, 0]) for block in blocks])
        return head, _end((learned, targets), (head.log_probabilities(validation[0]), validation[1]))
    # TensorFlow takes seconds to import, and the logistic head does without.
    from project_echo.models import training  # noqa: PLC0415
    from project_echo.models.backend import keras, repeatable  # noqa: PLC0415

    keras.utils.clear_session()  # it keeps every graph it has made: many draws would fill the memory
    repeatable(recipe.seed)

    animal, held_out = targets < n_animals, validation[1] < n_animals
    views, width = embeddings.shape[1:]
    return training.fit_head(
        embeddings[animal].reshape(-1, width),
        np.repeat(targets[animal], views),
        (validation[0][held_out], validation[1][held_out]),
        n_animals,
        recipe,
    )


def log_probabilities(head: "Logistic | keras.Model", embeddings: np.ndarray) -> np.ndarray:
    """Of embeddings of shape (clips, width), shape (clips, labels)."""
    if isinstance(head, Logistic):
        return head.log_probabilities(embeddings)
    found: np.ndarray = np.log(np.maximum(head(embeddings, training=False).numpy(), SMALLEST))
    return found


def _end(train: tuple[np.ndarray, np.ndarray], validation: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """The history's only row, of log-probabilities, shape (clips, labels), and targets, shape (clips,)."""
    row: dict[str, float] = {"epoch": 1}
    for prefix, (found, targets) in (("", train), ("val_", validation)):
        row[f"{prefix}loss"] = -float(found[np.arange(len(targets)), targets].mean())
        row[f"{prefix}accuracy"] = float((found.argmax(axis=1) == targets).mean())
    return pd.DataFrame([row])[["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]]

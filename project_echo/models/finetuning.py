"""Training a classifier whose backbone is not frozen, and saving its backbone in floats."""

from pathlib import Path

import pandas as pd

from project_echo.datasets.examples import Examples
from project_echo.models import networks, training
from project_echo.models.backend import repeatable
from project_echo.models.card import BACKBONE, WEIGHTS
from project_echo.models.conversion import convert
from project_echo.models.head import Dense
from project_echo.models.pooling import Pooling
from project_echo.models.recipe import Recipe


def train_backbone(
    shape: tuple[int, int, int],
    pooling: Pooling,
    weights: Path,
    spectrograms: Path,
    train: Examples,
    validation: Examples,
    n_labels: int,
    recipe: Recipe,
    folder: Path,
) -> tuple[Dense, pd.DataFrame]:
    """Train a dense head together with all or a part of the backbone, and save the backbone for LiteRT and for Keras.

    Parameters
    ----------
    shape : tuple of int
        Of the images, (n_mels, frames, 3).
    pooling : Pooling
    weights : Path
        Keras weights to start from.
    spectrograms : Path
        Folder of images.
    train, validation : Examples
    n_labels : int
    recipe : Recipe
    folder : Path
        Of the classifier, where BACKBONE and WEIGHTS are written.

    Returns
    -------
    head : Dense
    history : pd.DataFrame
        As `training.fit_head` returns it.
    """
    repeatable(recipe.seed)
    backbone = networks.backbone(shape, pooling, weights)
    model, history = training.train_network(backbone, spectrograms, train, validation, n_labels, recipe)
    (folder / BACKBONE).write_bytes(convert(backbone, pooling.blocks))
    backbone.save_weights(folder / WEIGHTS)
    return networks.dense_arrays(model.get_layer("head")), history

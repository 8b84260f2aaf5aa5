"""Training with Keras: the dense head on embeddings, or the network itself on spectrograms."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.class_weight import compute_class_weight
from tqdm import tqdm

from project_echo.core.errors import EchoError
from project_echo.core.seeds import generator
from project_echo.datasets.examples import Examples, read_examples
from project_echo.models import networks
from project_echo.models.backend import keras, repeatable, tf
from project_echo.models.head import SMALLEST
from project_echo.models.recipe import Recipe


def fit_head(
    embeddings: np.ndarray, labels: np.ndarray, validation: tuple[np.ndarray, np.ndarray], n_labels: int, recipe: Recipe
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the dense head on embeddings.

    Parameters
    ----------
    embeddings : np.ndarray of shape (clips, channels)
    labels : np.ndarray of int, shape (clips,)
        0 to n_labels - 1.
    validation : tuple of np.ndarray
        Embeddings and labels, by which training stops and the epoch to keep is chosen.
    n_labels : int
    recipe : Recipe

    Returns
    -------
    head : keras.Model
    history : pd.DataFrame
        A row per epoch with epoch, loss, val_loss, accuracy and val_accuracy.
    """
    head = networks.head(embeddings.shape[1], n_labels, recipe.head_units, recipe.dropout, embeddings)
    # Through tf.data: given the arrays themselves, Keras takes four times as long for an epoch of a few small batches.
    clips = tf.data.Dataset.from_tensor_slices((embeddings, labels)).shuffle(len(labels)).batch(recipe.batch_size)
    held_out = tf.data.Dataset.from_tensor_slices(validation).batch(recipe.batch_size)
    return head, _fit(head, clips, held_out, labels, recipe)


def train_network(
    backbone: keras.Model,
    spectrograms: Path,
    train: Examples,
    validation: Examples,
    n_labels: int,
    recipe: Recipe,
) -> tuple[keras.Model, pd.DataFrame]:
    """Put a new dense head on a backbone and train both on spectrograms.

    Parameters
    ----------
    backbone : keras.Model
        What `networks.backbone` returns.
    spectrograms : Path
        Folder of images.
    train, validation : Examples
    n_labels : int
    recipe : Recipe

    Returns
    -------
    model : keras.Model
        From spectrogram to probabilities.
    history : pd.DataFrame
        As `fit_head` returns it.
    """
    repeatable(recipe.seed)
    head = networks.head(backbone.output_shape[-1], n_labels, recipe.head_units, recipe.dropout)
    model = networks.join(backbone, head)
    batches = Batches(spectrograms, train, recipe.batch_size, recipe.seed)
    return model, fit_network(model, batches, Batches(spectrograms, validation, recipe.batch_size), recipe)


def fit_network(model: keras.Model, batches: "Batches", validation: "Batches", recipe: Recipe) -> pd.DataFrame:
    """Train the head of a model, and all or a part of its backbone.

    Parameters
    ----------
    model : keras.Model
        From spectrogram to probabilities (`networks.join`).
    batches, validation : Batches
    recipe : Recipe
        `trainable` is `all`, batch normalization included, or `last_n`: the last convolutions of MobileNetV2, while its
        batch normalizations keep ImageNet's statistics.

    Returns
    -------
    pd.DataFrame
        As `fit_head` returns it.

    References
    ----------
    Keras developer guides, "Transfer learning & fine-tuning".
    """
    layers = [layer for layer in model.get_layer(networks.MOBILENET).layers if layer.weights]
    convolutions = [layer for layer in layers if not isinstance(layer, keras.layers.BatchNormalization)]
    for layer in layers:
        layer.trainable = recipe.trainable == "all" or layer in convolutions[-recipe.last_n :]
    return _fit(model, batches, validation, batches.examples.targets, recipe)


def log_odds(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Log-odds, shape (clips, outputs), of images of shape (clips, n_mels, frames, 3)."""
    probabilities = model(images.astype(np.float32), training=False).numpy().astype(np.float64)
    odds: np.ndarray = np.log(np.maximum(probabilities, SMALLEST)) - np.log(np.maximum(1 - probabilities, SMALLEST))
    return odds


class Batches(keras.utils.PyDataset):
    """Batches of images, read from disk on access and shuffled before each epoch."""

    def __init__(self, folder: Path, examples: Examples, batch_size: int, seed: int | None = None):
        """Without a `seed` the order is kept."""
        super().__init__()
        self.examples = examples
        self._folder, self._batch_size = folder, batch_size
        self._generator = None if seed is None else generator(seed, "batches")
        self._order = np.arange(len(examples))
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self.examples) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batch = self.examples[self._order[index * self._batch_size : (index + 1) * self._batch_size]]
        return read_examples(self._folder, batch).astype(np.float32), batch.targets

    def on_epoch_end(self) -> None:
        if self._generator is not None:
            self._generator.shuffle(self._order)


def _fit(model: keras.Model, batches: Any, validation: Any, labels: np.ndarray, recipe: Recipe) -> pd.DataFrame:
    model.compile(
        optimizer=keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
    )
    model.optimizer.build(model.trainable_variables)  # made within the first step, they would have it traced twice
    stop = keras.callbacks.EarlyStopping("val_loss", patience=recipe.patience, restore_best_weights=True)
    with tqdm(total=recipe.epochs, desc="epochs", disable=None, leave=False) as bar:
        show = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: bar.update())
        fitted = model.fit(
            batches,
            validation_data=validation,
            epochs=recipe.epochs,
            class_weight=_balanced(labels) if recipe.class_weight else None,
            callbacks=[stop, show],
            verbose=0,
        )
    history = pd.DataFrame(fitted.history)[["loss", "val_loss", "accuracy", "val_accuracy"]]
    if not np.isfinite(history["val_loss"].min()):
        raise EchoError(
            "the validation loss is NaN or infinite in every epoch. Lower train.learning_rate in params.yaml."
        )
    history.insert(0, "epoch", np.arange(1, len(history) + 1))
    return history


def _balanced(labels: np.ndarray) -> dict[int, float]:
    """Weights by which every class counts the same."""
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))

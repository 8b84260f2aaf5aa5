"""Training: the head on embeddings of a frozen backbone, or the network itself on spectrograms."""

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
from project_echo.models.recipe import Recipe


def fit_head(
    embeddings: np.ndarray, labels: np.ndarray, validation: tuple[np.ndarray, np.ndarray], n_labels: int, recipe: Recipe
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a head on embeddings, shape (clips, channels), with labels 0 to n_labels - 1, shape (clips,).

    `validation` (embeddings and labels) decides when to stop, and which epoch's weights are kept. Returns the head and
    its history: a row per epoch with loss, val_loss, accuracy and val_accuracy.
    """
    head = networks.head(embeddings.shape[1], n_labels, recipe.head_units, recipe.dropout, embeddings)
    # Through tf.data: handed the arrays themselves, Keras takes four times as long for an epoch of a few small batches.
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
    """Put a new head on a backbone and train it on the images in `spectrograms`; the joined model and its history."""
    repeatable(recipe.seed)
    head = networks.head(backbone.output_shape[1], n_labels, recipe.head_units, recipe.dropout)
    model = networks.join(backbone, head)
    batches = Batches(spectrograms, train, recipe.batch_size, recipe.seed)
    return model, fit_network(model, batches, Batches(spectrograms, validation, recipe.batch_size), recipe)


def fit_network(model: keras.Model, batches: "Batches", validation: "Batches", recipe: Recipe) -> pd.DataFrame:
    """Train the joined model from spectrogram to probabilities itself: its head, and of its backbone all or some.

    `recipe.trainable` is `all`, batch normalisation included, or `last_n`: the last so many convolutions of
    MobileNetV2, while its batch normalisations keep ImageNet's statistics, as Keras' guide to fine-tuning advises.
    """
    layers = [layer for layer in model.get_layer(networks.MOBILENET).layers if layer.weights]
    convolutions = [layer for layer in layers if not isinstance(layer, keras.layers.BatchNormalization)]
    for layer in layers:
        layer.trainable = recipe.trainable == "all" or layer in convolutions[-recipe.last_n :]
    return _fit(model, batches, validation, batches.examples.targets, recipe)


class Batches(keras.utils.PyDataset):
    """Batches of images, read from disk as they are needed and shuffled anew each epoch."""

    def __init__(self, folder: Path, examples: Examples, batch_size: int, seed: int | None = None):
        """Without a `seed` the order stays as it is."""
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
        return read_examples(self._folder, batch), batch.targets

    def on_epoch_end(self) -> None:
        if self._generator is not None:
            self._generator.shuffle(self._order)


def _fit(model: keras.Model, batches: Any, validation: Any, labels: np.ndarray, recipe: Recipe) -> pd.DataFrame:
    model.compile(
        optimizer=keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
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
        raise EchoError("the validation loss is not a number in any epoch. Lower train.learning_rate in params.yaml.")
    history.insert(0, "epoch", np.arange(1, len(history) + 1))
    return history


def _balanced(labels: np.ndarray) -> dict[int, float]:
    """Weights that let every class count the same."""
    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))

"""Keras networks, for training and export: the backbone from image to embedding, the heads from embedding to labels."""

from pathlib import Path

import numpy as np

from project_echo.features.config import LOUDEST
from project_echo.models.backend import keras
from project_echo.models.embedding import EPSILON, STEPS, check_bands, floor_variance
from project_echo.models.head import Dense, Head, Linear, Logistic
from project_echo.models.pooling import Pooling

MOBILENET = "mobilenet_v2"


def backbone(shape: tuple[int, int, int], pooling: Pooling, weights: Path | None = None) -> keras.Model:
    """MobileNetV2 (alpha 1.0) from image to embedding.

    The network is convolutional and takes the image as it is; nothing is resized.

    Parameters
    ----------
    shape : tuple of int
        Of the images, (n_mels, frames, 3). They hold integers from -127 to 127.
    pooling : Pooling
        Blocks whose activations are pooled, and how: averaged over time and, within each band, over frequency.
        Standard deviations over time, averaged alike, follow if `std` is set; square roots are taken if `sqrt` is.
    weights : Path, optional
        HDF5 file that the backbone stage writes. Without it weights are random, which is of use in tests only.

    Returns
    -------
    keras.Model
        From images of shape (batch, n_mels, frames, 3) to embeddings of shape (batch, channels).

    Raises
    ------
    EchoError
        If the rows of a block cannot be divided evenly among its bands.

    References
    ----------
    Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
    """
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    if weights is not None:
        network.load_weights(weights)
    taps = [tap(network, block) for block in pooling.blocks]
    check_bands([activations.shape[1] for activations in taps], pooling)
    pooled = []
    for activations, n_bands in zip(taps, pooling.bands, strict=True):
        pooled += _pool(activations, n_bands, pooling)
    embedding = keras.layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    mobilenet = keras.Model(network.input, embedding, name=MOBILENET)
    image = keras.Input(shape, name="spectrogram")
    scaled = keras.layers.Rescaling(1 / LOUDEST, name="scale")(image)  # to -1..1, as it was trained
    return keras.Model(image, mobilenet(scaled), name="backbone")


def tap(mobilenet: keras.Model, block: int | str) -> keras.KerasTensor:
    """The activations of a block that are pooled: the widest of the block, after its expansion."""
    return mobilenet.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu").output


def _pool(activations: keras.KerasTensor, n_bands: int, pooling: Pooling) -> list[keras.KerasTensor]:
    """Means over time, and standard deviations if asked for, within bands: each (batch, n_bands * channels)."""
    _, rows, columns, channels = activations.shape
    over_time = keras.layers.AveragePooling2D((1, columns))
    in_bands = [keras.layers.AveragePooling2D((rows // n_bands, 1)), keras.layers.Reshape((n_bands * channels,))]
    mean = over_time(activations)
    statistics = [mean]
    if pooling.std:
        statistics += [_square_root(over_time(keras.ops.square(activations - mean)))]
    bands = [in_bands[1](in_bands[0](statistic)) for statistic in statistics]
    return [_square_root(values) for values in bands] if pooling.sqrt else bands


def _square_root(values: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.sqrt(values + EPSILON)  # its slope at 0 is infinite


def head(width: int, n_labels: int, units: int, dropout: float, embeddings: np.ndarray | None = None) -> keras.Model:
    """The dense head: from embedding to probabilities, with one hidden layer or none.

    Parameters
    ----------
    width : int
        Channels of an embedding.
    n_labels : int
    units : int
        Of the hidden layer; 0 for none.
    dropout : float
        Share of hidden units dropped in training.
    embeddings : np.ndarray of shape (clips, width), optional
        By whose mean and variance the head standardizes first. That is for a frozen backbone: the embeddings of one
        that is trained along do not keep them.

    Returns
    -------
    keras.Model
    """
    layers = [keras.Input((width,), name="embedding")]
    if embeddings is not None:
        layers += [_standardize_layer(embeddings)]
    if units:
        layers += [keras.layers.Dense(units, activation="relu", name="hidden"), keras.layers.Dropout(dropout)]
    layers += [keras.layers.Dense(n_labels, activation="softmax", name="probabilities")]
    return keras.Sequential(layers, name="head")


def _standardize_layer(embeddings: np.ndarray) -> keras.layers.Layer:
    layer = keras.layers.Normalization(name="standardize")
    layer.adapt(embeddings)
    layer.adapt_variance.assign(floor_variance(layer.adapt_variance.numpy()))
    layer.finalize_state()
    return layer


def dense_arrays(head: keras.Model, steps: bool) -> Dense:
    """A trained dense head as plain arrays.

    Parameters
    ----------
    head : keras.Model
        What `head` returns.
    steps : bool
        Whether it was trained on stored embeddings, which are in steps, or on what the backbone returns.

    Returns
    -------
    Dense
        For stored embeddings.
    """
    layers = {layer.name: layer for layer in head.layers}
    width = head.input_shape[1]
    mean, scale = np.zeros(width), np.full(width, 1.0 if steps else STEPS)
    if "standardize" in layers:
        standardize = layers["standardize"]
        mean = np.asarray(standardize.mean, np.float64).ravel()
        scale = np.sqrt(np.asarray(standardize.variance, np.float64).ravel())
    linears = {
        name: Linear(*(np.asarray(values, np.float64) for values in layers[name].get_weights()))
        for name in ("hidden", "probabilities")
        if name in layers
    }
    return Dense(mean, scale, linears.get("hidden"), linears["probabilities"])


def as_network(head: Head, width: int) -> keras.Model:
    """A trained head as a network from what the backbone returns, shape (width,), to probabilities."""
    embedding = keras.Input((width,), name="embedding")
    steps = keras.layers.Rescaling(STEPS, name="steps")(embedding)
    linears: dict[str, Linear | None]
    if isinstance(head, Logistic):
        # With a single animal there is nothing to tell apart.
        linears = {"animals": head.animals if len(head.animals.bias) > 1 else None, "presence": head.presence}
        probabilities = _logistic_probabilities(head, steps)
    else:
        linears = {"hidden": head.hidden, "probabilities": head.output}
        flow = keras.layers.Normalization(mean=head.mean, variance=head.scale**2, name="standardize")(steps)
        if head.hidden is not None:
            flow = keras.layers.Dense(len(head.hidden.bias), activation="relu", name="hidden")(flow)
        probabilities = _softmax(head.output, "probabilities")(flow)
    network = keras.Model(embedding, probabilities, name="head")
    for name, linear in linears.items():
        if linear is not None:
            network.get_layer(name).set_weights([linear.weights, linear.bias])
    return network


def _logistic_probabilities(head: Logistic, steps: keras.KerasTensor) -> keras.KerasTensor:
    if head.presence is None:
        return _softmax(head.animals, "animals")(steps)
    background = _softmax(head.presence, "presence")(steps)[:, -1:]
    animals = 1 - background
    if len(head.animals.bias) > 1:
        animals = _softmax(head.animals, "animals")(steps) * animals
    return keras.layers.Concatenate(name="probabilities")([animals, background])


def _softmax(linear: Linear, name: str) -> keras.layers.Layer:
    return keras.layers.Dense(len(linear.bias), activation="softmax", name=name)


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """One model from image to probabilities."""
    return keras.Model(backbone.input, head(backbone.output), name="project_echo")

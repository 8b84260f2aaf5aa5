"""Keras networks, for training and export: the backbone from image to embedding, the heads from embedding to labels."""

from pathlib import Path

import numpy as np

from project_echo.features.config import LOUDEST
from project_echo.features.slices import slice_edges
from project_echo.models.backend import keras
from project_echo.models.embedding import EPSILON, check_shapes, floor_variance, steps
from project_echo.models.head import HIGHEST_SLICES, Dense, Head, Linear, Logistic
from project_echo.models.pooling import Pooling

MOBILENET = "mobilenet_v2"


def backbone(shape: tuple[int, int, int], pooling: Pooling, weights: Path | None = None) -> keras.Model:
    """MobileNetV2 (alpha 1.0) from image to the embeddings of its slices.

    The network is convolutional and takes the image as it is; nothing is resized.

    Parameters
    ----------
    shape : tuple of int
        Of the images, (n_mels, frames, 3). They hold integers from -127 to 127.
    pooling : Pooling
        Blocks whose activations are pooled, and how: averaged over the time of each slice and the frequencies of each
        band. Standard deviations over both follow if `std` is set; square roots are taken if `sqrt` is.
    weights : Path, optional
        HDF5 file that the backbone stage writes. Without it weights are random, which is of use in tests only.

    Returns
    -------
    keras.Model
        From images of shape (batch, n_mels, frames, 3) to embeddings of shape (batch, slices, width), in steps of
        `embedding.steps`, not rounded.

    Raises
    ------
    EchoError
        If a block cannot be divided into its bands, or a window into its slices.

    References
    ----------
    Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
    """
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    if weights is not None:
        network.load_weights(weights)
    taps = [tap(network, block) for block in pooling.blocks]
    check_shapes([activations.shape[1:] for activations in taps], pooling)
    pooled = []
    for activations, n_bands in zip(taps, pooling.bands, strict=True):
        pooled += _pool(activations, n_bands, pooling)
    embedding = keras.layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    embedding = keras.layers.Rescaling(steps(pooling), name="steps")(embedding)
    mobilenet = keras.Model(network.input, embedding, name=MOBILENET)
    image = keras.Input(shape, name="spectrogram")
    scaled = keras.layers.Rescaling(1 / LOUDEST, name="scale")(image)  # to -1..1, as it was trained
    return keras.Model(image, mobilenet(scaled), name="backbone")


def tap(mobilenet: keras.Model, block: int | str) -> keras.KerasTensor:
    """The activations of a block that are pooled: the widest of the block, after its expansion."""
    return mobilenet.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu").output


def _pool(activations: keras.KerasTensor, n_bands: int, pooling: Pooling) -> list[keras.KerasTensor]:
    """Means, and standard deviations if asked for, within slices and bands: each (batch, slices, bands * channels)."""
    _, rows, columns, channels = activations.shape
    edges = slice_edges(columns, pooling.slices)
    ends = edges[-pooling.slices :]
    pooled: list[list[keras.KerasTensor]] = [[], []]
    for first, last in zip(edges[: pooling.slices], ends, strict=True):
        area = activations[:, :, int(first) : int(last)]
        bands = keras.ops.reshape(area, (-1, n_bands, rows // n_bands, int(last - first), channels))
        mean = keras.ops.mean(bands, axis=(2, 3), keepdims=True)
        statistics = [mean]
        if pooling.std:
            statistics += [_square_root(keras.ops.mean(keras.ops.square(bands - mean), axis=(2, 3), keepdims=True))]
        for kept, statistic in zip(pooled, statistics, strict=False):
            values = keras.ops.reshape(statistic, (-1, 1, n_bands * channels))
            kept.append(_square_root(values) if pooling.sqrt else values)
    return [keras.ops.concatenate(of_slices, axis=1) for of_slices in pooled if of_slices]


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


def dense_arrays(head: keras.Model) -> Dense:
    """A trained dense head as plain arrays.

    Parameters
    ----------
    head : keras.Model
        What `head` returns.

    Returns
    -------
    Dense
    """
    layers = {layer.name: layer for layer in head.layers}
    width = head.input_shape[1]
    mean, scale = np.zeros(width), np.ones(width)
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


def as_network(head: Head, slices: int, width: int) -> keras.Model:
    """A trained head as a network from what the backbone returns, shape (slices, width), to probabilities."""
    embedding = keras.Input((slices, width), name="embedding")
    linears: dict[str, Linear | None]
    if isinstance(head, Logistic):
        linears = {"animals": head.animals}
        scores = keras.layers.Dense(len(head.animals.bias), name="animals")(embedding)
        highest = keras.ops.flip(keras.ops.sort(scores, axis=1), axis=1)[:, :HIGHEST_SLICES]
        probabilities = keras.layers.Activation("sigmoid", name="probabilities")(keras.ops.mean(highest, axis=1))
    else:
        linears = {"hidden": head.hidden, "probabilities": head.output}
        flow = keras.layers.Normalization(mean=head.mean, variance=head.scale**2, name="standardize")(embedding[:, 0])
        if head.hidden is not None:
            flow = keras.layers.Dense(len(head.hidden.bias), activation="relu", name="hidden")(flow)
        probabilities = keras.layers.Dense(len(head.output.bias), activation="softmax", name="probabilities")(flow)
    network = keras.Model(embedding, probabilities, name="head")
    for name, linear in linears.items():
        if linear is not None:
            network.get_layer(name).set_weights([linear.weights, linear.bias])
    return network


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """One model from image to probabilities. A head that takes vectors gets those of the only slice."""
    embeddings = backbone.output if len(head.input_shape) == 3 else backbone.output[:, 0]
    return keras.Model(backbone.input, head(embeddings), name="project_echo")

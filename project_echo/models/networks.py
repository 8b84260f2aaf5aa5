"""The networks: the backbone from spectrogram to embedding, the heads from embedding to probabilities."""

from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.models.backend import keras, tf
from project_echo.models.logistic import Linear, Logistic, floor_variance
from project_echo.models.pooling import Pooling

MOBILENET = "mobilenet_v2"


def backbone(shape: tuple[int, int, int], top_db: float, pooling: Pooling, weights: Path | None = None) -> keras.Model:
    """MobileNetV2 (alpha 1.0) from spectrogram to embedding.

    The network is convolutional and takes the image as it is; nothing is resized.

    Parameters
    ----------
    shape : tuple of int
        Of the images, (n_mels, frames, 3).
    top_db : float
        Images are in dB, -top_db to 0.
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
    pooled = []
    for block, n_bands in zip(pooling.blocks, pooling.bands, strict=True):
        activations = tap(network, block)
        rows = activations.shape[1]
        if rows % n_bands:
            raise EchoError(
                f"embed.bands: block {block} has {rows} rows for {shape[0]} mel bands, which cannot be divided into "
                f"{n_bands} bands. Use a divisor of {rows}."
            )
        pooled += _pool(activations, n_bands, pooling)
    embedding = keras.layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    mobilenet = keras.Model(network.input, embedding, name=MOBILENET)
    spectrogram = keras.Input(shape, name="spectrogram")
    scaled = keras.layers.Rescaling(2 / top_db, offset=1, name="scale")(spectrogram)  # to -1..1, as it was trained
    return keras.Model(spectrogram, mobilenet(scaled), name="backbone")


def tap(mobilenet: keras.Model, block: int | str) -> keras.KerasTensor:
    """The activations of a block that are pooled: the widest of the block, after its expansion."""
    return mobilenet.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu").output


def _pool(activations: keras.KerasTensor, n_bands: int, pooling: Pooling) -> list[keras.KerasTensor]:
    """Means over time, and standard deviations if asked for, within bands: each (batch, n_bands * channels)."""
    _, rows, columns, channels = activations.shape
    over_time = keras.layers.AveragePooling2D((1, columns))  # LiteRT runs it much faster than a mean over an axis
    in_bands = [keras.layers.AveragePooling2D((rows // n_bands, 1)), keras.layers.Reshape((n_bands * channels,))]
    mean = over_time(activations)
    statistics = [mean]
    if pooling.std:
        statistics += [_square_root(over_time(keras.ops.square(activations - mean)))]
    bands = [in_bands[1](in_bands[0](statistic)) for statistic in statistics]
    return [_square_root(values) for values in bands] if pooling.sqrt else bands


def _square_root(values: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.sqrt(values + 1e-6)  # its slope at 0 is infinite


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


def as_network(head: Logistic | keras.Model, width: int) -> keras.Model:
    """A trained head as a network from embedding, shape (width,), to probabilities."""
    return logistic_head(width, head) if isinstance(head, Logistic) else head


def logistic_head(width: int, fitted: Logistic) -> keras.Model:
    """The logistic head as a network from embedding, shape (width,), to the probabilities of its labels."""
    embedding = keras.Input((width,), name="embedding")
    linears = {"animals": fitted.animals}
    if fitted.presence is not None:
        linears["presence"] = fitted.presence
        if len(fitted.animals.bias) == 1:  # `presence` has both labels
            del linears["animals"]
    outputs = [_softmax(linear, name)(embedding) for name, linear in linears.items()]
    probabilities = outputs[0]
    if len(outputs) == 2:
        background = outputs[1][:, -1:]
        probabilities = keras.layers.Concatenate(name="probabilities")([probabilities * (1 - background), background])
    network = keras.Model(embedding, probabilities, name="head")
    for name, linear in linears.items():
        network.get_layer(name).set_weights([linear.weights, linear.bias])
    return network


def _softmax(linear: Linear, name: str) -> keras.layers.Layer:
    return keras.layers.Dense(len(linear.bias), activation="softmax", name=name)


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """One model from spectrogram to probabilities."""
    return keras.Model(backbone.input, head(backbone.output), name="project_echo")


def embedder(backbone: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    """The backbone as a compiled function of images, shape (batch, n_mels, frames, 3), in inference mode."""
    signature = [tf.TensorSpec((None, *backbone.input_shape[1:]), tf.float32)]
    return tf.function(lambda images: backbone(images, training=False), input_signature=signature)

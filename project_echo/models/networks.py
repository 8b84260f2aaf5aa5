"""The networks: a backbone from spectrogram to embedding, a head from embedding to probabilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from project_echo.core.errors import EchoError
from project_echo.models.backend import keras, tf
from project_echo.models.logistic import Linear, Logistic, floored

MOBILENET = "mobilenet_v2"


def backbone(
    shape: tuple[int, int, int],
    top_db: float,
    blocks: Sequence[int | str],
    bands: Sequence[int],
    deviations: bool,
    weights: Path | None,
    root: bool = False,
) -> keras.Model:
    """MobileNetV2 (alpha 1.0) from spectrogram to embedding.

    Takes images of `shape` (n_mels, frames, 3) in dB, -top_db to 0, and gives the activations of `blocks`, pooled, side
    by side: shape (batch, channels). The network is convolutional and takes the image as it is; nothing is resized.
    Blocks are counted as Keras names them (1 to 16), each tapped where it is widest, after its expansion; `last` is the
    last convolution, what ImageNet's own classifier reads. Each is averaged over time and, within as many frequency
    bands as `bands` says for it, over frequency; with `deviations` the standard deviations over time, averaged alike,
    follow, and with `root` the square roots of all are given. Without `weights` (the HDF5 file that the backbone stage
    writes) they are random, which is of use in tests only.

    Raises EchoError if a block has not so many rows that its bands can share them evenly.

    Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
    """
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    if weights is not None:
        network.load_weights(weights)
    taps = [network.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu") for block in blocks]
    pooled = []
    for block, tap, n_bands in zip(blocks, taps, bands, strict=True):
        rows = tap.output.shape[1]
        if rows % n_bands:
            raise EchoError(
                f"embed.bands: the {rows} rows that block {block} makes of {shape[0]} mel bands cannot be shared by "
                f"{n_bands} bands. Take a divisor of {rows}."
            )
        pooled += _pooled(tap.output, n_bands, deviations, root)
    embedding = keras.layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    mobilenet = keras.Model(network.input, embedding, name=MOBILENET)
    spectrogram = keras.Input(shape, name="spectrogram")
    scaled = keras.layers.Rescaling(2 / top_db, offset=1, name="scale")(spectrogram)  # to -1..1, as it was trained
    return keras.Model(spectrogram, mobilenet(scaled), name="backbone")


def _pooled(activations: keras.KerasTensor, n_bands: int, deviations: bool, root: bool) -> list[keras.KerasTensor]:
    """Averages over time, and deviations if wanted, within bands: each of shape (batch, n_bands * channels)."""
    _, rows, columns, channels = activations.shape
    over_time = keras.layers.AveragePooling2D((1, columns))  # LiteRT runs it much faster than a mean over an axis
    in_bands = [keras.layers.AveragePooling2D((rows // n_bands, 1)), keras.layers.Reshape((n_bands * channels,))]
    mean = over_time(activations)
    found = [mean]
    if deviations:
        variance = over_time(keras.ops.square(activations - mean))
        found += [_root(variance)]
    bands = [in_bands[1](in_bands[0](values)) for values in found]
    return [_root(values) for values in bands] if root else bands


def _root(values: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.sqrt(values + 1e-6)  # at 0 itself its slope has no end


def head(width: int, n_labels: int, units: int, dropout: float, embeddings: np.ndarray | None = None) -> keras.Model:
    """A small classifier from embedding, shape (width,), to probabilities: one hidden layer, or none, and softmax.

    With `embeddings`, shape (clips, width), it standardises first, by their mean and variance. That is for a backbone
    that stays as it is: one that is trained along would leave them behind.
    """
    layers = [keras.Input((width,), name="embedding")]
    if embeddings is not None:
        layers += [_standardise(embeddings)]
    if units:
        layers += [keras.layers.Dense(units, activation="relu", name="hidden"), keras.layers.Dropout(dropout)]
    layers += [keras.layers.Dense(n_labels, activation="softmax", name="probabilities")]
    return keras.Sequential(layers, name="head")


def _standardise(embeddings: np.ndarray) -> keras.layers.Layer:
    layer = keras.layers.Normalization(name="standardise")
    layer.adapt(embeddings)
    layer.adapt_variance.assign(floored(layer.adapt_variance.numpy()))
    layer.finalize_state()
    return layer


def as_network(head: Logistic | keras.Model, width: int) -> keras.Model:
    """A trained head as a network from embedding, shape (width,), to probabilities."""
    return logistic_head(width, head) if isinstance(head, Logistic) else head


def logistic_head(width: int, fitted: Logistic) -> keras.Model:
    """The logistic head as a network from embedding, shape (width,), to the probabilities of its labels."""
    embedding = keras.Input((width,), name="embedding")
    probabilities = _softmax(fitted.animals, "animals")(embedding)
    if fitted.presence is not None:
        presence = _softmax(fitted.presence, "presence")(embedding)
        background = presence[:, -1:]
        probabilities = keras.layers.Concatenate(name="probabilities")([probabilities * (1 - background), background])
    network = keras.Model(embedding, probabilities, name="head")
    for name, linear in (("animals", fitted.animals), ("presence", fitted.presence)):
        if linear is not None:
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

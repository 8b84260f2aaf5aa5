"""The networks: a backbone from spectrogram to embedding, a head from embedding to probabilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from project_echo.tf import keras, tf

MOBILENET = "mobilenet_v2"
VARIANCE_FLOOR = 0.01  # of the mean variance over all channels


def backbone(
    shape: tuple[int, int, int], top_db: float, blocks: Sequence[int | str], weights: Path | None
) -> keras.Model:
    """MobileNetV2 (alpha 1.0) from spectrogram to embedding.

    Takes images of `shape` (n_mels, frames, 3) in dB, -top_db to 0, and gives the averages over time and frequency of
    the activations of `blocks`, side by side: shape (batch, channels). The network is convolutional and takes the
    image as it is; nothing is resized. Blocks are counted as Keras names them (1 to 16), each tapped where it is
    widest, after its expansion; `last` is the last convolution, what ImageNet's own classifier reads. Without
    `weights` (the HDF5 file that the backbone stage writes) they are random, which is of use in tests only.

    Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
    """
    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    if weights is not None:
        network.load_weights(weights)
    taps = [network.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu") for block in blocks]
    pooled = [keras.layers.GlobalAveragePooling2D()(tap.output) for tap in taps]
    embedding = keras.layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    mobilenet = keras.Model(network.input, embedding, name=MOBILENET)
    spectrogram = keras.Input(shape, name="spectrogram")
    scaled = keras.layers.Rescaling(2 / top_db, offset=1, name="scale")(spectrogram)  # to -1..1, as it was trained
    return keras.Model(spectrogram, mobilenet(scaled), name="backbone")


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
    variance = layer.adapt_variance.numpy()
    # A channel that was silent throughout a small training set may speak later: divided by nothing, it would drown all
    # others.
    layer.adapt_variance.assign(np.maximum(variance, VARIANCE_FLOOR * variance.mean()))
    layer.finalize_state()
    return layer


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """One model from spectrogram to probabilities."""
    return keras.Model(backbone.input, head(backbone.output), name="project_echo")


def embedder(backbone: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    """The backbone as a compiled function of images, shape (batch, n_mels, frames, 3), in inference mode."""
    signature = [tf.TensorSpec((None, *backbone.input_shape[1:]), tf.float32)]
    return tf.function(lambda images: backbone(images, training=False), input_signature=signature)

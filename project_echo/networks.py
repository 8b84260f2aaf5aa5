"""The networks: a backbone from spectrogram to embedding, a head from embedding to probabilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from project_echo.tf import keras, tf

MOBILENET = "mobilenet_v2"


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


def head(embeddings: np.ndarray, n_labels: int, units: int, dropout: float) -> keras.Model:
    """A small classifier from embedding to probabilities: standardise, one hidden layer (or none), softmax.

    `embeddings`, shape (clips, channels), are those of training, whose mean and variance standardise all others.
    """
    standardise = keras.layers.Normalization(name="standardise")
    standardise.adapt(embeddings)
    layers = [keras.Input(embeddings.shape[1:], name="embedding"), standardise]
    if units:
        layers += [keras.layers.Dense(units, activation="relu", name="hidden"), keras.layers.Dropout(dropout)]
    layers += [keras.layers.Dense(n_labels, activation="softmax", name="probabilities")]
    return keras.Sequential(layers, name="head")


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """One model from spectrogram to probabilities."""
    return keras.Model(backbone.input, head(backbone.output), name="project_echo")


def embedder(backbone: keras.Model) -> tf.types.experimental.PolymorphicFunction:
    """The backbone as a compiled function of images, shape (batch, n_mels, frames, 3), in inference mode."""
    signature = [tf.TensorSpec((None, *backbone.input_shape[1:]), tf.float32)]
    return tf.function(lambda images: backbone(images, training=False), input_signature=signature)

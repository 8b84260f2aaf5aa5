"""Where in a spectrogram the classifier finds a label: Grad-CAM."""

from collections.abc import Sequence

import numpy as np

from project_echo.models.backend import keras, tf
from project_echo.models.networks import MOBILENET

TINY = float(np.finfo(np.float32).tiny)


def attention(model: keras.Model, blocks: Sequence[int | str], image: np.ndarray, target: int) -> np.ndarray:
    """Where an image speaks for a label: shape (n_mels, frames), float32, 0 to 1, and 0 throughout if nowhere.

    `model` goes from spectrogram to probabilities (networks.join), `blocks` are those whose activations it pools,
    `image` has shape (n_mels, frames, 3), in dB, and `target` is the index of the label.

    Each channel of a tapped block weighs by the mean gradient of the label's log probability, of each row of its own;
    the weighted channels are summed and what speaks against the label is cut off. The maps of the finest and of the
    coarsest tap, resized to the image and scaled to a peak of 1, are multiplied, and the root taken. All of it is
    inference: batch normalisation uses the averages of training. What deviations over time say goes into the map only
    by way of the blocks in between: their own gradients have a mean of nothing.

    Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    ICCV 2017, equations 1 and 2, but that their mean is over all rows; the product of a fine and a coarse map is that
    of their section 3.2.
    """
    mobilenet = model.get_layer(MOBILENET)
    # Looked at on clips of the demo: out_relu alone (4 x 8 cells of an image of 128 x 246) finds the call and no more;
    # block 6 alone (16 x 31) follows its harmonics, and speckles of background with them; single cells at the border
    # take all of block 13. Fine times coarse keeps the harmonics where the call is.
    by_size = sorted((_tap(mobilenet, block) for block in blocks), key=lambda tap: tap.shape[1])
    tapped = keras.Model(mobilenet.input, [by_size[-1], by_size[0], mobilenet.output])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        flow = tf.constant(image[np.newaxis], dtype=tf.float32)
        tape.watch(flow)
        for layer in model.layers[1:]:  # after the input; a nested model shows its taps only if it is called itself
            if layer is mobilenet:
                fine, coarse, flow = tapped(flow, training=False)
            else:
                flow = layer(flow, training=False)
        # Log odds have the gradient of the log probability but for a factor, which scaling takes away; that of a log
        # probability near 0 is lost in rounding, and the surest clips would have no map.
        others = tf.reduce_sum(flow[0, :target]) + tf.reduce_sum(flow[0, target + 1 :])
        log_odds = _log(flow[0, target]) - _log(others)
    gradients = tape.gradient(log_odds, (fine, coarse))
    maps = [_weighed(*tap, image.shape[:2]) for tap in zip((fine, coarse), gradients, strict=True)]
    return _to_peak(np.sqrt(maps[0] * maps[1]))


def _tap(mobilenet: keras.Model, block: int | str) -> keras.KerasTensor:
    """What is pooled of a block, as networks.backbone taps it."""
    return mobilenet.get_layer("out_relu" if block == "last" else f"block_{block}_expand_relu").output


def _log(probability: tf.Tensor) -> tf.Tensor:
    return tf.math.log(tf.maximum(probability, TINY))  # of 0 there is none


def _weighed(activations: tf.Tensor, gradients: tf.Tensor, shape: tuple[int, int]) -> np.ndarray:
    # Over time only: the embedding holds bands apart, and a channel may speak for a label in one and not in another.
    weights = tf.reduce_mean(gradients, axis=2, keepdims=True)
    spoken_for = tf.nn.relu(tf.reduce_sum(weights * activations, axis=-1, keepdims=True))
    return _to_peak(tf.image.resize(spoken_for, shape, method="bilinear").numpy()[0, :, :, 0])


def _to_peak(values: np.ndarray) -> np.ndarray:
    peak = values.max()
    scaled: np.ndarray = values / peak if peak > 0 else values
    return scaled

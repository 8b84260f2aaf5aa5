"""Grad-CAM: where in a spectrogram the classifier finds evidence for a label."""

from collections.abc import Sequence

import numpy as np

from project_echo.models.backend import keras, tf
from project_echo.models.networks import MOBILENET, tap

TINY = float(np.finfo(np.float32).tiny)


def attention(model: keras.Model, blocks: Sequence[int | str], image: np.ndarray, target: int) -> np.ndarray:
    """Grad-CAM map of the evidence for a label in an image.

    Each channel of a tapped block is weighted by the mean gradient of the label's log probability, separately for each
    row of the block; the weighted channels are summed, and evidence against the label is cut off. The maps of the
    finest and of the coarsest tap are resized to the image and scaled to a peak of 1; the result is the square root of
    their product, scaled again. Batch normalization uses the averages of training. The standard deviations over time in
    the embedding contribute only through the blocks in between: the mean of their own gradients is zero.

    Parameters
    ----------
    model : keras.Model
        From spectrogram to probabilities, as `networks.join` builds it.
    blocks : sequence of int or str
        The blocks that are pooled in its embedding.
    image : np.ndarray of shape (n_mels, frames, 3), float
        Log-mel image, dB.
    target : int
        Index of the label.

    Returns
    -------
    np.ndarray of shape (n_mels, frames), float32
        0 to 1, and 0 throughout if nothing is evidence for the label.

    References
    ----------
    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017:
    equations 1 and 2, where the mean is over all rows, and section 3.2 for the product of a fine and a coarse map.
    """
    mobilenet = model.get_layer(MOBILENET)
    # On clips of the demo, out_relu alone (4 x 8 cells for an image of 128 x 246) finds the call but no detail, block 6
    # alone (16 x 31) follows the harmonics but also speckles of background, and in block 13 single cells at the border
    # dominate. Fine times coarse keeps the harmonics where the call is.
    by_size = sorted((tap(mobilenet, block) for block in blocks), key=lambda activations: activations.shape[1])
    tapped = keras.Model(mobilenet.input, [by_size[-1], by_size[0], mobilenet.output])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        flow = tf.constant(image[np.newaxis], dtype=tf.float32)
        tape.watch(flow)
        for layer in model.layers[1:]:  # after the input; a nested model shows its taps only if it is called itself
            if layer is mobilenet:
                fine, coarse, flow = tapped(flow, training=False)
            else:
                flow = layer(flow, training=False)
        # Log odds have the gradient of the log probability up to a factor, which the scaling removes. The log of a
        # probability near 1 loses its gradient in rounding, and the most confident clips would have no map.
        other_labels = tf.reduce_sum(flow[0, :target]) + tf.reduce_sum(flow[0, target + 1 :])
        log_odds = _log(flow[0, target]) - _log(other_labels)
    gradients = tape.gradient(log_odds, (fine, coarse))
    maps = [_weighted_map(*pair, image.shape[:2]) for pair in zip((fine, coarse), gradients, strict=True)]
    return _to_peak(np.sqrt(maps[0] * maps[1]))


def _log(probability: tf.Tensor) -> tf.Tensor:
    return tf.math.log(tf.maximum(probability, TINY))  # the log of 0 is infinite


def _weighted_map(activations: tf.Tensor, gradients: tf.Tensor, shape: tuple[int, int]) -> np.ndarray:
    # Means over time only: the embedding pools bands separately, and a channel may be evidence in one band alone.
    weights = tf.reduce_mean(gradients, axis=2, keepdims=True)
    evidence = tf.nn.relu(tf.reduce_sum(weights * activations, axis=-1, keepdims=True))
    return _to_peak(tf.image.resize(evidence, shape, method="bilinear").numpy()[0, :, :, 0])


def _to_peak(values: np.ndarray) -> np.ndarray:
    peak = values.max()
    scaled: np.ndarray = values / peak if peak > 0 else values
    return scaled
